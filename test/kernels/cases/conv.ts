/** Cases of convolutions: small shapes of every kind, and random ones. */
import { ConvInteger } from '../../../src/ops/conv-integer.js';
import { ConvTranspose, type ConvTransposeOptions } from '../../../src/ops/conv-transpose.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { leakyRelu, relu } from '../../../src/ops/unary-functions.js';
import { randomNumbers, type CaseInput, type OpCase } from '../harness.js';

function f32(dims: readonly number[]): CaseInput {
  return { dtype: 'f32', dims };
}

/** What is added to the product. */
interface Fused {
  readonly bias?: boolean;
  readonly residual?: boolean;
}

function conv(
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: Partial<ConvOptions> & Activated & Fused = {},
): OpCase {
  const op = new Conv({ ...options, strides: options.strides ?? x.slice(2).map(() => 1) });
  const [y] = op.infer([
    { dtype: 'f32', dims: x },
    { dtype: 'f32', dims: w },
  ]);
  const inputs = [
    f32(x),
    f32(w),
    options.bias ? f32([w[0]]) : undefined,
    options.residual ? f32(y.dims) : undefined,
  ];
  return { name: `conv ${name}`, op, inputs: inputs.slice(0, options.residual ? 4 : 3) };
}

function transposed(
  name: string,
  x: readonly number[],
  w: readonly number[],
  options: ConvTransposeOptions,
): OpCase {
  const bias = f32([w[1] * (options.group ?? 1)]);
  return { name: `transposed conv ${name}`, op: new ConvTranspose(options), inputs: [f32(x), f32(w), bias] };
}

/** Shapes drawn at random, deterministic: windows, steps, padding and groups in every mixture. */
function randomConvs(count: number): OpCase[] {
  const random = randomNumbers(7);
  const from = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: count }, (_, i) => {
    const group = from(1, 2);
    const [own, out] = [from(1, 6), from(1, 6)];
    const kernel = [from(1, 4), from(1, 3)];
    const dilations = [from(1, 2), from(1, 2)];
    const extent = kernel.map((taps, axis) => (taps - 1) * dilations[axis] + 1);
    const [padsBegin, padsEnd] = [
      [from(0, 2), from(0, 2)],
      [from(0, 2), from(0, 2)],
    ];
    // From windows that only just fit into the padded input upwards.
    const spatial = extent.map((size, axis) =>
      Math.max(1, size - padsBegin[axis] - padsEnd[axis] + from(0, 6)),
    );
    return conv(`random ${i}`, [from(1, 5), group * own, ...spatial], [group * out, own, ...kernel], {
      strides: [from(1, 3), from(1, 2)],
      dilations,
      padsBegin,
      padsEnd,
      group,
      bias: true,
    });
  });
}

/** How many random shapes every test run has: these take 4 s on two cores. */
const DEFAULT_RANDOM = 3;

const padded = { padsBegin: [1, 1], padsEnd: [1, 1] };

