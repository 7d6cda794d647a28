/**
 * Candidates of convolutions. For each layout: depthwise kernels or the direct one where there are few channels to sum over,
 * else implicit GEMM by tiles; then the other of the two, the naive one, and im2col + GEMM as the study's baseline. Every
 * kernel can store into other layouts too: one candidate per pair.
 */
import { UnsupportedError } from '../errors.js';
import { directKernel, directRefusal } from '../kernels/conv/direct.js';
import { isPointwise, product } from '../kernels/conv/geometry.js';
import { im2colBytes, im2colKernel } from '../kernels/conv/im2col.js';
import {
  implicitKernel,
  implicitProduct,
  implicitReduceKernel,
  implicitRefusal,
} from '../kernels/conv/implicit.js';
import { naiveConvKernel, type NaiveConvRole } from '../kernels/conv/naive.js';
import type { ConvProblem } from '../kernels/conv/problem.js';
import { weightLayout } from '../kernels/conv/weights.js';
import { tileChoices } from '../kernels/gemm/choice.js';
import { gemmKernel } from '../kernels/gemm/gemm.js';
import type { GemmProblem, MatrixOperand } from '../kernels/gemm/problem.js';
import { inParts } from '../kernels/gemm/split.js';
import { tileTag } from '../kernels/gemm/tile.js';
import type { TensorView } from '../kernels/view.js';
import { ConvInteger } from '../ops/conv-integer.js';
import { ConvTranspose } from '../ops/conv-transpose.js';
import { Conv } from '../ops/conv.js';
import { LAYOUT_KINDS, layoutOf, rowMajor, sizeOf } from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  isCandidate,
  type Candidate,
  type CandidateEntry,
  type CandidateProvider,
  type CandidateViews,
  type Operand,
  type Refusal,
} from './candidate.js';
import { stemCandidate } from './conv-direct.js';
import {
  CONV_KINDS,
  CONV_OPERANDS,
  FEW_CHANNELS,
  convProblem,
  convShell,
  convStep,
  convViews,
  type ConvNode,
  type LayoutPair,
} from './conv-node.js';
import { slimCandidates } from './conv-slim.js';
import { depthwiseCandidates, groupedCandidate } from './depthwise.js';
import { fftCandidates } from './fft.js';
import { libraryConvCandidates } from './library.js';
import { matrixConvCandidates } from './matrix.js';
import { mmaConvCandidates } from './mma.js';
import { tileCandidates } from './tiles.js';
import { winogradCandidates } from './winograd.js';

const conv: CandidateProvider<Conv> = (op, types, context) =>
  candidates({ name: 'conv', op, transposed: false, types, context });

const convTranspose: CandidateProvider<ConvTranspose> = (op, types, context) =>
  candidates({ name: 'convtranspose', op, transposed: true, types, context });

function candidates(node: ConvNode): (Candidate | Refusal)[] {
  const { types, context } = node;
  const [y] = types.outputs;
  const rank = checkedRank(y.dims.length, node.name);
  const type = gpuTypeOf(y.dtype, context.storage);
  const pairs = CONV_KINDS.flatMap((from) =>
    CONV_KINDS.map((to): LayoutPair & { same: boolean } => {
      const [x, out] = [layoutOf(from, rank), layoutOf(to, rank)];
      const [a, b] = [x.name.toLowerCase(), out.name.toLowerCase()];
      return { x, y: out, tag: a === b ? a : `${a}_${b}`, same: from === to };
    }),
  );
  const same = pairs.filter((pair) => pair.same);
  const { group, channels } = convProblem(node, convViews(node, same[0])).geometry;
  const depthwise = group === channels && group > 1 && !node.transposed;
  // Where networks change layouts: for the rest, transforms do.
  const crossing = rank === 4 && !node.transposed && (group === 1 || depthwise);
  const cross = crossing ? pairs.filter((pair) => !pair.same) : [];
  const few = channels / group <= FEW_CHANNELS;
  const winograd = (pair: LayoutPair, one: boolean): (Candidate | Refusal)[] =>
    crossing && group === 1 ? winogradCandidates(node, pair, type, { one }) : [];
  const vendors = same.map((pair) => libraryConvCandidates(node, pair, type));
  return [
    ...vendors.flatMap(({ first }) => first),
    ...same.flatMap((pair) => {
      const direct = directCandidate(node, pair, type);
      if (depthwise) return [...depthwiseCandidates(node, pair, type), direct];
      const grouped = group > 1 && !node.transposed ? [groupedCandidate(node, pair, type)] : [];
      const [first, ...others] = implicitCandidates(node, pair, type, 3);
      const tiled = few ? [] : winograd(pair, false);
      const slim = slimCandidates(node, pair, type);
      const implicit = [
        ...(few ? [] : mmaConvCandidates(node, pair, type, 3)),
        ...matrixConvCandidates(node, pair, type, 3),
        ...slim.first,
        first,
        ...tiled,
        ...others,
        ...slim.later,
      ];
      if (grouped.some(isCandidate) && channels / group <= SMALL_GROUP)
        return [...grouped, ...implicit, direct];
      return few
        ? [stemCandidate(node, pair, type), direct, ...implicit.slice(0, 2), ...grouped]
        : group > 1 || pair.y.order.at(-1) === 0
          ? [...implicit, ...grouped, direct]
          : implicit;
    }),
    ...cross.flatMap((pair) => {
      if (depthwise) return depthwiseCandidates(node, pair, type);
      return few && !pair.x.block
        ? [stemCandidate(node, pair, type), directCandidate(node, pair, type)]
        : [
            ...matrixConvCandidates(node, pair, type, 1),
            ...implicitCandidates(node, pair, type, 1),
            ...winograd(pair, true),
          ];
    }),
    ...vendors.flatMap(({ later }) => later),
    ...(crossing && group === 1 ? fftCandidates(node, pairs, type) : []),
    ...same.map((pair) => naiveCandidate(node, pair, type)),
    ...(node.transposed ? [] : [im2colCandidate(node, type)]),
  ];
}

