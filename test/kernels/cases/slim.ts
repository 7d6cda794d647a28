/** Cases of the slim pointwise convolution: inputs held and walked over, in sizes that GPUs have by default and others. */
import { isCandidate, type CandidateContext, type NodeTypes } from '../../../src/candidates/candidate.js';
import { slimCandidate } from '../../../src/candidates/conv-slim.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { leakyRelu, relu } from '../../../src/ops/unary-functions.js';
import { layoutOf, type Dims, type LayoutKind } from '../../../src/tensor/index.js';
import type { OpCase } from '../harness.js';

interface Shape extends Partial<ConvOptions>, Activated {
  readonly bias?: boolean;
  readonly residual?: boolean;
}

/** Vectors, channels, depth, blocks and threads: places on the candidate's grid. */
type Sizes = readonly [number, number, number, number, number];

/** @param sizes instead of the default */
function slim(
  name: string,
  x: Dims,
  w: Dims,
  { bias = false, residual = false, ...options }: Shape,
  layouts: readonly LayoutKind[],
  sizes?: Sizes,
): OpCase {
  const op = new Conv({ strides: x.slice(2).map(() => 1), ...options });
  const [y] = op.infer([x, w].map((dims) => ({ dtype: 'f32', dims })));
  const dims = [x, w, bias ? [w[0]] : undefined, ...(residual ? [y.dims] : [])];
  return {
    name: `slim ${name}`,
    op,
    inputs: dims.map((input) => input && { dtype: 'f32', dims: input }),
    candidates: (types, context) => layouts.map((kind) => inSizes(op, types, context, kind, sizes)),
  };
}

function inSizes(
  op: Conv,
  types: NodeTypes,
  context: CandidateContext,
  kind: LayoutKind,
  sizes: Sizes | undefined,
): ReturnType<typeof slimCandidate> {
  const layout = layoutOf(kind, types.outputs[0].dims.length);
  const pair = { x: layout, y: layout, tag: kind };
  const found = slimCandidate({ name: 'conv', op, transposed: false, types, context }, pair, context.storage);
  const grid = isCandidate(found) ? found.sizes?.grid : undefined;
  const point = sizes && grid?.pointOf(sizes);
  return point && grid ? grid.at(point) : found;
}

const both: readonly LayoutKind[] = ['nchw', 'chwn'];

export const slimCases: readonly OpCase[] = [
  slim('from few channels', [4, 5, 6, 10], [22, 5, 1, 1], { bias: true, activation: relu }, both),
  slim(
    'from few channels, block after block',
    [4, 3, 6, 10],
    [23, 3, 1, 1],
    { bias: true, residual: true, activation: leakyRelu(0.1) },
    both,
    [1, 4, 4, 3, 64],
  ),
  slim('from few channels, several tiles', [4, 3, 12, 27], [8, 3, 1, 1], {}, both, [1, 4, 4, 2, 64]),
  slim(
    'to few channels',
    [4, 39, 6, 6],
    [11, 39, 1, 1],
    { bias: true, residual: true, activation: relu },
    both,
  ),
  slim('to few channels, in steps that divide', [8, 40, 3, 8], [8, 40, 1, 1], {}, both, [1, 4, 2, 1, 128]),
  slim(
    'to few channels, several tiles',
    [4, 34, 7, 44],
    [6, 34, 1, 1],
    { residual: true },
    both,
    [1, 4, 2, 1, 64],
  ),
  slim(
    'to few channels, several workgroups of them',
    [4, 34, 4, 5],
    [30, 34, 1, 1],
    {},
    both,
    [1, 4, 2, 1, 64],
  ),
  slim('of one element', [4, 1, 1, 1], [1, 1, 1, 1], { bias: true }, both),
  slim('of rank 3', [4, 6, 28], [12, 6, 1], { bias: true, residual: true }, both),
];
