/** Matrix products by cuBLASLt, pointwise convolutions too: problems as the data that its descriptors are made of. */
import type { LibraryType, MatmulCall } from '../../devices/cuda/library-calls.js';
import { GPU_TYPE_BYTES, type LibraryKernel } from '../../devices/gpu.js';
import { isPointwise } from '../conv/geometry.js';
import { channelsInnermost, type ConvProblem, type ConvRole } from '../conv/problem.js';
import {
  batchesOf,
  oriented,
  rolesOf,
  type GemmProblem,
  type GemmRole,
  type MatrixOperand,
} from '../gemm/problem.js';
import { isDense } from '../view.js';
import { libraryKernel, libraryType, type LibraryNumbers } from './frame.js';

/** What all calls of a product need to know. */
interface Choice extends LibraryNumbers {
  readonly id: string;
  /** By cuBLASLt's own order, from 0. */
  readonly algorithm: number;
}

export interface LibraryGemmConfig extends Choice {
  readonly problem: GemmProblem;
}

export interface LibraryPointwiseConfig extends Choice {
  readonly problem: ConvProblem;
}

/** A call, and what each of its bindings stands for. */
export interface LibraryProduct<Role> {
  readonly source: LibraryKernel;
  readonly roles: readonly Role[];
}

/** y = activation(alpha * a * b + beta * addend + bias): what cuBLASLt computes. */
interface Product {
  readonly problem: GemmProblem;
  /** One number per column of y. */
  readonly bias?: MatrixOperand | undefined;
  /** As y. */
  readonly addend?: MatrixOperand | undefined;
}

/** Why cuBLASLt is not asked, or undefined. */
export function libraryGemmRefusal(problem: GemmProblem, numbers: LibraryNumbers): string | undefined {
  const product = productOf(problem);
  return typeof product === 'string' ? product : productRefusal(product.product, numbers);
}

/** @throws TypeError for a problem that is refused */
export function libraryGemmKernel({ problem, ...choice }: LibraryGemmConfig): LibraryProduct<GemmRole> {
  const product = productOf(problem);
  if (typeof product === 'string') throw new TypeError(`${choice.id}: ${product}`);
  const names = rolesOf(product.swapped, 'b', 'a');
  const roles: GemmRole[] = [...names, ...(product.product.problem.c ? (['c'] as const) : []), 'y'];
  return { source: kernelOf(product.product, choice, roles), roles };
}

/**
 * Why a convolution is not a product for cuBLASLt, or undefined. With channels innermost a pointwise one is the product of
 * [positions, channels] and [channels, output channels], with bias, residual and Relu in one launch.
 */
export function libraryPointwiseRefusal(problem: ConvProblem, numbers: LibraryNumbers): string | undefined {
  const { geometry, x, residual, y } = problem;
  if (!isPointwise(geometry) || geometry.transposed || geometry.group > 1) return 'it is no plain 1x1';
  if (![x, y].every(channelsInnermost) || [x, y].some(({ layout }) => layout.block))
    return 'channels are not innermost';
  if (![x, y, ...(residual ? [residual] : [])].every(isDense)) return 'a tensor is a part of a larger one';
  return productRefusal(pointwiseProduct(problem), numbers);
}

export function libraryPointwiseKernel({
  problem,
  ...choice
}: LibraryPointwiseConfig): LibraryProduct<ConvRole> {
  const roles: ConvRole[] = [
    'w',
    'x',
    ...(problem.bias ? (['bias'] as const) : []),
    ...(problem.residual ? (['residual'] as const) : []),
    'y',
  ];
  return { source: kernelOf(pointwiseProduct(problem), choice, roles), roles };
}

/** Weights lie as [channel, output channel]: `weightLayout`, which other kernels read too. */
function pointwiseProduct({ geometry, x, w, bias, residual, y, ...rest }: ConvProblem): Product {
  const { batch, channels, outChannels, input } = geometry;
  const rows = batch * input[0] * input[1] * input[2];
  return {
    problem: {
      rows,
      cols: outChannels,
      depth: channels,
      batch: [],
      a: dense(x.type, channels),
      b: dense(w.type, outChannels),
      y: dense(y.type, outChannels),
      alpha: 1,
      beta: 1,
      activation: rest.activation,
      flops: rest.flops,
      bytes: rest.bytes,
    },
    bias: bias && dense(bias.type, 0),
    addend: residual && dense(residual.type, outChannels),
  };
}

/** A row-major matrix; rows at a distance of 0 are one. */
function dense(type: MatrixOperand['type'], rowStride: number): MatrixOperand {
  return { type, offset: 0, batchStrides: [], rowStride, colStride: 1 };
}

/** A node's product, turned so that the columns of y are contiguous; or why there is none. */
function productOf(given: GemmProblem): { readonly product: Product; readonly swapped: boolean } | string {
  const { problem, swapped } = oriented(given);
  const ending = endingOf(problem);
  return typeof ending === 'string' ? ending : { product: { problem, ...ending }, swapped };
}

