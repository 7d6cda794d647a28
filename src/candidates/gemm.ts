/** Candidates of matrix products: tiles, tiles with the depth split, a streaming kernel for few rows, and a naive one. */
import { GPU_TYPE_BYTES, type GpuType } from '../devices/gpu.js';
import { gemmKernel, gemmProduct, gemmReduceKernel } from '../kernels/gemm/gemm.js';
import { gemvKernel, gemvRefusal } from '../kernels/gemm/gemv.js';
import { naiveGemmKernel } from '../kernels/gemm/naive.js';
import type { GemmProblem, GemmRole, MatrixOperand } from '../kernels/gemm/problem.js';
import { inParts } from '../kernels/gemm/split.js';
import { viewOffset, viewStrides, type TensorView } from '../kernels/view.js';
import { Gemm } from '../ops/gemm.js';
import { MatMul } from '../ops/matmul.js';
import { matmulShape } from '../ops/matrix-product.js';
import { broadcastStrides, layoutOf, rowMajor, sizeOf, type Layout } from '../tensor/index.js';
import {
  entry,
  gpuTypeOf,
  type Candidate,
  type CandidateContext,
  type CandidateEntry,
  type CandidateProvider,
  type CandidateViews,
  type KernelStep,
  type NodeTypes,
  type Operand,
  type Refusal,
} from './candidate.js';
import type { GemmLaunch, GemmWay } from './gemm-node.js';
import { libraryGemmCandidates } from './library.js';
import { matrixGemmCandidates } from './matrix.js';
import { mmaGemmCandidates } from './mma.js';
import { streamCandidate } from './stream.js';
import { tileCandidates } from './tiles.js';

/** A node as a matrix product for views of its tensors. */
type ProblemOf = (views: CandidateViews) => GemmProblem;

/** One choice of layouts. */
interface Arrangement {
  readonly inputs: readonly (Layout | undefined)[];
  readonly output: Layout;
}

/** Where each role's tensor is. */
const OPERANDS: Readonly<Record<GemmRole, Operand>> = {
  a: { kind: 'input', index: 0 },
  b: { kind: 'input', index: 1 },
  c: { kind: 'input', index: 2 },
  y: { kind: 'output', index: 0 },
  partial: { kind: 'workspace', index: 0 },
};

/** Rows innermost in rank 2: `CN`. */
const COLUMN_MAJOR = layoutOf('chwn', 2);
const ROW_MAJOR = layoutOf('nchw', 2);

const gemm: CandidateProvider<Gemm> = (op, types, context) => {
  const type = gpuTypeOf(types.outputs[0].dtype, context.storage);
  const c = op.beta === 0 ? undefined : types.inputs[2];
  const cLayout = types.inputs[2] && rowMajor(types.inputs[2].dims.length);
  const problem: ProblemOf = (views) => gemmProblem(op, types, views);
  const { m, n, k } = op.shape(required(types.inputs[0]), required(types.inputs[1]));
  // b is mostly a constant, and may lie as the kernels like it: columns contiguous, or else the depth.
  const contiguous = (what: 'cols' | 'depth'): Layout =>
    (what === 'cols') === op.transB ? COLUMN_MAJOR : ROW_MAJOR;
  const tiledB = contiguous(n % 4 !== 0 && k % 4 === 0 ? 'depth' : 'cols');
  const arrange = (a: Layout, b: Layout, output: Layout): Arrangement => ({
    inputs: [a, b, cLayout],
    output,
  });
  const pairs = [
    [ROW_MAJOR, ROW_MAJOR],
    [COLUMN_MAJOR, COLUMN_MAJOR],
    [ROW_MAJOR, COLUMN_MAJOR],
    [COLUMN_MAJOR, ROW_MAJOR],
  ] as const;
  const common = { name: 'gemm', context, types, problem, type, readsC: c !== undefined };
  const rows = op.transA ? [] : gemvCandidates(common, arrange(ROW_MAJOR, contiguous('depth'), ROW_MAJOR));
  const stream = pairs
    .filter(([a, y]) => a === y)
    .flatMap(([a, y]) => streamCandidates(common, arrange(a, contiguous('cols'), y)));
  const tiled = pairs.flatMap(([a, y]) => tiledCandidates(common, arrange(a, tiledB, y), a === y ? 3 : 1));
  const mma = pairs.flatMap(([a, y]) =>
    mmaCandidates(common, arrange(a, contiguous('depth'), y), a === y ? 3 : 1),
  );
  return [
    ...fewRowsFirst(m, rows, stream, [...mma, ...tiled]),
    ...pairs.map(([a, y]) => naiveCandidate(common, arrange(a, contiguous('cols'), y))),
  ];
};

