import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/candidates/candidate.js';
import type { GridPoint, SizeGrid } from '../../src/candidates/grid.js';
import type { GpuDevice, KernelSource } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import {
  defaultPatch,
  defaultTile,
  isLegalPatch,
  isLegalTile,
  legalPatches,
  legalTiles,
  patchKernel,
  tileKernel,
  type PoolConfig,
} from '../../src/kernels/pool/index.js';
import { viewSize, type TensorView } from '../../src/kernels/view.js';
import { AveragePool } from '../../src/ops/average-pool.js';
import { MaxPool } from '../../src/ops/max-pool.js';
import { Tensor, convertLayout, layoutOf, offsetOf, type LayoutKind } from '../../src/tensor/index.js';
import { poolCases } from './cases/pool.js';
import {
  contextOf,
  randomNumbers,
  runCase,
  sizeRuns,
  toDevice,
  wholeRuns,
  type CaseRun,
  type OpCase,
} from './harness.js';
import { describeCases, useSoftwareDevice } from './run-cases.js';

describeCases('pooling', poolCases);

function placeOf({ id, sizes }: Candidate): NonNullable<Candidate['sizes']> {
  if (sizes) return sizes;
  throw new Error(`${id} has no place`);
}

/** All places that lead from one to another by steps to neighbours. */
function reachable(grid: SizeGrid<Candidate>, start: GridPoint): GridPoint[] {
  const reached = new Map([[String(start), start]]);
  for (const point of reached.values()) {
    for (const next of grid.neighbours(point)) reached.set(String(next), reached.get(String(next)) ?? next);
  }
  return [...reached.values()];
}

describe('patch sizes', () => {
  const device = useSoftwareDevice();
  const others = (testCase: OpCase): CaseRun[] => sizeRuns(testCase, contextOf(device(), 'f32'));

  it('are correct: a sample of those of all cases', async () => {
    // All 1,660 take minutes.
    const share = process.env['LANEWISE_THOROUGH'] ? 1 : 0.012;
    const random = randomNumbers(7);
    const failures: string[] = [];
    let count = 0;
    for (const testCase of poolCases) {
      const runs = others(testCase).filter(() => random() < share);
      count += runs.length;
      for (const { candidate, failure } of await runCase(device(), testCase, 'f32', runs)) {
        if (failure !== undefined) failures.push(`${testCase.name}, ${candidate}: ${failure}`);
      }
    }
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThan(10);
  }, 600_000);

  it('stand on one grid around each default, in its layouts, and have the ids of their kernels', () => {
    const random = randomNumbers(8);
    const kernels: [string, string][] = [];
    for (const testCase of poolCases) {
      const defaults = new Set(
        wholeRuns(testCase, contextOf(device(), 'f32')).map(({ candidate }) => candidate.id),
      );
      const grids = new Map<SizeGrid<Candidate>, Candidate[]>();
      for (const { candidate, views } of others(testCase)) {
        const { grid } = placeOf(candidate);
        expect(defaults.has(candidate.id)).toBe(false);
        expect(grid.find(candidate.id)).toBe(candidate);
        grids.set(grid, [...(grids.get(grid) ?? []), candidate]);
        if (random() < 0.1) kernels.push([candidate.id, candidate.build(views)[0].source.id]);
      }
      for (const [grid, [first, ...rest]] of grids) {
        for (const other of rest)
          expect([other.inputs, other.outputs]).toEqual([first.inputs, first.outputs]);
        const reached = reachable(grid, placeOf(first).at);
        expect(reached).toHaveLength(grid.points().length);
        expect(reached.filter((point) => defaults.has(grid.at(point).id))).toHaveLength(1);
      }
    }
    expect(kernels.length).toBeGreaterThan(50);
    expect(kernels.filter(([id, kernel]) => id !== kernel)).toEqual([]);
  });

  it('are known of the patch kernel alone', () => {
    const testCase: OpCase = {
      name: 'pool',
      op: overlapping,
      inputs: [{ dtype: 'f32', dims: [4, 8, 15, 15] }],
    };
    expect(others(testCase).map(({ candidate }) => candidate.id)).toContain('maxpool_chwn_patch7x3_f32');
    const dilated = new MaxPool({ kernel: [3, 3], strides: [2, 2], dilations: [2, 2] });
    expect(others({ ...testCase, op: dilated })).toEqual([]);
  });
});

const overlapping = new MaxPool({ kernel: [3, 3], strides: [2, 2] });

