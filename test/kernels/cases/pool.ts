/** Cases of pooling: chosen ones, and random ones. */
import { AveragePool, type AveragePoolOptions } from '../../../src/ops/average-pool.js';
import { LpPool, type LpPoolOptions } from '../../../src/ops/lp-pool.js';
import { MaxPool, type MaxPoolOptions } from '../../../src/ops/max-pool.js';
import { MaxUnpool, type MaxUnpoolOptions } from '../../../src/ops/max-unpool.js';
import type { Op } from '../../../src/ops/op.js';
import { outputExtent } from '../../../src/ops/window.js';
import { randomNumbers, type CaseInput, type OpCase } from '../harness.js';

type Dims = readonly number[];

const floats = (dims: Dims): CaseInput => ({ dtype: 'f32', dims });

const max = (name: string, dims: Dims, options: MaxPoolOptions): OpCase => ({
  name: `max pool ${name} of ${dims.join('x')}`,
  op: new MaxPool(options),
  inputs: [floats(dims)],
});

/** With few different numbers, so that many windows have their maximum twice. */
const indices = (name: string, dims: Dims, options: MaxPoolOptions): OpCase => ({
  name: `max pool with indices ${name} of ${dims.join('x')}`,
  op: new MaxPool({ indices: 'row-major', ...options }),
  inputs: [{ dtype: 'f32', dims, values: steps(dims) }],
});

function steps(dims: Dims): number[] {
  const random = randomNumbers(dims.length);
  return Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => Math.floor(random() * 5) / 2 - 2);
}

const average = (name: string, dims: Dims, options: AveragePoolOptions): OpCase => ({
  name: `average pool ${name} of ${dims.join('x')}`,
  op: new AveragePool(options),
  inputs: [floats(dims)],
});

const lp = (name: string, dims: Dims, options: LpPoolOptions): OpCase => ({
  name: `lp pool ${name} of ${dims.join('x')}`,
  op: new LpPool(options),
  inputs: [floats(dims)],
});

const bytes = (dtype: 'i8' | 'u8', dims: Dims, options: MaxPoolOptions): OpCase => ({
  name: `max pool ${dtype} of ${dims.join('x')}`,
  op: new MaxPool(options),
  inputs: [{ dtype, dims, range: dtype === 'i8' ? [-128, 127] : [0, 255] }],
});

/** Indices as MaxPool gives them: one per window of 2x2 without overlap, so that none is met twice. */
function unpool(name: string, dims: Dims, options: Partial<MaxUnpoolOptions> = {}): OpCase {
  const [batch, channels, height, width] = dims;
  const random = randomNumbers(7);
  const values: number[] = [];
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let h = 0; h < height; h++) {
      for (let w = 0; w < width; w++) {
        const row = 2 * h + Math.floor(2 * random());
        values.push((plane * 2 * height + row) * 2 * width + 2 * w + Math.floor(2 * random()));
      }
    }
  }
  return {
    name: `max unpool ${name} of ${dims.join('x')}`,
    op: new MaxUnpool({ kernel: [2, 2], strides: [2, 2], ...options }),
    inputs: [floats(dims), { dtype: 'i64', dims, values }],
  };
}

/** Poolings of random shapes, windows and kinds: the same ones in every run. */
function randomCases(count: number): OpCase[] {
  const random = randomNumbers(2016);
  const whole = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const cases: OpCase[] = [];
  while (cases.length < count) {
    const axes = random() < 0.2 ? whole(1, 3) : 2;
    const list = (low: number, high: number): number[] =>
      Array.from({ length: axes }, () => whole(low, high));
    const kernel = list(1, 4);
    const dims = [random() < 0.3 ? 4 : whole(1, 5), random() < 0.3 ? 8 : whole(1, 6), ...list(1, 11)];
    const options = {
      kernel,
      strides: list(1, 3),
      dilations: random() < 0.2 ? list(1, 2) : undefined,
      padsBegin: kernel.map((taps) => (random() < 0.5 ? 0 : whole(0, taps - 1))),
      padsEnd: kernel.map((taps) => (random() < 0.5 ? 0 : whole(0, taps))),
      ceilMode: random() < 0.4,
    };
    const extents = kernel.map((taps, axis) =>
      outputExtent(
        dims[axis + 2],
        {
          kernel: taps,
          stride: options.strides[axis],
          dilation: options.dilations?.[axis] ?? 1,
          padBegin: options.padsBegin[axis],
          padEnd: options.padsEnd[axis],
        },
        options.ceilMode,
      ),
    );
    if (extents.some((extent) => extent < 1)) continue;
    const kinds: readonly (() => Op)[] = [
      () => new MaxPool(options),
      () => new MaxPool({ ...options, indices: random() < 0.5 ? 'row-major' : 'column-major' }),
      () => new AveragePool({ ...options, countIncludePad: random() < 0.5 }),
      () => new LpPool({ ...options, p: whole(1, 3) }),
    ];
    const op = kinds[cases.length % kinds.length]();
    cases.push({
      name: `random ${cases.length}: ${op.type} ${JSON.stringify(op.attributes)} of ${dims.join('x')}`,
      op,
      inputs: [floats(dims)],
    });
  }
  return cases;
}