const matmul: CandidateProvider<MatMul> = (op, types, context) => {
  const type = gpuTypeOf(types.outputs[0].dtype, context.storage);
  const [a, b] = [required(types.inputs[0]), required(types.inputs[1])];
  const common = {
    name: 'matmul',
    context,
    types,
    problem: (views: CandidateViews): GemmProblem => matmulProblem(op, types, views),
    type,
    readsC: false,
  };
  const rows: Arrangement = {
    inputs: [rowMajor(a.dims.length), rowMajor(b.dims.length)],
    output: rowMajor(types.outputs[0].dims.length),
  };
  if (a.dims.length !== 2 || b.dims.length !== 2) {
    return [
      ...gemvCandidates(common, rows),
      ...mmaCandidates(common, rows, 3),
      ...tiledCandidates(common, rows, 3),
      naiveCandidate(common, rows),
    ];
  }
  const columns: Arrangement = { inputs: [COLUMN_MAJOR, ROW_MAJOR], output: COLUMN_MAJOR };
  // Tensor cores like the depth contiguous, in which a constant b can lie.
  const deep: Arrangement = { inputs: [ROW_MAJOR, COLUMN_MAJOR], output: ROW_MAJOR };
  return [
    ...fewRowsFirst(
      a.dims[0],
      gemvCandidates(common, { inputs: [ROW_MAJOR, COLUMN_MAJOR], output: ROW_MAJOR }),
      [rows, columns].flatMap((arrangement) => streamCandidates(common, arrangement)),
      [
        ...[deep, rows, columns].flatMap((arrangement) => mmaCandidates(common, arrangement, 2)),
        ...tiledCandidates(common, rows, 3),
        ...tiledCandidates(common, columns, 2),
      ],
    ),
    naiveCandidate(common, columns),
    naiveCandidate(common, rows),
  ];
};

type Listed = readonly (Candidate | Refusal)[];

/** Of one row the rows kernel is best, which needs no second launch; up to 64 the streaming one, whose registers hold them. */
function fewRowsFirst(count: number, rows: Listed, stream: Listed, tiled: Listed): Listed {
  if (count === 1) return [...rows, ...stream, ...tiled];
  return count <= 64 ? [...stream, ...rows, ...tiled] : [...tiled, ...stream, ...rows];
}

/** What all candidates of a node share. */
interface Common {
  readonly name: string;
  readonly context: CandidateContext;
  readonly types: NodeTypes;
  readonly problem: ProblemOf;
  readonly type: GpuType;
  readonly readsC: boolean;
}

function tiledCandidates(common: Common, arrangement: Arrangement, most: number): (Candidate | Refusal)[] {
  const { context, type } = common;
  const { maxGrid } = context.limits;
  const refused = refusal(common, arrangement);
  if (refused) return [{ id: `${idPrefix(common, arrangement)}_tiled_${type}`, refused }];
  const way = wayOf(common, arrangement);
  const tiled = tileCandidates({
    prefix: way.prefix,
    type,
    product: gemmProduct(way.dense),
    context,
    most,
    candidate: (id, { tile, parts }, workspace) => ({
      ...way.shell(id),
      workspace,
      build: (views) => {
        const config = { id, problem: way.problem(views), tile, parts, maxGrid };
        return inParts(config, gemmKernel, gemmReduceKernel).map(way.step);
      },
    }),
  });
  const { first, later } = libraryGemmCandidates(way);
  return [...first, ...matrixGemmCandidates(way, most), ...tiled, ...later];
}

