/** What candidates of convolutions share: the node, layouts, views and problems made of it. */
import { GPU_TYPE_BYTES, type KernelSource } from '../devices/gpu.js';
import { convGeometry, type ConvSteps } from '../kernels/conv/geometry.js';
import type { NaiveConvRole } from '../kernels/conv/naive.js';
import type { ConvProblem } from '../kernels/conv/problem.js';
import { weightLayout } from '../kernels/conv/weights.js';
import { tileChoices, type TileChoice } from '../kernels/gemm/choice.js';
import type { Product } from '../kernels/gemm/tile.js';
import type { Op } from '../ops/op.js';
import type { UnaryFunction } from '../ops/unary.js';
import { rowMajor, sizeOf, type Layout, type LayoutKind } from '../tensor/index.js';
import {
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateViews,
  type KernelStep,
  type NodeTypes,
  type Operand,
} from './candidate.js';

/** What the candidates of a node share. */
export interface ConvNode {
  readonly name: string;
  readonly op: Op & ConvSteps & { readonly activation?: UnaryFunction | undefined };
  readonly transposed: boolean;
  readonly types: NodeTypes;
  readonly context: CandidateContext;
}

/** Layouts of the input and the output, and what ids call them. */
export interface LayoutPair {
  readonly x: Layout;
  readonly y: Layout;
  readonly tag: string;
}

/** Channels per group up to which the direct kernel is the better default: a product would be mostly padding. */
export const FEW_CHANNELS = 4;

/** Layouts in order of preference. */
export const CONV_KINDS: readonly LayoutKind[] = ['nhwc', 'nchw', 'chwn', 'nchw4c'];

/** Where the tensors of `Conv` and `ConvTranspose` are. */
export const CONV_OPERANDS: Readonly<Record<NaiveConvRole, Operand>> = {
  x: { kind: 'input', index: 0 },
  w: { kind: 'input', index: 1 },
  bias: { kind: 'input', index: 2 },
  residual: { kind: 'input', index: 3 },
  y: { kind: 'output', index: 0 },
  partial: { kind: 'workspace', index: 0 },
  // Of ConvInteger alone.
  x_zero: { kind: 'input', index: 2 },
  w_zero: { kind: 'input', index: 3 },
};

/** A kernel of a convolution, whatever it is written in, and what each of its bindings stands for. */
export interface ConvLaunch {
  readonly source: KernelSource;
  readonly roles: readonly NaiveConvRole[];
}

/** The launch of a kernel. */
export function convStep({ source, roles }: ConvLaunch): KernelStep {
  return { source, operands: roles.map((role) => CONV_OPERANDS[role]) };
}

/** Tiles to try, best first. */
export function convTiles(sizes: Product, { context }: ConvNode, most: number): TileChoice[] {
  return tileChoices(sizes, context.limits, most, context);
}

/** Layouts in which a node's inputs are wanted. */
function inputLayouts({ types, transposed }: ConvNode, { x, y }: LayoutPair): (Layout | undefined)[] {
  const weights = weightLayout(types.outputs[0].dims.length, transposed);
  return [x, weights, rowMajor(1), y]
    .slice(0, types.inputs.length)
    .map((layout, i) => types.inputs[i] && layout);
}

/** A candidate without scratch memory, but for its launches. */
export function convShell(node: ConvNode, id: string, pair: LayoutPair): Omit<Candidate, 'build'> {
  return { id, inputs: inputLayouts(node, pair), outputs: [pair.y], workspace: [], partialOutput: true };
}

/** Views of whole tensors in a pair of layouts. */
export function convViews(node: ConvNode, pair: LayoutPair): CandidateViews {
  const { types, context } = node;
  const layouts = inputLayouts(node, pair);
  const [y] = types.outputs;
  return {
    inputs: types.inputs.map((type, i) => {
      const layout = layouts[i];
      return type && layout && { dims: type.dims, layout, type: gpuTypeOf(type.dtype, context.storage) };
    }),
    outputs: [{ dims: y.dims, layout: pair.y, type: gpuTypeOf(y.dtype, context.storage) }],
  };
}

/** A node as its kernels take it. */
export function convProblem(
  { op, transposed, types }: ConvNode,
  { inputs, outputs: [y] }: CandidateViews,
): ConvProblem {
  const [x, w, bias, residual] = inputs;
  if (!x || !w) throw new TypeError('a convolution has an input and weights');
  let bytes = 0;
  for (const view of [...inputs, y]) if (view) bytes += sizeOf(view.dims) * GPU_TYPE_BYTES[view.type];
  return {
    geometry: convGeometry(op, x.dims, w.dims, y.dims, transposed),
    x,
    w,
    bias,
    residual,
    y,
    activation: op.activation,
    flops: op.flops(types.inputs, types.outputs),
    bytes,
  };
}
