/** Tiles of matrix products and convolutions: every legal one is right, and all are found on one grid. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/candidates/candidate.js';
import type { SizeGrid } from '../../src/candidates/grid.js';
import { TILE_AXES } from '../../src/candidates/tiles.js';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import {
  PARTS,
  choiceRefusal,
  estimatedSeconds,
  processorsOf,
  tileChoices,
} from '../../src/kernels/gemm/choice.js';
import { roundsOf, tileRefusal, tileTag, type Product } from '../../src/kernels/gemm/tile.js';
import { Conv } from '../../src/ops/conv.js';
import { Gemm } from '../../src/ops/gemm.js';
import { LARGE_LIMITS } from '../support/limits.js';
import type { CaseRun, OpCase } from './harness.js';
import { contextOf, randomNumbers, runCase, sizeRuns, wholeRuns } from './harness.js';

/** Odd on every side, and larger than half of the largest tile. */
const cases: readonly OpCase[] = [
  {
    name: 'a convolution of odd sizes',
    op: new Conv({ strides: [2, 1], padsBegin: [1, 1], padsEnd: [0, 1] }),
    inputs: [
      { dtype: 'f32', dims: [3, 5, 13, 11] },
      { dtype: 'f32', dims: [141, 5, 3, 3] },
      { dtype: 'f32', dims: [141] },
    ],
  },
  {
    name: 'a pointwise convolution with four channels to a vector',
    op: new Conv({ strides: [1, 1] }),
    inputs: [
      { dtype: 'f32', dims: [2, 36, 9, 9] },
      { dtype: 'f32', dims: [132, 36, 1, 1] },
    ],
  },
  {
    name: 'a matrix product of odd sizes',
    op: new Gemm(),
    inputs: [
      { dtype: 'f32', dims: [135, 37] },
      { dtype: 'f32', dims: [37, 139] },
    ],
  },
];

function placeOf({ id, sizes }: Candidate): NonNullable<Candidate['sizes']> {
  if (sizes) return sizes;
  throw new Error(`${id} has no place`);
}

interface TileRun {
  readonly testCase: OpCase;
  readonly run: CaseRun;
}

/** Of the runs as few as have every size of every axis, more or less, at random. */
function covering(runs: readonly TileRun[], random: () => number): TileRun[] {
  const seen = new Set<string>();
  const shuffled = runs.map((run) => ({ run, key: random() })).sort((a, b) => a.key - b.key);
  return shuffled
    .map(({ run }) => run)
    .filter(({ run: { candidate } }) => {
      const { grid, at } = placeOf(candidate);
      const traits = grid.sizesAt(at).map((size, axis) => `${grid.axes[axis].name} ${size}`);
      const fresh = traits.some((trait) => !seen.has(trait));
      for (const trait of traits) seen.add(trait);
      return fresh;
    });
}

