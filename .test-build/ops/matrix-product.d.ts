import { Tensor } from '../tensor/index.js';
import type { DType, Dims } from '../tensor/index.js';
/** The integer types of ONNX's Gemm and MatMul. */
export declare const PRODUCT_INTEGERS: readonly DType[];
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
export declare function matmulShape(a: Dims, b: Dims): MatmulShape;
/** Numbers to multiply and add with: doubles, or bigints where integers must be exact. */
export interface Arithmetic<T> {
    readonly zero: T;
    readonly multiplyAdd: (sum: T, a: T, b: T) => T;
}
export declare const doubles: Arithmetic<number>;
export declare const bigints: Arithmetic<bigint>;
/** A matrix inside a flat array. */
export interface MatrixView<T> {
    readonly data: ArrayLike<T>;
    readonly offset: number;
    readonly rowStride: number;
    readonly columnStride: number;
}
/** Element [i, j] of A * B, where A has `k` columns. */
export declare function innerProduct<T>(a: MatrixView<T>, b: MatrixView<T>, i: number, j: number, k: number, { zero, multiplyAdd }: Arithmetic<T>): T;
/** The elements of `numpy.matmul(A, B)`, both dense and row-major. */
export declare function batchedProduct<T>(a: ArrayLike<T>, b: ArrayLike<T>, shape: MatmulShape, arithmetic: Arithmetic<T>): T[];
/** Multiply-adds of a matrix product, counted as two operations each. */
export declare function productFlops({ m, n, k, batch }: MatmulShape): number;
/** An integer tensor of exact results, which wrap around as the element type does. */
export declare function wrappedTensor(dtype: DType, dims: Dims, values: readonly bigint[]): Tensor;