/** Channels per group up to which a product's narrowest tile is half padding. */
const SMALL_GROUP = 16;

function implicitCandidates(
  node: ConvNode,
  pair: LayoutPair,
  type: string,
  most: number,
): (Candidate | Refusal)[] {
  const dense = convProblem(node, convViews(node, pair));
  const variant = isPointwise(dense.geometry) ? 'pointwise' : 'implicit';
  const prefix = `${node.name}_${pair.tag}_${variant}`;
  const refused = implicitRefusal(dense);
  if (refused) return [{ id: `${prefix}_${type}`, refused }];
  const { maxGrid } = node.context.limits;
  return tileCandidates({
    prefix,
    type,
    product: implicitProduct(dense),
    context: node.context,
    most,
    candidate: (id, { tile, parts }, workspace) => ({
      ...convShell(node, id, pair),
      workspace,
      build: (given) => {
        const config = { id, problem: convProblem(node, given), tile, parts, maxGrid };
        return inParts(config, implicitKernel, implicitReduceKernel).map(convStep);
      },
    }),
  });
}

function directCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate | Refusal {
  const id = `${node.name}_${pair.tag}_direct_4x8_${type}`;
  const refused = directRefusal(convProblem(node, convViews(node, pair)));
  if (refused) return { id, refused };
  const { maxGrid } = node.context.limits;
  return {
    ...convShell(node, id, pair),
    build: (given) => [convStep(directKernel({ id, problem: convProblem(node, given), maxGrid }))],
  };
}

function naiveCandidate(node: ConvNode, pair: LayoutPair, type: string): Candidate {
  const id = `${node.name}_${pair.tag}_naive_${type}`;
  const { maxGrid } = node.context.limits;
  return {
    ...convShell(node, id, pair),
    build: (given) => {
      if (sizeOf(given.outputs[0].dims) === 0) return [];
      return [convStep(naiveConvKernel({ id, problem: convProblem(node, given), maxGrid }))];
    },
  };
}

