/** Cases of convolutions with the pooling behind them as one kernel. */
import { fusionsFor } from '../../../src/candidates/index.js';
import { AveragePool } from '../../../src/ops/average-pool.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { MaxPool } from '../../../src/ops/max-pool.js';
import { Op, type InputTensors, type InputTypes } from '../../../src/ops/op.js';
import { hardSwish, leakyRelu, relu } from '../../../src/ops/unary-functions.js';
import type { Tensor, TensorType } from '../../../src/tensor/index.js';
import { randomNumbers, type OpCase } from '../harness.js';

/** What a convolution and a pooling are together. */
class ConvPool extends Op {
  readonly type = 'ConvPool';
  readonly conv: Conv;
  readonly pool: MaxPool | AveragePool;

  constructor(conv: Conv, pool: MaxPool | AveragePool) {
    super();
    this.conv = conv;
    this.pool = pool;
  }

  infer(inputs: InputTypes): TensorType[] {
    return this.pool.infer(this.conv.infer(inputs));
  }

  reference(inputs: InputTensors): Tensor[] {
    return this.pool.reference(this.conv.reference(inputs));
  }
}

interface Shape extends Partial<ConvOptions>, Activated {
  readonly bias?: boolean;
}

/** A case of `x` convolved with `w` of ONNX's dims, then pooled. */
function convPool(
  name: string,
  x: readonly number[],
  w: readonly number[],
  { bias = true, ...options }: Shape,
  pool: MaxPool | AveragePool,
): OpCase {
  const conv = new Conv({ strides: [1, 1], ...options });
  const dims = [x, w, ...(bias ? [[w[0]]] : [])];
  return {
    name: `conv and pool ${name}`,
    op: new ConvPool(conv, pool),
    inputs: dims.map((input) => ({ dtype: 'f32', dims: input })),
    candidates: (types, context) =>
      fusionsFor(conv, pool, { ...types, middle: conv.infer(types.inputs)[0], others: [] }, context),
  };
}

type Window = readonly [height: number, width: number, ceilMode?: boolean];

const max = (...[height, width, ceilMode = false]: Window): MaxPool =>
  new MaxPool({ kernel: [height, width], strides: [height, width], ceilMode });
const average = (...[height, width, ceilMode = false]: Window): AveragePool =>
  new AveragePool({ kernel: [height, width], strides: [height, width], ceilMode });

/** Windows that random shapes have, those of the implicit GEMM the more often. */
const WINDOWS = [
  [2, 2],
  [2, 2],
  [2, 2],
  [1, 4],
  [4, 1],
  [3, 2],
  [1, 3],
] as const;

/** Shapes drawn at random, deterministic: any convolution, any window, rests left out or stood out of. */
function randomPairs(count: number): OpCase[] {
  const random = randomNumbers(11);
  const from = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: count }, (_, i) => {
    const kernel = [from(1, 3), from(1, 4)];
    const pads = [from(0, 2), from(0, 1)];
    const [height, width] = WINDOWS[from(0, WINDOWS.length - 1)];
    const pool = [max, average][from(0, 1)](height, width, from(0, 1) === 1);
    // Planes from one window upwards.
    const strides = [from(1, 2), from(1, 2)];
    const spatial = kernel.map((taps, axis) => {
      const least = (pool.kernel[axis] - 1) * strides[axis] + taps - 2 * pads[axis];
      return Math.max(1, least + from(0, 7));
    });
    const [channels, outChannels] = [from(1, 9), from(1, 9)];
    return convPool(
      `random ${i}`,
      [from(1, 5), channels, ...spatial],
      [outChannels, channels, ...kernel],
      { strides, padsBegin: pads, padsEnd: pads, activation: leakyRelu(0.1) },
      pool,
    );
  });
}

/** How many random shapes every test run has. */
const DEFAULT_RANDOM = 3;

const padded = { padsBegin: [1, 1], padsEnd: [1, 1] };

/** A case per kernel and kind of load, store and edge, and some random ones. */
export const convPoolCases: readonly OpCase[] = [
  convPool('in vectors', [4, 8, 8, 8], [12, 8, 3, 3], { ...padded, activation: relu }, max(2, 2)),
  convPool('5x5 of 1 channel', [1, 1, 10, 12], [16, 1, 5, 5], { activation: relu }, max(2, 2)),
  convPool('3 channels, a rest left', [2, 3, 7, 9], [6, 3, 3, 3], { ...padded, bias: false }, max(2, 2)),
  convPool('5 channels, averaged', [3, 5, 6, 4], [7, 5, 3, 3], padded, average(2, 2)),
  convPool(
    'standing out of an unpadded plane',
    [2, 4, 7, 9],
    [8, 4, 3, 3],
    { activation: hardSwish },
    max(2, 2, true),
  ),
  convPool('averaged, standing out', [1, 6, 5, 7], [9, 6, 2, 2], { strides: [1, 2] }, average(2, 2, true)),
  convPool('windows of 3x3', [2, 2, 9, 11], [5, 2, 3, 3], padded, max(3, 3)),
  convPool('windows of 3x3, averaged, standing out', [1, 5, 8, 7], [9, 5, 1, 1], {}, average(3, 3, true)),
  convPool('windows of a line', [4, 3, 5, 6], [4, 3, 2, 2], { dilations: [2, 1] }, max(1, 2)),
  convPool('windows of 4x1', [1, 12, 9, 3], [34, 12, 1, 1], { activation: hardSwish }, average(4, 1)),
  convPool('deep, in parts', [1, 160, 4, 4], [36, 160, 3, 3], { ...padded, activation: relu }, max(2, 2)),
  convPool('of many outputs', [2, 8, 16, 16], [68, 8, 3, 3], padded, max(2, 2)),
  ...randomPairs(DEFAULT_RANDOM),
];

/** More of the same, for changes to the kernels. */
export const thoroughConvPoolCases: readonly OpCase[] = [
  convPool('of more outputs', [8, 8, 16, 16], [68, 8, 3, 3], padded, average(2, 2)),
  convPool('one window', [1, 1, 2, 2], [1, 1, 1, 1], { bias: false }, max(2, 2)),
  convPool('windows of 4x4', [1, 3, 9, 9], [4, 3, 2, 2], {}, average(4, 4)),
  ...randomPairs(12).slice(DEFAULT_RANDOM),
];