describe('tiles', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => {
    device.destroy();
  });
  /** Some of the grids of a case. */
  const gridsOf = (testCase: OpCase, limits = device.limits): SizeGrid<Candidate>[] => {
    const runs = wholeRuns(testCase, { ...contextOf(device, 'f32'), limits });
    return [...new Set(runs.flatMap(({ candidate }) => candidate.sizes?.grid ?? []))].slice(0, 2);
  };

  it('are right on odd sizes', async () => {
    const all = cases.flatMap((testCase) =>
      sizeRuns(testCase, contextOf(device, 'f32')).map((run) => ({ testCase, run })),
    );
    // All of them are thousands of long texts: hours on software.
    const some = process.env['LANEWISE_THOROUGH'] ? all : covering(all, randomNumbers(5));
    const failures: string[] = [];
    for (const { testCase, run } of some) {
      const [{ candidate, failure }] = await runCase(device, testCase, 'f32', [run]);
      if (failure !== undefined) failures.push(`${testCase.name}, ${candidate}: ${failure}`);
    }
    expect(failures).toEqual([]);
    expect(new Set(some.map(({ testCase }) => testCase)).size).toBe(cases.length);
  }, 36_000_000);

  it('stand on grids where each is reached from each, and is found by its id', () => {
    for (const grid of cases.flatMap((one) => [...gridsOf(one), ...gridsOf(one, LARGE_LIMITS)])) {
      const points = grid.points();
      for (const point of points) {
        const candidate = grid.at(point);
        expect(grid.find(candidate.id)).toBe(candidate);
        expect(candidate.workspace).toHaveLength(/_split/.test(candidate.id) ? 1 : 0);
      }
      const reached = new Map([[String(points[0]), points[0]]]);
      for (const point of reached.values()) {
        for (const next of grid.neighbours(point))
          reached.set(String(next), reached.get(String(next)) ?? next);
      }
      expect(reached.size).toBe(points.length);
    }
  });

  it('are found by ids of legal ones alone', () => {
    const [grid] = gridsOf(cases[2]);
    const [{ id: some }] = grid.points().map((point) => grid.at(point));
    const [prefix] = some.split('_t');
    expect(grid.find(`${prefix}_t64x64x16r8_f32`)?.id).toBe(`${prefix}_t64x64x16r8_f32`);
    expect(grid.find(`${prefix}_t64x64x16r8_split2_f32`)?.id).toBe(`${prefix}_t64x64x16r8_split2_f32`);
    for (const id of [
      `${prefix}_t64x64x16r8_f16`,
      `${prefix}_t64x64x16r8_split1_f32`,
      `${prefix}_t64x64x16r8_split7_f32`,
      `${prefix}_t64x64x16r8_split2_reduce_f32`,
      `${prefix}_t48x64x16r8_f32`,
      `${prefix}_t64x64x16r16_f32`,
      `${prefix}_naive_f32`,
      `conv_${some}`,
    ]) {
      expect([id, grid.find(id)?.id]).toEqual([id, undefined]);
    }
    expect(() => grid.at(grid.pointOf([32, 32, 8, 16, 16, 1, 1]) ?? [])).toThrow(RangeError);
    const [large] = gridsOf(cases[2], LARGE_LIMITS);
    expect(large.find(`${prefix}_t64x64x16r8u8_f32`)?.id).toBe(`${prefix}_t64x64x16r8u8_f32`);
    expect(grid.find(`${prefix}_t64x64x16r8u8_f32`)).toBeUndefined();
  });
});

function partsOf(product: Product, processors: number): number {
  return tileChoices(product, LARGE_LIMITS, 1, { processors })[0].parts;
}

function areaOf(product: Product): number {
  const [{ tile }] = tileChoices(product, LARGE_LIMITS, 1, { splits: [1] });
  return tile.rows * tile.cols;
}