/** What c is to cuBLASLt. */
function endingOf({ c, beta, rows, cols }: GemmProblem): Pick<Product, 'bias' | 'addend'> | string {
  if (!c) return {};
  if (c.colStride !== 1 && cols > 1) return 'c does not vary along the contiguous axis of y';
  if (c.rowStride >= cols || rows === 1) return { addend: c };
  if (c.rowStride > 0 || cols === 1) return 'rows of c overlap';
  return beta === 1 ? { bias: c } : 'beta scales a vector that is added to every row';
}

function productRefusal(product: Product, numbers: LibraryNumbers): string | undefined {
  const { problem, bias, addend } = product;
  const { rows, cols, depth, a, b, y, activation } = problem;
  const operands = [a, b, y, ...(bias ? [bias] : []), ...(addend ? [addend] : [])];
  if (operands.some(({ type }) => type !== y.type)) return 'the matrices are of several types';
  if (!libraryType(y.type, numbers)) return `${y.type} is not for matrix products in cuBLASLt`;
  if (rows * cols * depth * batchesOf(problem) === 0) return 'the product is empty';
  if (activation && activation.name !== 'Relu') return `cuBLASLt does not end in ${activation.name}`;
  if (![a, b, y].every((operand) => batchStrideOf(operand, problem.batch) !== undefined))
    return 'the matrices of a batch are not at one distance from each other';
  if (!storedAs(a, rows, depth) || !storedAs(b, depth, cols)) return 'a matrix has gaps both ways';
  return storedAs(y, rows, cols)?.contiguous === 'cols' ? undefined : 'y has gaps both ways';
}

/** How a matrix lies in memory: which axis is contiguous, and elements from line to line along the other. */
interface Stored {
  readonly contiguous: 'rows' | 'cols';
  readonly lead: number;
}

/** Undefined for a matrix with gaps both ways, or whose lines overlap. Of two ways that fit, columns are contiguous. */
function storedAs({ rowStride, colStride }: MatrixOperand, rows: number, cols: number): Stored | undefined {
  if (colStride === 1 || cols === 1) {
    const lead = rows === 1 ? cols : rowStride;
    if (lead >= cols) return { contiguous: 'cols', lead };
  }
  if (rowStride === 1 || rows === 1) {
    const lead = cols === 1 ? rows : colStride;
    if (lead >= rows) return { contiguous: 'rows', lead };
  }
  return undefined;
}

/** Elements from matrix to matrix of a batch in row-major order; undefined where that varies. */
function batchStrideOf({ batchStrides }: MatrixOperand, batch: readonly number[]): number | undefined {
  const axes = batch.flatMap((extent, axis) => (extent > 1 ? [{ extent, stride: batchStrides[axis] }] : []));
  const even = axes.every(
    ({ stride }, i) => i === axes.length - 1 || stride === axes[i + 1].stride * axes[i + 1].extent,
  );
  return even ? (axes.at(-1)?.stride ?? 0) : undefined;
}

/**
 * cuBLASLt's matrices are column-major: to it a row-major y is d = y transposed = b transposed * a transposed, so that its
 * first operand is b, its second a, and its rows are the columns of y.
 */
function kernelOf(product: Product, choice: Choice, roles: readonly string[]): LibraryKernel {
  const { id, algorithm } = choice;
  const { problem, bias, addend } = product;
  const { rows, cols, depth, a, b, y, alpha, beta, activation, batch, flops, bytes } = problem;
  const refused = productRefusal(product, choice);
  const type: LibraryType | undefined = libraryType(y.type, choice);
  const [storedA, storedB, storedY] = [
    storedAs(a, rows, depth),
    storedAs(b, depth, cols),
    storedAs(y, rows, cols),
  ];
  if (refused !== undefined || !type || !storedA || !storedB || !storedY)
    throw new TypeError(`cuBLASLt does not compute ${id}: ${refused}`);
  const lines = (operand: MatrixOperand | undefined): number =>
    operand ? Math.max(operand.rowStride, cols) : storedY.lead;
  const bound = [b, a, ...(bias ? [bias] : []), ...(addend ? [addend] : []), y];
  const parameters: MatmulCall = {
    algorithm,
    type,
    rows: cols,
    cols: rows,
    depth,
    batches: batchesOf(problem),
    transA: storedB.contiguous === 'rows',
    transB: storedA.contiguous === 'rows',
    leads: [storedB.lead, storedA.lead, lines(addend), storedY.lead],
    batchStrides: [b, a, addend ?? y, y].map((operand) => batchStrideOf(operand, batch) ?? 0),
    offsets: bound.map((operand) => operand.offset * GPU_TYPE_BYTES[operand.type]),
    alpha,
    beta,
    bias: bias !== undefined,
    addend: addend !== undefined,
    relu: activation !== undefined,
  };
  return libraryKernel({
    id,
    call: { library: 'cublaslt', operation: 'matmul', parameters },
    bindings: roles,
    outputs: rows * cols * batchesOf(problem),
    flops,
    bytes,
  });
}