function mmaCandidates(common: Common, arrangement: Arrangement, most: number): (Candidate | Refusal)[] {
  return refusal(common, arrangement) ? [] : mmaGemmCandidates(wayOf(common, arrangement), most);
}

function gemvCandidates(common: Common, arrangement: Arrangement): (Candidate | Refusal)[] {
  const id = `${idPrefix(common, arrangement)}_rows_${common.type}`;
  const refused =
    refusal(common, arrangement) ?? gemvRefusal(common.problem(denseViews(common, arrangement)));
  if (refused) return [{ id, refused }];
  const { maxGrid } = common.context.limits;
  return [
    {
      ...shell(id, arrangement),
      build: (views) => [step(gemvKernel({ id, problem: common.problem(views), maxGrid }))],
    },
  ];
}

function streamCandidates(common: Common, arrangement: Arrangement): (Candidate | Refusal)[] {
  const refused = refusal(common, arrangement);
  if (refused) return [{ id: `${idPrefix(common, arrangement)}_stream_${common.type}`, refused }];
  return [streamCandidate(wayOf(common, arrangement))];
}

function wayOf(common: Common, arrangement: Arrangement): GemmWay {
  const { context, type, problem } = common;
  return {
    prefix: idPrefix(common, arrangement),
    type,
    context,
    dense: problem(denseViews(common, arrangement)),
    problem,
    shell: (id) => shell(id, arrangement),
    step,
  };
}

function naiveCandidate(common: Common, arrangement: Arrangement): Candidate {
  const id = `${idPrefix(common, arrangement)}_naive_${common.type}`;
  const { maxGrid } = common.context.limits;
  return {
    ...shell(id, arrangement),
    build: (views) => [step(naiveGemmKernel({ id, problem: common.problem(views), maxGrid }))],
  };
}

function shell(id: string, { inputs, output }: Arrangement): Omit<Candidate, 'build'> {
  return { id, inputs, outputs: [output], workspace: [], partialOutput: true };
}

/** Why the float kernels do not apply, or undefined. */
function refusal(common: Common, arrangement: Arrangement): string | undefined {
  if (common.type === 'i32' || common.type === 'u32') return 'integers are for the naive kernel';
  const { rows, cols, depth, batch } = common.problem(denseViews(common, arrangement));
  return rows * cols * depth * sizeOf(batch) === 0 ? 'the product is empty' : undefined;
}

function idPrefix({ name }: Common, { inputs: [a], output }: Arrangement): string {
  const [from, to] = [a?.name.toLowerCase() ?? '', output.name.toLowerCase()];
  return from === to ? `${name}_${from}` : `${name}_${from}_${to}`;
}

function step({ source, roles }: GemmLaunch): KernelStep {
  return { source, operands: roles.map((role) => OPERANDS[role]) };
}

/** Views of whole tensors in an arrangement's layouts. */
function denseViews({ types, context }: Common, { inputs, output }: Arrangement): CandidateViews {
  return {
    inputs: types.inputs.map((type, i) => {
      const layout = inputs[i];
      return type && layout && { dims: type.dims, layout, type: gpuTypeOf(type.dtype, context.storage) };
    }),
    outputs: types.outputs.map((type) => ({
      dims: type.dims,
      layout: output,
      type: gpuTypeOf(type.dtype, context.storage),
    })),
  };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a required input is missing');
  return value;
}

/** A matrix without batch, its axes exchanged if asked. */
function matrix(view: TensorView, transposed = false): MatrixOperand {
  const [outer, inner] = viewStrides(view);
  return {
    type: view.type,
    offset: viewOffset(view),
    batchStrides: [],
    rowStride: transposed ? inner : outer,
    colStride: transposed ? outer : inner,
  };
}