/** Caffe's way: windows unrolled into matrices in memory, then a matrix product per image and group. */
function im2colCandidate(node: ConvNode, type: string): Candidate | Refusal {
  const layout = rowMajor(node.types.outputs[0].dims.length);
  const pair = { x: layout, y: layout, tag: layout.name.toLowerCase() };
  const dense = convProblem(node, convViews(node, pair));
  const { geometry } = dense;
  const prefix = `${node.name}_${pair.tag}_im2col`;
  const { limits } = node.context;
  const bytes = im2colBytes(geometry, dense.x.type);
  const refused =
    product(dense.x.dims) * geometry.outChannels === 0
      ? 'the input is empty'
      : dense.bias && dense.residual
        ? 'the matrix product adds one tensor, not both bias and residual'
        : bytes > limits.maxBindingBytes
          ? `the unrolled input takes ${bytes} bytes`
          : undefined;
  const gemm = columnProblem(dense);
  const sizes = { rows: gemm.rows, cols: gemm.cols, depth: gemm.depth, batches: product(gemm.batch) };
  const choice = tileChoices(sizes, limits, 1, { splits: [1] }).at(0);
  if (refused !== undefined || !choice) {
    return { id: `${prefix}_${type}`, refused: refused ?? 'no tile fits the device' };
  }
  const id = `${prefix}_${tileTag(choice.tile)}_${type}`;
  const { maxGrid } = limits;
  return {
    ...convShell(node, id, pair),
    inputs: node.types.inputs.map((input) => input && rowMajor(input.dims.length)),
    workspace: [bytes],
    baseline: true,
    partialOutput: false,
    build: (given) => {
      const problem = convProblem(node, given);
      const unroll = im2colKernel({ id: `${id}_unroll`, geometry, x: problem.x, maxGrid });
      const multiply = gemmKernel({
        id,
        problem: columnProblem(problem),
        tile: choice.tile,
        parts: 1,
        maxGrid,
      });
      const operands: Readonly<Record<string, Operand>> = {
        a: CONV_OPERANDS.w,
        b: CONV_OPERANDS.partial,
        c: problem.bias ? CONV_OPERANDS.bias : CONV_OPERANDS.residual,
        y: CONV_OPERANDS.y,
      };
      return [
        convStep(unroll),
        { source: multiply.source, operands: multiply.roles.map((role) => operands[role]) },
      ];
    },
  };
}

/** The product of OIHW weights with unrolled windows, for every image and group. */
function columnProblem({ geometry, x, w, bias, residual, y, ...rest }: ConvProblem): GemmProblem {
  const { batch, group, channels, outChannels, kernel, output } = geometry;
  const depth = (channels / group) * product(kernel);
  const [rows, cols] = [outChannels / group, product(output)];
  const outputs = (view: TensorView): MatrixOperand =>
    matrices(view, [outChannels * cols, rows * cols], cols, 1);
  return {
    rows,
    cols,
    depth,
    batch: [batch, group],
    a: matrices(w, [0, rows * depth], depth, 1),
    b: matrices(x, [group * depth * cols, depth * cols], cols, 1),
    c: bias ? matrices(bias, [0, rows], 1, 0) : residual && outputs(residual),
    y: outputs(y),
    alpha: 1,
    beta: 1,
    activation: rest.activation,
    flops: rest.flops,
    bytes: rest.bytes,
  };
}

function matrices(
  view: TensorView,
  batchStrides: readonly number[],
  rowStride: number,
  colStride: number,
): MatrixOperand {
  return { type: view.type, offset: 0, batchStrides, rowStride, colStride };
}

const convInteger: CandidateProvider<ConvInteger> = (op, types, context) => {
  const node: ConvNode = { name: 'convinteger', op, transposed: false, types, context };
  const rank = checkedRank(types.outputs[0].dims.length, node.name);
  const { maxGrid } = context.limits;
  return LAYOUT_KINDS.map((kind) => {
    const layout = layoutOf(kind, rank);
    const tag = layout.name.toLowerCase();
    const id = `convinteger_${tag}_naive_i32`;
    return {
      ...convShell(node, id, { x: layout, y: layout, tag }),
      inputs: types.inputs.map(
        (input, i) =>
          input && (i === 0 ? layout : i === 1 ? weightLayout(rank, false) : rowMajor(input.dims.length)),
      ),
      build: (given: CandidateViews) => {
        if (sizeOf(given.outputs[0].dims) === 0) return [];
        const [, , xZero, wZero, bias] = given.inputs;
        const problem = { ...convProblem(node, given), bias, residual: undefined };
        const { source, roles } = naiveConvKernel({ id, problem, xZero, wZero, maxGrid });
        const operands: Readonly<Record<NaiveConvRole, Operand>> = {
          ...CONV_OPERANDS,
          x_zero: { kind: 'input', index: 2 },
          w_zero: { kind: 'input', index: 3 },
          bias: { kind: 'input', index: 4 },
        };
        return [{ source, operands: roles.map((role) => operands[role]) }];
      },
    };
  });
};

/** @throws UnsupportedError above three spatial axes */
function checkedRank(rank: number, name: string): number {
  if (rank <= 5) return rank;
  throw new UnsupportedError(`${name} over ${rank - 2} spatial axes on a GPU`, {
    remedy: 'Run the model on the CPU.',
  });
}

export const convolutions: readonly CandidateEntry[] = [
  entry(Conv, conv),
  entry(ConvTranspose, convTranspose),
  entry(ConvInteger, convInteger),
];
