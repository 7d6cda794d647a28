/** Shapes and arithmetic that all matrix products share. */
import { ShapeError } from '../errors.js';
import {
  DTYPES,
  Tensor,
  broadcastDims,
  broadcastStrides,
  formatDims,
  sizeOf,
  walk,
} from '../tensor/index.js';
import type { DType, Dims } from '../tensor/index.js';

/** The integer types of ONNX's Gemm and MatMul. */
export const PRODUCT_INTEGERS: readonly DType[] = ['i32', 'i64', 'u32', 'u64'];

/** A (batched) matrix product in numbers. */
export interface MatmulShape {
  /** Rows of A and of the result. */
  readonly m: number;
  /** Columns of B and of the result. */
  readonly n: number;
  /** Columns of A and rows of B. */
  readonly k: number;
  /** Leading dims of the result, to which those of A and B broadcast. */
  readonly batch: readonly number[];
  /** A's strides, in elements, along the batch dims; 0 where it is repeated. */
  readonly aBatchStrides: readonly number[];
  /** B's. */
  readonly bBatchStrides: readonly number[];
  /** Dims of the result: [...batch, m, n], without m where A is a vector and without n where B is one. */
  readonly dims: readonly number[];
}

/**
 * The shape of `numpy.matmul(A, B)`: a vector A counts as one row, a vector B as one column, leading dims broadcast.
 * @throws ShapeError when A or B is a scalar, or they do not fit
 */
export function matmulShape(a: Dims, b: Dims): MatmulShape {
  if (a.length === 0 || b.length === 0) {
    throw new ShapeError(`a is ${formatDims(a)} and b ${formatDims(b)}`, {
      remedy: 'A matrix product needs at least vectors; use Mul for scalars.',
    });
  }
  const [m, k] = a.length === 1 ? [1, a[0]] : a.slice(-2);
  const [rows, n] = b.length === 1 ? [b[0], 1] : b.slice(-2);
  if (k !== rows) {
    throw new ShapeError(`a is ${formatDims(a)} and b ${formatDims(b)}: ${k} columns meet ${rows} rows`, {
      remedy: "a's last dimension must equal b's last but one.",
    });
  }
  const [aBatch, bBatch] = [a.slice(0, -2), b.slice(0, -2)];
  const batch = broadcastDims(aBatch, bBatch);
  return {
    m,
    n,
    k,
    batch,
    aBatchStrides: broadcastStrides(aBatch, batch).map((stride) => stride * m * k),
    bBatchStrides: broadcastStrides(bBatch, batch).map((stride) => stride * k * n),
    dims: [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])],
  };
}

/** Numbers to multiply and add with: doubles, or bigints where integers must be exact. */
export interface Arithmetic<T> {
  readonly zero: T;
  readonly multiplyAdd: (sum: T, a: T, b: T) => T;
}

export const doubles: Arithmetic<number> = { zero: 0, multiplyAdd: (sum, a, b) => sum + a * b };
export const bigints: Arithmetic<bigint> = { zero: 0n, multiplyAdd: (sum, a, b) => sum + a * b };

/** A matrix inside a flat array. */
export interface MatrixView<T> {
  readonly data: ArrayLike<T>;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Element [i, j] of A * B, where A has `k` columns. */
export function innerProduct<T>(
  a: MatrixView<T>,
  b: MatrixView<T>,
  i: number,
  j: number,
  k: number,
  { zero, multiplyAdd }: Arithmetic<T>,
): T {
  let sum = zero;
  let aAt = a.offset + i * a.rowStride;
  let bAt = b.offset + j * b.columnStride;
  for (let step = 0; step < k; step++) {
    sum = multiplyAdd(sum, a.data[aAt], b.data[bAt]);
    aAt += a.columnStride;
    bAt += b.rowStride;
  }
  return sum;
}

/** The elements of `numpy.matmul(A, B)`, both dense and row-major. */
export function batchedProduct<T>(
  a: ArrayLike<T>,
  b: ArrayLike<T>,
  shape: MatmulShape,
  arithmetic: Arithmetic<T>,
): T[] {
  const { m, n, k, batch } = shape;
  const y: T[] = [];
  walk(batch, [shape.aBatchStrides, shape.bBatchStrides], ([aOffset, bOffset]) => {
    const left = { data: a, offset: aOffset, rowStride: k, columnStride: 1 };
    const right = { data: b, offset: bOffset, rowStride: n, columnStride: 1 };
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) y.push(innerProduct(left, right, i, j, k, arithmetic));
    }
  });
  return y;
}

/** Multiply-adds of a matrix product, counted as two operations each. */
export function productFlops({ m, n, k, batch }: MatmulShape): number {
  return 2 * sizeOf(batch) * m * n * k;
}

/** An integer tensor of exact results, which wrap around as the element type does. */
export function wrappedTensor(dtype: DType, dims: Dims, values: readonly bigint[]): Tensor {
  const { bits, kind } = DTYPES[dtype];
  const wrap = (value: bigint): bigint =>
    kind === 'int' ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return Tensor.from(dtype, dims, values.map(wrap));
}
