/** Cases of Winograd convolution: every pair of layouts that it takes, whether it is worth while there or not. */
import type { CandidateContext, NodeTypes } from '../../../src/candidates/candidate.js';
import { CONV_KINDS } from '../../../src/candidates/conv-node.js';
import { winogradCandidates, type WinogradOptions } from '../../../src/candidates/winograd.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { leakyRelu, relu, sigmoid } from '../../../src/ops/unary-functions.js';
import { layoutOf, type Dims } from '../../../src/tensor/index.js';
import { randomNumbers, type OpCase } from '../harness.js';

interface Shape extends Partial<ConvOptions>, Activated {
  readonly bias?: boolean;
  readonly residual?: boolean;
}

/** Ids of candidates in one layout, and of some that change it. */
const SAME = /^conv_[a-z]+_winograd/;
const SOME = /^conv_(?:[a-z]+_winograd|nhwc_chwn_winograd_f[4u]|nchw_nhwc_winograd_f[4u])/;

/** A 3x3 convolution of `x` into so many channels. @param wanted ids of its candidates */
function winograd(
  name: string,
  x: Dims,
  outChannels: number,
  { bias = false, residual = false, ...options }: Shape,
  wanted: RegExp,
  workspace: WinogradOptions = {},
): OpCase {
  const op = new Conv({ strides: [1, 1], ...options });
  const w = [outChannels, x[1], 3, 3];
  const [y] = op.infer([x, w].map((dims) => ({ dtype: 'f32', dims })));
  const dims = [x, w, bias ? [outChannels] : undefined, ...(residual ? [y.dims] : [])];
  return {
    name: `winograd ${name}`,
    op,
    inputs: dims.map((input) => input && { dtype: 'f32', dims: input }),
    candidates: (types, context) =>
      allWinograd(op, types, context, workspace).filter(({ id }) => wanted.test(id)),
  };
}

function allWinograd(
  op: Conv,
  types: NodeTypes,
  context: CandidateContext,
  options: WinogradOptions,
): ReturnType<typeof winogradCandidates> {
  const node = { name: 'conv', op, transposed: false, types, context };
  return CONV_KINDS.flatMap((from) =>
    CONV_KINDS.flatMap((to) => {
      const tag = from === to ? from : `${from}_${to}`;
      const pair = { x: layoutOf(from, 4), y: layoutOf(to, 4), tag };
      return winogradCandidates(node, pair, context.storage, { always: true, ...options });
    }),
  );
}

/** Shapes, padding and epilogues drawn at random, deterministic. */
function randomCases(count: number): OpCase[] {
  const random = randomNumbers(23);
  const from = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: count }, (_, i) => {
    const [padsBegin, padsEnd] = [
      [from(0, 3), from(0, 3)],
      [from(0, 3), from(0, 3)],
    ];
    const spatial = padsBegin.map((begin, axis) => Math.max(1, 3 - begin - padsEnd[axis]) + from(0, 9));
    const shape = {
      padsBegin,
      padsEnd,
      bias: from(0, 1) === 1,
      residual: from(0, 1) === 1,
      activation: from(0, 1) === 1 ? relu : undefined,
    };
    return winograd(`random ${i}`, [from(1, 5), from(1, 9), ...spatial], from(1, 9), shape, /winograd/);
  });
}

/**
 * 64 channels, whose rounding errors are told by the tolerance.
 * @param edges whether inputs lie around 10 and the taps of a channel sum to 0, so that much cancels: edge detectors
 */
export function accuracyCase(size: 'f2x2' | 'f4x4', edges: boolean, tolerance: number): OpCase {
  const channels = 64;
  const random = randomNumbers(64);
  const uniform = (): number => 2 * random() - 1;
  const values = Array.from({ length: 8 * channels }, () => {
    const taps = Array.from({ length: 9 }, uniform);
    const mean = edges ? taps.reduce((sum, tap) => sum + tap) / 9 : 0;
    return taps.map((tap) => tap - mean);
  });
  const { inputs, ...rest } = winograd(
    `of 64 channels by ${size}`,
    [1, channels, 10, 10],
    8,
    {},
    new RegExp(`^conv_nhwc_winograd_${size}`),
  );
  const [x, w] = inputs;
  if (!x || !w) throw new TypeError('a convolution has an input and weights');
  return {
    ...rest,
    inputs: [
      { ...x, range: edges ? [9, 11] : [-1, 1] },
      { ...w, values: values.flat() },
    ],
    tolerance: { f32: tolerance, f16: 2e-3 },
  };
}

const padded = { padsBegin: [1, 1], padsEnd: [1, 1] };

export const winogradCases: readonly OpCase[] = [
  winograd('in vectors', [4, 8, 8, 8], 12, { ...padded, bias: true, residual: true, activation: relu }, SOME),
  winograd(
    'odd',
    [3, 5, 9, 7],
    7,
    { padsBegin: [0, 2], padsEnd: [3, 1], bias: true, activation: leakyRelu(0.1) },
    SAME,
  ),
  winograd('of one output', [1, 6, 3, 3], 4, { activation: sigmoid }, /^conv_nchw_winograd_f[4u]/),
  winograd(
    'of more padding than input',
    [2, 5, 1, 2],
    4,
    { padsBegin: [2, 4], padsEnd: [3, 2] },
    /^conv_nhwc_winograd_f[2u]/,
  ),
  winograd('deep', [1, 300, 6, 10], 36, { ...padded, bias: true }, /^conv_nhwc_winograd_f[4u]/),
  winograd('in equal parts of the batch', [8, 4, 5, 6], 4, padded, /^conv_chwn_winograd_f4x4/, {
    workspaceBytes: 20_000,
  }),
  winograd('in a larger and a smaller part', [3, 4, 5, 6], 4, padded, /^conv_nhwc_winograd_f4x4/, {
    workspaceBytes: 10_000,
  }),
];

/** Not a list: no sample of the cases takes these in. */
export const thoroughWinogradCases = (): OpCase[] => randomCases(30);