export const poolCases: readonly OpCase[] = [
  max('2x2 stride 2', [4, 4, 8, 8], { kernel: [2, 2], strides: [2, 2] }),
  max('3x3 stride 2 in bands', [1, 2, 75, 63], { kernel: [3, 3], strides: [2, 2], padsBegin: [1, 1] }),
  max('3x2 stride 1x3, asymmetric', [1, 5, 9, 10], {
    kernel: [3, 2],
    strides: [1, 3],
    padsBegin: [2, 0],
    padsEnd: [0, 1],
  }),
  max('larger than the input', [2, 3, 3, 2], { kernel: [5, 6], padsBegin: [2, 2], padsEnd: [2, 3] }),
  max('only padding', [1, 6, 3, 3], { kernel: [2, 2], strides: [2, 2], padsBegin: [2, 2], padsEnd: [2, 2] }),
  max('20x3', [1, 4, 24, 9], { kernel: [20, 3] }),
  max('dilated', [4, 5, 9, 10], { kernel: [3, 2], dilations: [2, 3], padsBegin: [1, 1], padsEnd: [2, 1] }),
  max('1-D', [4, 5, 17], { kernel: [3], strides: [2], padsBegin: [1], padsEnd: [1] }),
  max('3-D', [2, 4, 5, 6, 7], { kernel: [2, 3, 2], strides: [2, 2, 1], padsEnd: [0, 1, 1] }),
  max('4-D', [1, 2, 3, 4, 3, 5], { kernel: [2, 2, 1, 3], strides: [1, 2, 1, 2], padsBegin: [1, 0, 0, 1] }),
  max('over one element', [1, 1, 1], { kernel: [1] }),
  bytes('i8', [2, 4, 5, 5], { kernel: [3, 3], strides: [2, 2], padsBegin: [1, 1] }),
  bytes('u8', [4, 3, 5, 6], { kernel: [2, 2], dilations: [2, 1], padsEnd: [1, 1] }),
  indices('3x3 stride 2', [4, 8, 7, 7], { kernel: [3, 3], strides: [2, 2], padsBegin: [1, 1] }),
  indices('dilated', [2, 3, 8, 9], { kernel: [2, 2], dilations: [3, 2], indices: 'column-major' }),
  indices('3-D', [1, 5, 4, 5, 3], { kernel: [2, 2, 2], indices: 'column-major' }),
  indices('4-D', [1, 2, 3, 2, 3, 2], { kernel: [2, 1, 2, 2], indices: 'column-major' }),
  indices('global in parts', [1, 2, 81, 101], { kernel: [81, 101], indices: 'column-major' }),
  average('padding counted', [2, 5, 7, 6], {
    kernel: [3, 3],
    strides: [2, 2],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
    countIncludePad: true,
    ceilMode: true,
  }),
  average('only padding', [1, 3, 3], { kernel: [1], strides: [2], padsBegin: [2] }),
  average('dilated', [1, 4, 8, 8], {
    kernel: [2, 2],
    dilations: [2, 3],
    padsBegin: [1, 1],
    countIncludePad: true,
  }),
  average('3-D', [1, 4, 4, 5, 6], { kernel: [2, 2, 3], padsBegin: [1, 1, 1], countIncludePad: true }),
  average('4-D', [1, 2, 3, 2, 3, 4], {
    kernel: [2, 2, 2, 2],
    padsBegin: [1, 0, 1, 0],
    countIncludePad: true,
  }),
  average('global, padded', [4, 6, 5, 4], {
    kernel: [7, 6],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
    countIncludePad: true,
  }),
  average('global in parts', [4, 4, 70, 70], { kernel: [70, 70] }),
  lp('2 of 3x3 stride 2', [4, 6, 7, 7], { kernel: [3, 3], strides: [2, 2], padsBegin: [1, 1] }),
  lp('2.5 of 1-D', [2, 4, 11], { kernel: [3], p: 2.5 }),
  lp('3 of 3-D', [1, 4, 3, 4, 5], { kernel: [2, 2, 2], p: 3, dilations: [1, 2, 1] }),
  lp('1 of 2x1', [2, 3, 6, 5], { kernel: [2, 1], p: 1 }),
  unpool('2x2', [4, 4, 3, 5]),
  unpool('in a larger output', [2, 5, 3, 2], { outputDims: [8, 5] }),
  ...randomCases(8),
];