/** One case per kernel and kind of load, store and edge, and some random ones. */
export const convCases: readonly OpCase[] = [
  conv('in vectors', [4, 8, 6, 6], [12, 8, 3, 3], {
    ...padded,
    bias: true,
    residual: true,
    activation: relu,
  }),
  conv('odd, dilated, asymmetric', [3, 5, 9, 8], [7, 5, 3, 2], {
    dilations: [2, 3],
    padsBegin: [0, 2],
    padsEnd: [3, 1],
    strides: [1, 2],
    bias: true,
  }),
  conv('7x7 of 3 channels, stride 2', [2, 3, 15, 13], [16, 3, 7, 7], { strides: [2, 2], padsBegin: [3, 3] }),
  conv('of rank 3, pointwise', [4, 12, 24], [20, 12, 1], {
    bias: true,
    residual: true,
    activation: leakyRelu(0.1),
  }),
  conv('depthwise', [4, 8, 7, 9], [8, 1, 3, 3], { ...padded, group: 8, bias: true, activation: relu }),
  conv('depthwise, two per channel', [2, 5, 5, 6], [10, 1, 3, 3], {
    group: 5,
    dilations: [2, 1],
    strides: [1, 2],
  }),
  conv('grouped', [2, 8, 5, 5], [12, 4, 3, 3], { ...padded, group: 2, bias: true }),
  conv('of rank 3, larger than the input', [1, 6, 2], [8, 6, 5], {
    strides: [3],
    padsBegin: [2],
    padsEnd: [4],
  }),
  conv('of rank 5', [1, 5, 4, 5, 6], [6, 5, 2, 3, 2], { strides: [2, 1, 1], padsEnd: [1, 0, 2], bias: true }),
  conv('of rank 3, deep', [1, 160, 9], [36, 160, 3], { padsBegin: [1], bias: true, activation: relu }),
  transposed('4x3, stride 2x3, cropped', [1, 4, 4, 3], [4, 8, 4, 3], {
    strides: [2, 3],
    padsBegin: [1, 0],
    padsEnd: [0, 1],
    outputPadding: [1, 0],
    activation: relu,
  }),
  transposed('grouped, dilated', [4, 8, 3, 3], [8, 4, 3, 3], {
    strides: [1, 2],
    dilations: [2, 3],
    group: 2,
  }),
  transposed('with a common divisor', [1, 3, 3, 3], [3, 2, 3, 3], { strides: [2, 2], dilations: [2, 1] }),
  {
    name: 'integer conv',
    op: new ConvInteger({ strides: [1, 2], padsBegin: [1, 0], group: 2 }),
    inputs: [
      { dtype: 'u8', dims: [2, 4, 5, 6], range: [0, 255] },
      { dtype: 'i8', dims: [6, 2, 3, 2], range: [-128, 127] },
      { dtype: 'u8', dims: [], range: [0, 255] },
      { dtype: 'i8', dims: [6], range: [-9, 9] },
      { dtype: 'i32', dims: [6], range: [-99, 99] },
    ],
  },
  ...randomConvs(DEFAULT_RANDOM),
];

/** More of the same, for changes to the kernels: minutes of compilation on a software device. */
export const thoroughConvCases: readonly OpCase[] = [
  conv('one element', [1, 1, 1, 1], [1, 1, 1, 1]),
  conv('5x5 of 1 channel', [4, 1, 9, 8], [9, 1, 5, 5], { bias: true }),
  conv('pointwise', [4, 12, 4, 6], [20, 12, 1, 1], {
    bias: true,
    residual: true,
    activation: leakyRelu(0.1),
  }),
  conv('pointwise odd', [3, 5, 3, 3], [7, 5, 1, 1], { bias: true }),
  conv('pointwise, stride 2', [2, 6, 5, 5], [8, 6, 1, 1], { strides: [2, 2] }),
  conv('residual without bias', [1, 5, 4, 4], [4, 5, 2, 2], { padsEnd: [1, 1], residual: true }),
  conv('deep', [1, 160, 3, 3], [36, 160, 3, 3], { ...padded, bias: true, activation: relu }),
  conv('window larger than the input', [1, 5, 2, 2], [6, 5, 5, 5], {
    padsBegin: [2, 1],
    padsEnd: [3, 4],
    bias: true,
  }),
  conv('of many outputs', [8, 8, 16, 16], [68, 8, 3, 3], { ...padded, bias: true }),
  conv('grouped odd', [1, 6, 4, 5], [9, 2, 2, 3], { group: 3 }),
  conv('depthwise, stride 2', [1, 5, 8, 7], [5, 1, 5, 3], {
    strides: [2, 2],
    padsBegin: [2, 1],
    group: 5,
    bias: true,
  }),
  conv('depthwise, residual', [4, 4, 5, 5], [4, 1, 3, 3], { ...padded, group: 4, residual: true }),
  conv('of rank 3, depthwise', [1, 4, 11], [4, 1, 3], { group: 4, padsBegin: [1] }),
  transposed('2x2, stride 2', [2, 6, 3, 4], [6, 5, 2, 2], { strides: [2, 2] }),
  transposed('of rank 3', [2, 3, 5], [3, 4, 3], { strides: [3], padsBegin: [1] }),
  transposed('of rank 5', [1, 2, 2, 3, 2], [2, 3, 2, 2, 3], { strides: [1, 2, 2] }),
  ...randomConvs(12).slice(DEFAULT_RANDOM),
];