function gemmProblem(op: Gemm, types: NodeTypes, views: CandidateViews): GemmProblem {
  const [a, b, c] = views.inputs;
  const [aView, bView, y] = [required(a), required(b), views.outputs[0]];
  const { m, n, k } = op.shape(required(types.inputs[0]), required(types.inputs[1]));
  const [cRow, cCol] = c ? broadcastStrides(c.dims, [m, n]) : [0, 0];
  return {
    rows: m,
    cols: n,
    depth: k,
    batch: [],
    a: matrix(aView, op.transA),
    b: matrix(bView, op.transB),
    c:
      c && op.beta !== 0
        ? { type: c.type, offset: 0, batchStrides: [], rowStride: cRow, colStride: cCol }
        : undefined,
    y: matrix(y),
    alpha: op.alpha,
    beta: op.beta,
    activation: op.activation,
    flops: op.flops(types.inputs, types.outputs),
    bytes: storedBytes(views),
  };
}

function matmulProblem(op: MatMul, types: NodeTypes, views: CandidateViews): GemmProblem {
  const [a, b] = [required(views.inputs[0]), required(views.inputs[1])];
  const y = views.outputs[0];
  const shape = matmulShape(a.dims, b.dims);
  const common = {
    alpha: 1,
    beta: 0,
    activation: op.activation,
    flops: op.flops(types.inputs, types.outputs),
    bytes: storedBytes(views),
  };
  if (a.dims.length === 2 && b.dims.length === 2) {
    const { m: rows, n: cols, k: depth } = shape;
    return { ...common, rows, cols, depth, batch: [], a: matrix(a), b: matrix(b), y: matrix(y) };
  }
  // Strides of y from its own, so that it may be a part; a dropped row or column axis has length 1.
  const yStrides = viewStrides(y);
  const rank = shape.batch.length;
  const aIsVector = a.dims.length === 1;
  const bIsVector = b.dims.length === 1;
  const yRow = aIsVector ? 0 : yStrides[rank];
  const yCol = bIsVector ? 0 : yStrides[rank + (aIsVector ? 0 : 1)];
  const whole = {
    ...common,
    rows: shape.m,
    cols: shape.n,
    depth: shape.k,
    batch: shape.batch,
    a: operand(a.type, shape.aBatchStrides, shape.k, 1),
    b: operand(b.type, shape.bBatchStrides, shape.n, 1),
    y: { ...operand(y.type, yStrides.slice(0, rank), yRow, yCol), offset: viewOffset(y) },
  };
  // One b for all of a dense batch: its matrices are one tall matrix.
  const oneB = shape.bBatchStrides.every((stride) => stride === 0);
  const denseA = sizeOf(a.dims) === sizeOf(shape.batch) * shape.m * shape.k;
  if (!oneB || !denseA || y.within || aIsVector) return whole;
  return {
    ...whole,
    rows: sizeOf(shape.batch) * shape.m,
    batch: [],
    a: { ...whole.a, batchStrides: [] },
    b: { ...whole.b, batchStrides: [] },
    y: { ...whole.y, batchStrides: [], rowStride: shape.n, colStride: 1 },
  };
}

function operand(
  type: GpuType,
  batchStrides: readonly number[],
  rowStride: number,
  colStride: number,
): MatrixOperand {
  return { type, offset: 0, batchStrides, rowStride, colStride };
}

/** Ideal bytes as stored: every tensor once. */
function storedBytes({ inputs, outputs }: CandidateViews): number {
  let bytes = 0;
  for (const view of [...inputs, ...outputs])
    if (view) bytes += sizeOf(view.dims) * GPU_TYPE_BYTES[view.type];
  return bytes;
}

export const gemms: readonly CandidateEntry[] = [entry(Gemm, gemm), entry(MatMul, matmul)];