const POISON = 12345;

/** A pooling of f32 in one layout, its input and what it must give. */
class Fixture {
  readonly config: PoolConfig;
  readonly #input: Tensor;
  readonly #expected: Tensor;

  constructor(
    op: MaxPool | AveragePool,
    kind: LayoutKind,
    dims: readonly number[],
    limits: GpuDevice['limits'],
    within?: (dims: readonly number[]) => NonNullable<TensorView['within']>,
  ) {
    const random = randomNumbers(dims.length);
    this.#input = Tensor.from(
      'f32',
      dims,
      Array.from({ length: dims.reduce((a, b) => a * b) }, () => random() - 0.5),
    );
    [this.#expected] = op.reference([this.#input]);
    const layout = layoutOf(kind, dims.length);
    const y = this.#expected.dims;
    this.config = {
      window: op,
      reduction:
        op instanceof MaxPool
          ? { kind: 'max', lowest: -Infinity }
          : { kind: 'average', countIncludePad: op.countIncludePad },
      x: { dims, layout, type: 'f32' },
      y: { dims: y, layout, type: 'f32', ...(within && { within: within(y) }) },
      limits,
    };
  }

  /** Runs a kernel; gives the elements that are wrong, those outside a part that were written included. */
  async wrong(device: GpuDevice, source: KernelSource): Promise<number> {
    const { x, y } = this.config;
    const bytes = 4 * viewSize(y);
    const input = await device.allocate(4 * viewSize(x), 'x');
    const output = await device.allocate(bytes, 'y');
    device.write(input, 0, toDevice(this.#input, x.layout, 'f32'));
    device.write(output, 0, new Float32Array(bytes / 4).fill(POISON));
    const [kernel] = await device.compile([source]);
    const slices = [
      { buffer: input, offset: 0, bytes: input.bytes },
      { buffer: output, offset: 0, bytes },
    ];
    const recording = await device.record([{ kernel, slices }], [slices[1]]);
    const [result] = await device.submit(recording);
    device.release(recording);
    input.destroy();
    output.destroy();
    const actual = new Float32Array(result.buffer);
    const expected = this.#elements();
    return actual.filter((value, i) => !(Math.abs(value - expected[i]) < 1e-5)).length;
  }

  #elements(): Float32Array {
    const { dims, layout, within } = this.config.y;
    const values = Float32Array.from(this.#expected.toNumbers());
    const all = new Float32Array(viewSize(this.config.y)).fill(within ? POISON : 0);
    if (!within) {
      convertLayout(values, all, dims, { name: 'row', order: [0, 1, 2, 3] }, layout);
      return all;
    }
    for (const [flat, value] of values.entries()) {
      let rest = flat;
      const index = dims.map(() => 0);
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        index[axis] = (rest % dims[axis]) + within.origin[axis];
        rest = Math.floor(rest / dims[axis]);
      }
      all[offsetOf(layout, within.dims, index)] = value;
    }
    return all;
  }
}

describe('sizes of patches and tiles on software WebGPU', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => {
    device.destroy();
  });

  const padded = new AveragePool({
    kernel: [3, 2],
    strides: [1, 1],
    padsBegin: [1, 1],
    padsEnd: [2, 1],
    countIncludePad: true,
  });

  it.each([
    { op: overlapping, kind: 'chwn', dims: [8, 3, 15, 21], patch: { height: 3, width: 4 } },
    { op: overlapping, kind: 'nhwc', dims: [1, 5, 15, 21], patch: { height: 7, width: 3 } },
    { op: overlapping, kind: 'nchw4c', dims: [1, 6, 9, 11], patch: { height: 2, width: 2 } },
    { op: padded, kind: 'nchw', dims: [2, 3, 8, 9], patch: { height: 4, width: 3 } },
    { op: padded, kind: 'nhwc', dims: [2, 8, 8, 9], patch: { height: 9, width: 4 } },
  ] as const)('patch $patch.height x $patch.width in $kind', async ({ op, kind, dims, patch }) => {
    const fixture = new Fixture(op, kind, dims, device.limits);
    expect(await fixture.wrong(device, patchKernel(fixture.config, patch))).toBe(0);
  });

