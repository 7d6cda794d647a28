/** Cases of the staged direct convolution: each way to stage and to store, in sizes that GPUs have by default and others. */
import { isCandidate, type CandidateContext, type NodeTypes } from '../../../src/candidates/candidate.js';
import { stemCandidate } from '../../../src/candidates/conv-direct.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { leakyRelu, relu } from '../../../src/ops/unary-functions.js';
import { layoutOf, type Dims, type LayoutKind } from '../../../src/tensor/index.js';
import type { OpCase } from '../harness.js';

interface Shape extends Partial<ConvOptions>, Activated {
  readonly bias?: boolean;
  readonly residual?: boolean;
}

/** Positions, channels, threads, rows of taps, tiles and pairs: places on the candidates' grid. */
type Sizes = readonly [number, number, number, number, number, number];

/** @param pairs layouts of x and y @param sizes instead of the default */
function stem(
  name: string,
  x: Dims,
  w: Dims,
  { bias = false, residual = false, ...options }: Shape,
  pairs: readonly (readonly [LayoutKind, LayoutKind])[],
  sizes?: Sizes,
): OpCase {
  const op = new Conv({ strides: [1, 1], ...options });
  const [y] = op.infer([x, w].map((dims) => ({ dtype: 'f32', dims })));
  const dims = [x, w, bias ? [w[0]] : undefined, ...(residual ? [y.dims] : [])];
  return {
    name: `stem ${name}`,
    op,
    inputs: dims.map((input) => input && { dtype: 'f32', dims: input }),
    candidates: (types, context) =>
      pairs.map(([from, to]) => inSizes(op, types, context, { from, to }, sizes)),
  };
}

function inSizes(
  op: Conv,
  types: NodeTypes,
  context: CandidateContext,
  { from, to }: { readonly from: LayoutKind; readonly to: LayoutKind },
  sizes: Sizes | undefined,
): ReturnType<typeof stemCandidate> {
  const pair = { x: layoutOf(from, 4), y: layoutOf(to, 4), tag: from === to ? from : `${from}_${to}` };
  const found = stemCandidate({ name: 'conv', op, transposed: false, types, context }, pair, context.storage);
  const grid = isCandidate(found) ? found.sizes?.grid : undefined;
  const point = sizes && grid?.pointOf(sizes);
  return point && grid ? grid.at(point) : found;
}

export const stemCases: readonly OpCase[] = [
  stem(
    'padded, of stride 2',
    [4, 3, 9, 13],
    [12, 3, 3, 3],
    { strides: [2, 2], padsBegin: [1, 1], padsEnd: [1, 0], bias: true, residual: true, activation: relu },
    [
      ['nhwc', 'nhwc'],
      ['nchw4c', 'nhwc'],
      ['nchw', 'nchw'],
      ['nhwc', 'chwn'],
      ['chwn', 'chwn'],
    ],
  ),
  stem(
    'in vectors, tile after tile',
    [4, 1, 10, 12],
    [8, 1, 1, 3],
    { padsBegin: [0, 1], bias: true },
    [
      ['nchw', 'nhwc'],
      ['chwn', 'chwn'],
    ],
    [4, 4, 64, 1, 2, 2],
  ),
  stem(
    'in whole windows, rows of the input shared',
    [2, 2, 10, 8],
    [12, 2, 3, 2],
    { strides: [2, 1], padsBegin: [1, 0], padsEnd: [0, 1] },
    [
      ['nchw', 'nhwc'],
      ['nhwc', 'nhwc'],
    ],
    [4, 4, 64, 6, 1, 2],
  ),
  stem(
    'in columns, tile after tile',
    [3, 1, 9, 10],
    [8, 1, 3, 1],
    { padsBegin: [1, 0], residual: true },
    [['nhwc', 'nchw']],
    [4, 4, 64, 1, 2, 1],
  ),
  stem(
    'in chunks, one channel tile after the other',
    [3, 2, 11, 9],
    [68, 2, 5, 2],
    { strides: [1, 3], activation: leakyRelu(0.1) },
    [
      ['nchw', 'nhwc'],
      ['nchw', 'nchw'],
    ],
    [4, 4, 64, 2, 1, 1],
  ),
];
