import { describe, expect, it } from 'vitest';
import type { GpuLimits } from '../../src/devices/gpu.js';
import { convGeometry } from '../../src/kernels/conv/geometry.js';
import { stemRefusal } from '../../src/kernels/stem/stem.js';
import {
  STEM_SIZES,
  stemChunks,
  stemSizes,
  stemSizesRefusal,
  stemTile,
} from '../../src/kernels/stem/choice.js';
import { stemBytes, stemThreads, stemTileRefusal, type StemKind } from '../../src/kernels/stem/tile.js';
import type { ConvProblem } from '../../src/kernels/conv/problem.js';
import { weightLayout } from '../../src/kernels/conv/weights.js';
import { Conv, type ConvOptions } from '../../src/ops/conv.js';
import { layoutOf, type Dims, type LayoutKind } from '../../src/tensor/index.js';
import { DEFAULT_LIMITS } from '../support/limits.js';
import { stemCases } from './cases/stem.js';
import { describeCases } from './run-cases.js';

describeCases('staged direct convolutions', stemCases);

const KINDS: readonly StemKind[] = ['lines', 'vectors', 'columns', 'images'];

/** What networks begin with: x, w, stride. */
const FIRST_LAYERS: readonly (readonly [Dims, Dims, number])[] = [
  [[128, 1, 28, 28], [16, 1, 5, 5], 1],
  [[128, 3, 24, 24], [64, 3, 5, 5], 1],
  [[64, 3, 224, 224], [96, 3, 3, 3], 2],
  [[32, 3, 224, 224], [64, 3, 3, 3], 1],
  [[64, 3, 224, 224], [64, 3, 7, 7], 2],
  [[128, 3, 224, 224], [96, 3, 11, 11], 4],
  [[1, 4, 6, 5], [4, 4, 1, 1], 1],
];

const H200: GpuLimits = {
  ...DEFAULT_LIMITS,
  maxWorkgroupBytes: 49152,
  maxInvocations: 1024,
  maxWorkgroupSize: [1024, 1024, 64],
  subgroupSize: [32, 32],
};

function geometryOf(x: Dims, w: Dims, stride: number) {
  const op = new Conv({ strides: [stride, stride] });
  const [y] = op.infer([x, w].map((dims) => ({ dtype: 'f32', dims })));
  return convGeometry(op, x, w, y.dims, false);
}

function problem(
  x: Dims,
  w: Dims,
  layouts: readonly [LayoutKind, LayoutKind],
  options: Partial<ConvOptions> = {},
): ConvProblem {
  const op = new Conv({ strides: x.slice(2).map(() => 1), ...options });
  const [y] = op.infer([x, w].map((dims) => ({ dtype: 'f32', dims })));
  const [from, to] = layouts.map((kind) => layoutOf(kind, x.length));
  return {
    geometry: convGeometry(op, x, w, y.dims, false),
    x: { dims: x, layout: from, type: 'f32' },
    w: { dims: w, layout: weightLayout(x.length, false), type: 'f32' },
    y: { dims: y.dims, layout: to, type: 'f32' },
    flops: 0,
    bytes: 0,
  };
}

function sizesOfBatch(n: number) {
  return stemSizes(geometryOf([n, 3, 32, 32], [64, 3, 3, 3], 1), 'lines', H200);
}