describe('the choice of tiles', () => {
  const large: Product = { rows: 4096, cols: 4096, depth: 4096, batches: 1 };

  it('refuses what is of no use, with the reason', () => {
    const tile = { rows: 128, cols: 128, depth: 16, microRows: 8, microCols: 8 };
    const refusal = (product: Partial<Product>, parts = 1, limits = LARGE_LIMITS) =>
      choiceRefusal({ ...large, ...product }, { tile, parts }, limits);
    expect(refusal({})).toBeUndefined();
    expect(refusal({ rows: 65 })).toBeUndefined();
    expect(refusal({ rows: 64 })).toBe("half of the tile's rows would be empty");
    expect(refusal({ cols: 1 })).toBe("half of the tile's cols would be empty");
    expect(refusal({ depth: 64 }, 4)).toBeUndefined();
    expect(refusal({ depth: 48 }, 4)).toBe('one of 4 parts would have no step');
    // Five steps make four parts of two, two, one and none.
    expect(refusal({ depth: 80 }, 4)).toBe('one of 4 parts would have no step');
    expect(refusal({}, 16, { ...LARGE_LIMITS, maxBindingBytes: 2 ** 29 })).toBe(
      'the partial sums take 1073741824 bytes',
    );
    expect(refusal({}, 1, { ...LARGE_LIMITS, maxInvocations: 128 })).toBe(
      tileRefusal(tile, { ...LARGE_LIMITS, maxInvocations: 128 }),
    );
  });

  it('has every choice on the grid, whatever the product', () => {
    const random = randomNumbers(9);
    const side = (): number => Math.ceil(2 ** (random() * 14));
    for (let i = 0; i < 300; i++) {
      const product = { rows: side(), cols: side(), depth: side(), batches: Math.ceil(random() * 4) };
      const choices = tileChoices(product, LARGE_LIMITS, 3, { processors: Math.ceil(random() * 200) });
      expect(choices.length).toBeGreaterThan(0);
      expect(new Set(choices.map(({ tile }) => tileTag(tile))).size).toBe(choices.length);
      for (const { tile, parts } of choices) {
        expect(choiceRefusal(product, { tile, parts }, LARGE_LIMITS)).toBeUndefined();
        expect(PARTS).toContain(parts);
        expect(TILE_AXES[0].sizes).toContain(tile.rows);
        expect(TILE_AXES[1].sizes).toContain(tile.cols);
      }
    }
  });

  it('writes out no more than pays, and on software nothing', () => {
    const [{ tile }] = tileChoices(large, LARGE_LIMITS, 1);
    expect([tileTag(tile), roundsOf(tile)]).toEqual(['t128x128x16r8x16u8', 2]);
    const [software] = tileChoices(large, { ...LARGE_LIMITS, subgroupSize: [4, 4] }, 1);
    expect([tileTag(software.tile), software.tile.unroll]).toEqual(['t128x128x16r8x16', 1]);
    const shape = { rows: 64, cols: 64, depth: 16, microCols: 8 };
    const refusals = [
      { ...shape, microRows: 8, unroll: 8 },
      { ...shape, microRows: 8, unroll: 4 },
      { ...shape, microRows: 4, microCols: 4, unroll: 8 },
    ].map((tried) => tileRefusal(tried, LARGE_LIMITS));
    expect(refusals).toEqual([undefined, 'too few depths are written out', 'little is written out as it is']);
  });

  it('splits the depth where there are few workgroups, and not where there are many', () => {
    expect(partsOf(large, 132)).toBe(1);
    expect(partsOf({ ...large, rows: 128, depth: 8192 }, 132)).toBeGreaterThan(1);
    expect(partsOf({ ...large, rows: 128, depth: 8192 }, 8)).toBe(1);
    expect(partsOf({ ...large, rows: 128, cols: 128, depth: 64 }, 132)).toBe(1);
  });

  it('takes large tiles for large products, and small ones where large ones would leave processors idle', () => {
    expect(areaOf(large)).toBe(128 * 128);
    expect(areaOf({ ...large, rows: 256, cols: 256, depth: 512 })).toBeLessThan(128 * 128);
  });

  it('expects time in proportion to the work of large products, and less of more processors', () => {
    const choice = {
      tile: { rows: 128, cols: 128, depth: 16, microRows: 8, microCols: 8 },
      parts: 1,
    };
    const time = estimatedSeconds(large, choice, 132);
    expect(estimatedSeconds({ ...large, batches: 8 }, choice, 132) / time).toBeCloseTo(8, 0);
    expect(estimatedSeconds(large, choice, 66) / time).toBeCloseTo(2, 0);
    expect(estimatedSeconds(large, { ...choice, parts: 4 }, 132)).toBeGreaterThan(time);
    expect((2 * 4096 ** 3) / time / 1e12).toBeGreaterThan(30);
    expect((2 * 4096 ** 3) / time / 1e12).toBeLessThan(64);
  });

  it('tells the number of processors from the rate of multiply-adds', () => {
    expect(processorsOf(63.9e12)).toBe(132);
    expect(processorsOf(5e12)).toBe(10);
    expect(processorsOf(1e9)).toBe(1);
  });
});
