/** Matrix products as their kernels see them: operands as strides, whatever op or layout they come from. */
import type { GpuType, WgslKernel } from '../../devices/gpu.js';
import type { UnaryFunction } from '../../ops/unary.js';
import { sizeOf } from '../../tensor/index.js';

/** Where the elements of a (batched) matrix lie. */
export interface MatrixOperand {
  readonly type: GpuType;
  /** Elements to skip at the start. */
  readonly offset: number;
  /** Along the batch dims of the problem; 0 where it is repeated. */
  readonly batchStrides: readonly number[];
  /** Elements from row to row, and from column to column; 0 where it is repeated. */
  readonly rowStride: number;
  readonly colStride: number;
}

/** y = activation(alpha * a * b + beta * c), for every index of the batch dims. */
export interface GemmProblem {
  /** Rows of a and y, columns of b and y, columns of a. */
  readonly rows: number;
  readonly cols: number;
  readonly depth: number;
  readonly batch: readonly number[];
  readonly a: MatrixOperand;
  readonly b: MatrixOperand;
  readonly c?: MatrixOperand | undefined;
  readonly y: MatrixOperand;
  readonly alpha: number;
  readonly beta: number;
  readonly activation?: UnaryFunction | undefined;
  /** The op's own figures. */
  readonly flops: number;
  readonly bytes: number;
}

/** What a kernel's binding stands for. */
export type GemmRole = 'a' | 'b' | 'c' | 'y' | 'partial';

/** A kernel, and what each of its bindings stands for. */
export interface GemmKernel {
  readonly source: WgslKernel;
  readonly roles: readonly GemmRole[];
}

/** The kernel's product: its rows are those of y, or its columns if they are what lies contiguous in y. */
export interface Oriented {
  readonly problem: GemmProblem;
  /** Whether the operands changed places: y transposed = b transposed * a transposed. */
  readonly swapped: boolean;
}

/** Turns the problem so that the columns of y are contiguous, if either is. */
export function oriented(problem: GemmProblem): Oriented {
  const { y } = problem;
  const swapped = y.colStride !== 1 && y.rowStride === 1;
  return { problem: swapped ? transposedProblem(problem) : problem, swapped };
}

/** The same product with rows and columns exchanged, and with them a and b. */
export function transposedProblem(problem: GemmProblem): GemmProblem {
  const { rows, cols, a, b, c, y } = problem;
  return { ...problem, rows: cols, cols: rows, a: turned(b), b: turned(a), c: c && turned(c), y: turned(y) };
}

function turned(operand: MatrixOperand): MatrixOperand {
  return { ...operand, rowStride: operand.colStride, colStride: operand.rowStride };
}

/** Bindings' roles after `oriented`. */
export function rolesOf(swapped: boolean, ...roles: readonly GemmRole[]): GemmRole[] {
  return roles.map((role) => (swapped && role === 'a' ? 'b' : swapped && role === 'b' ? 'a' : role));
}

/** Matrices of a batch. */
export function batchesOf(problem: GemmProblem): number {
  return sizeOf(problem.batch);
}

/** `fn NAME(batch: u32) -> u32`: offset of an operand's matrix. */
export function batchFunction(name: string, operand: MatrixOperand, batch: readonly number[]): string {
  const terms = operand.offset > 0 ? [`${operand.offset}u`] : [];
  let inner = 1;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    if (operand.batchStrides[axis] > 0 && batch[axis] > 1) {
      const index = axis === 0 ? `batch / ${inner}u` : `batch / ${inner}u % ${batch[axis]}u`;
      terms.push(`${index} * ${operand.batchStrides[axis]}u`);
    }
    inner *= batch[axis];
  }
  return `fn ${name}(batch: u32) -> u32 { return ${terms.length > 0 ? terms.join(' + ') : '0u'}; }\n`;
}

/** Whether vec4 loads along columns (or rows) are aligned: stride 1 there, everything else divisible by 4. */
export function vectorAlong(
  along: 'rows' | 'cols',
  operand: MatrixOperand,
  extents: { readonly rows: number; readonly cols: number },
): boolean {
  const [near, far] =
    along === 'cols' ? [operand.colStride, operand.rowStride] : [operand.rowStride, operand.colStride];
  const whole = [extents[along], far, operand.offset, ...operand.batchStrides];
  return near === 1 && whole.every((count) => count % 4 === 0);
}
