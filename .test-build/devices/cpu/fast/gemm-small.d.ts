/**
 * Matrix products with few rows of A. There every element of B is used a few times only, so that packing it would cost
 * more than the arithmetic: B is copied as it lies, in pieces that fit L1 or L2, and used in place.
 */
import { type Activation } from './epilogue.js';
import { type Kernels } from './kernels.js';
import { type MatrixView } from './matrix.js';
/** A product C[m,n] = alpha·A[m,k]·B[k,n] + bias[m,n] over strided views. */
export interface Product {
    readonly m: number;
    readonly n: number;
    readonly k: number;
    readonly alpha: number;
    readonly a: MatrixView;
    readonly b: MatrixView;
    readonly bias: MatrixView | undefined;
    readonly out: MatrixView;
    readonly activation: Activation | undefined;
}
/** B's rows are contiguous: broadcast A's elements against them. */
export declare function multiplyFewRows(kernels: Kernels, product: Product): void;
/** B's columns are contiguous: dot products along K. */
export declare function multiplyByDots(kernels: Kernels, product: Product): void;