describe('sizes of staged direct convolutions', () => {
  it.each(FIRST_LAYERS)('there are good ones for %j by %j', (x, w, stride) => {
    const geometry = geometryOf(x, w, stride);
    for (const limits of [DEFAULT_LIMITS, H200]) {
      for (const kind of KINDS) {
        const sizes = stemSizes(geometry, kind, limits);
        const tile = sizes && stemTile(geometry, kind, limits, sizes);
        if (!tile) throw new Error(`none for ${kind}`);
        expect(stemSizesRefusal(geometry, kind, limits, sizes)).toBeUndefined();
        expect(stemTileRefusal(geometry, kind, tile, limits)).toBeUndefined();
        expect(stemThreads(tile)).toBeLessThanOrEqual(limits.maxInvocations);
        expect(stemBytes(geometry, kind, tile)).toBeLessThanOrEqual(limits.maxWorkgroupBytes);
        expect(stemChunks(geometry, kind)).toContain(tile.chunk);
        expect(STEM_SIZES.positions).toContain(tile.positions);
      }
    }
  });

  it('small outputs have few sums per invocation', () => {
    expect(sizesOfBatch(128)).toMatchObject({ positions: 8, channels: 8 });
    expect(sizesOfBatch(1)).toMatchObject({ positions: 4, channels: 4 });
  });

  it('illegal ones are refused', () => {
    const geometry = geometryOf([4, 3, 32, 32], [64, 3, 3, 3], 1);
    const tile = stemTile(geometry, 'lines', H200);
    if (!tile) throw new Error('no default');
    const refusal = (changes: Partial<typeof tile>) =>
      stemTileRefusal(geometry, 'lines', { ...tile, ...changes }, H200);
    expect(refusal({})).toBeUndefined();
    expect(refusal({ positions: 2 })).toMatch(/between vectors/);
    expect(refusal({ positions: 16, channels: 16 })).toMatch(/128 sums/);
    expect(refusal({ chunk: 2 })).toMatch(/divide/);
    expect(refusal({ outerLanes: 3, alongLanes: 1, pair: 2 })).toMatch(/no lanes to pair/);
    expect(refusal({ chunk: 3, tiles: 2 })).toMatch(/whole windows/);
    expect(refusal({ outerLanes: 400 })).toMatch(/invocations per workgroup/);
    expect(stemTileRefusal(geometry, 'lines', tile, { ...H200, maxWorkgroupBytes: 1024 })).toMatch(/bytes/);
  });
});

it('sizes that make the same tile are tried once', () => {
  const geometry = geometryOf([4, 3, 14, 14], [16, 3, 3, 3], 1);
  const sizes = { positions: 4, channels: 8, chunk: 9, tiles: 1, threads: 64, pair: 1 };
  expect(stemSizesRefusal(geometry, 'columns', H200, sizes)).toBeUndefined();
  expect(stemSizesRefusal(geometry, 'columns', H200, { ...sizes, threads: 512 })).toMatch(/the same as/);
});

describe('staged direct convolutions refuse', () => {
  const x = [4, 3, 9, 9];

  it('nothing of a plain one', () => {
    expect(stemRefusal(problem(x, [8, 3, 3, 3], ['nchw', 'nhwc']))).toBeUndefined();
  });

  it.each<readonly [string, ConvProblem, RegExp]>([
    ['no elements', problem([0, 3, 9, 9], [8, 3, 3, 3], ['nchw', 'nhwc']), /empty/],
    ['groups', problem([4, 4, 9, 9], [8, 2, 3, 3], ['nchw', 'nhwc'], { group: 2 }), /groups/],
    ['dilated windows', problem(x, [8, 3, 3, 3], ['nchw', 'nhwc'], { dilations: [1, 2] }), /dilated/],
    ['three axes', problem([4, 3, 9, 9, 9], [8, 3, 3, 3, 3], ['nchw', 'nhwc']), /three spatial/],
    ['odd channels', problem(x, [6, 3, 3, 3], ['nchw', 'nhwc']), /vectors of four/],
    ['blocked outputs', problem(x, [8, 3, 3, 3], ['nchw', 'nchw4c']), /blocks/],
    ['odd batches of images', problem([3, 3, 9, 9], [8, 3, 3, 3], ['chwn', 'chwn']), /images do not fill/],
    ['images turned', problem(x, [8, 3, 3, 3], ['chwn', 'nhwc']), /images innermost/],
  ])('%s', (_, given, reason) => {
    expect(stemRefusal(given)).toMatch(reason);
  });
});
