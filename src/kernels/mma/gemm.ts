/** y = activation(alpha * a * b + beta * c) on tensor cores in CUDA C++ (product.ts). */
import { GPU_TYPE_BYTES, type CudaKernel } from '../../devices/gpu.js';
import { gemmProduct } from '../gemm/gemm.js';
import { oriented, rolesOf, type GemmProblem, type GemmRole, type MatrixOperand } from '../gemm/problem.js';
import { activationRefusal } from './activation.js';
import { lanesOf, MMA_PARTIAL, mmaEnding, type MmaEnding, type MmaPlace } from './ending.js';
import type { MmaType } from './instructions.js';
import { batchText, lineLoader, type MmaLoader } from './loaders.js';
import { launchOf, mmaProductKernel, storedType, type MmaLaunch } from './product.js';
import type { MmaStaging } from './tile.js';

/** In parts, `gemmReduceKernel` has to follow. */
export interface MmaGemmConfig extends MmaLaunch {
  readonly problem: GemmProblem;
}

/** A kernel, and what each of its bindings stands for. */
export interface MmaGemmKernel {
  readonly source: CudaKernel;
  readonly roles: readonly GemmRole[];
}

/** Most elements from an operand's first to its last: offsets are u32. */
const MOST_ELEMENTS = 2 ** 31;

/** Why the kernel does not apply, or undefined. */
export function mmaGemmRefusal(problem: GemmProblem, type: MmaType): string | undefined {
  const { a, b, c, y, rows, cols, depth, batch } = problem;
  const wanted = storedType(type);
  if ([a, b, y].some((operand) => operand.type !== wanted)) return `it is for ${wanted}`;
  if (c && c.type !== wanted && c.type !== 'f32') return `what is added is not ${wanted}`;
  if ([rows, cols, depth, ...batch].includes(0)) return 'the product is empty';
  const spans = [
    span(a, batch, rows, depth),
    span(b, batch, depth, cols),
    span(y, batch, rows, cols),
    Math.ceil(cols / 4) * 4 * rows,
  ];
  if (spans.some((elements) => elements > MOST_ELEMENTS)) return 'the matrices are too large';
  const [left, right] = loadersOf(oriented(problem).problem);
  if (!left || !right) return `rows, columns or the depth do not divide into vectors of ${lanesOf(wanted)}`;
  return activationRefusal(problem.activation);
}

function span(
  { offset, batchStrides, rowStride, colStride }: MatrixOperand,
  batch: readonly number[],
  rows: number,
  cols: number,
): number {
  const ends = batch.map((extent, axis) => (extent - 1) * (batchStrides[axis] ?? 0));
  return ends.reduce((sum, end) => sum + end, offset + rows * rowStride + cols * colStride);
}

/** How the operands lie in shared memory. */
export function mmaGemmStaging(problem: GemmProblem, type: MmaType): MmaStaging {
  const [left, right] = required(oriented(problem).problem);
  return { type, rowsAcross: left.across, colsAcross: right.across };
}

function loadersOf({ a, b, rows, cols, depth, batch }: GemmProblem): readonly (MmaLoader | undefined)[] {
  return [
    lineLoader('row', a, rows, depth, batch, [a.rowStride, a.colStride]),
    lineLoader('col', b, cols, depth, batch, [b.colStride, b.rowStride]),
  ];
}

function required(problem: GemmProblem): [MmaLoader, MmaLoader] {
  const [left, right] = loadersOf(problem);
  if (!left || !right) throw new TypeError('the operands do not lie in vectors');
  return [left, right];
}

export function mmaGemmKernel(config: MmaGemmConfig): MmaGemmKernel {
  const { parts } = config;
  const { problem, swapped } = oriented(config.problem);
  const [rowLoader, colLoader] = required(problem);
  const ending: MmaEnding<'c' | 'y' | 'partial'> = parts > 1 ? MMA_PARTIAL : endingOf(problem);
  const source = mmaProductKernel({
    ...gemmProduct(problem),
    ...launchOf(config),
    rowLoader,
    colLoader,
    ending,
    declarations:
      parts > 1
        ? ''
        : batchText('y', problem.y, problem.batch) +
          (problem.c ? batchText('c', problem.c, problem.batch) : ''),
    flops: problem.flops,
    bytes: problem.bytes,
  });
  return { source, roles: rolesOf(swapped, 'a', 'b', ...ending.bindings.map(({ name }) => name)) };
}

function endingOf(problem: GemmProblem): MmaEnding<'c' | 'y'> {
  const { c, y, beta, alpha, activation } = problem;
  const addends = c
    ? [{ ...placeOf('c', c, problem), name: 'c' as const, scale: beta, repeated: c.colStride === 0 }]
    : [];
  return mmaEnding({ y: placeOf('y', y, problem), addends, alpha, activation });
}

function placeOf(name: string, operand: MatrixOperand, { cols, y, batch }: GemmProblem): MmaPlace {
  const { type, offset, batchStrides, rowStride, colStride } = operand;
  const lanes = lanesOf(y.type);
  const used = batchStrides.filter((_, axis) => batch[axis] > 1);
  const whole = [cols, offset, rowStride, ...used].every((count) => count % lanes === 0);
  const terms = [`(unsigned long long)${name}_batch(place.batch)`];
  if (rowStride > 0) terms.push(`(unsigned long long)row * ${rowStride}u`);
  if (colStride > 0) terms.push(colStride === 1 ? 'col' : `(unsigned long long)col * ${colStride}u`);
  // A vector of another type's elements may begin between two of its own.
  const aligned = GPU_TYPE_BYTES[type] >= GPU_TYPE_BYTES[y.type];
  return { type, at: terms.join(' + '), vectors: colStride === 1 && whole && aligned };
}