  it.each([
    { op: overlapping, dims: [2, 5, 9, 11], tile: { planes: 3, band: 4, strip: 2 } },
    { op: overlapping, dims: [1, 2, 21, 13], tile: { planes: 1, band: 3, strip: 2 } },
    { op: padded, dims: [2, 3, 8, 9], tile: { planes: 1, band: 4, strip: 4 } },
    { op: padded, dims: [2, 3, 8, 9], tile: { planes: 4, band: 9, strip: 5 } },
  ])('tile of $tile.planes planes, $tile.band rows, strips of $tile.strip', async ({ op, dims, tile }) => {
    const fixture = new Fixture(op, 'nchw', dims, device.limits);
    expect(await fixture.wrong(device, tileKernel(fixture.config, tile))).toBe(0);
  });

  it.each([
    { kind: 'nhwc', channels: 4 },
    { kind: 'nhwc', channels: 3 },
    { kind: 'chwn', channels: 3 },
    { kind: 'nchw', channels: 5 },
  ] as const)(
    'stores into a part of a tensor, $kind after $channels channels',
    async ({ kind, channels }) => {
      const fixture = new Fixture(overlapping, kind, [4, 8, 7, 9], device.limits, ([n, c, h, w]) => ({
        dims: [n, c + channels + 1, h, w],
        origin: [0, channels, 0, 0],
      }));
      const source =
        kind === 'nchw' ? tileKernel(fixture.config) : patchKernel(fixture.config, { height: 2, width: 2 });
      expect(await fixture.wrong(device, source)).toBe(0);
    },
  );
});

describe('patches and tiles of the paper’s layers', () => {
  const limits = { maxWorkgroupBytes: 49152, maxInvocations: 1024, maxGrid: 65535 } as GpuDevice['limits'];
  const pool = new MaxPool({ kernel: [3, 3], strides: [2, 2] });
  const config = (kind: LayoutKind, dims: readonly number[]): PoolConfig => {
    const [y] = pool.infer([{ dtype: 'f32', dims }]);
    const layout = layoutOf(kind, 4);
    return {
      window: pool,
      reduction: { kind: 'max', lowest: -Infinity },
      x: { dims, layout, type: 'f32' },
      y: { dims: y.dims, layout, type: 'f32' },
      limits,
    };
  };
  const layers = [
    { dims: [128, 96, 55, 55] },
    { dims: [128, 192, 27, 27] },
    { dims: [64, 96, 110, 110] },
    { dims: [1, 64, 112, 112] },
  ];

  it.each(layers)('start from a legal one: $dims', ({ dims }) => {
    for (const kind of ['chwn', 'nhwc', 'nchw4c', 'nchw'] as const) {
      expect(isLegalPatch(config(kind, dims), defaultPatch(config(kind, dims)))).toBe(true);
    }
    expect(isLegalTile(config('nchw', dims), defaultTile(config('nchw', dims)))).toBe(true);
  });

  it('start from patches of a few rows, and from whole planes or even bands', () => {
    const [{ dims }] = layers;
    expect(defaultPatch(config('chwn', dims))).toEqual({ height: 2, width: 1 });
    expect(defaultPatch(config('nhwc', dims))).toEqual({ height: 2, width: 1 });
    expect(defaultPatch(config('nchw', dims))).toEqual({ height: 3, width: 1 });
    const tiles = layers.map((layer) => defaultTile(config('nchw', layer.dims)));
    expect(tiles.map(({ planes, band, strip }) => `${planes}x${band}x${strip}`)).toEqual([
      '1x27x3',
      '4x13x4',
      '1x11x3',
      '1x11x3',
    ]);
  });

  it('lists every size worth trying', () => {
    const { height } = defaultPatch(config('chwn', layers[0].dims));
    const patches = legalPatches(config('chwn', layers[0].dims));
    expect(patches.length).toBeGreaterThan(50);
    expect(patches.some((patch) => patch.height >= height)).toBe(true);
    expect(patches.every((patch) => isLegalPatch(config('chwn', layers[0].dims), patch))).toBe(true);
    const tiles = legalTiles(config('nchw', layers[2].dims));
    expect(tiles.every((tile) => isLegalTile(config('nchw', layers[2].dims), tile))).toBe(true);
    expect(tiles.length).toBeGreaterThan(3);
  });

  it('refuse others', () => {
    expect(() => patchKernel(config('chwn', layers[1].dims), { height: 14, width: 1 })).toThrow(RangeError);
    expect(() => tileKernel(config('nchw', layers[2].dims), { planes: 2, band: 5, strip: 1 })).toThrow(
      RangeError,
    );
  });
});
