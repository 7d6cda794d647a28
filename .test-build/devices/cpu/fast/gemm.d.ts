/** Matrix multiplication in f32 on the CPU. */
import { type Activation } from './epilogue.js';
import { type Product } from './gemm-small.js';
import { type Kernels } from './kernels.js';
/** Which elements of C share one bias: `row` is one value for each row of C, `column` one for each column. */
export type GemmBias = {
    readonly kind: 'row' | 'column' | 'full';
    readonly data: Float32Array;
} | {
    readonly kind: 'scalar';
    readonly value: number;
};
/** Arguments of {@link gemm}. All matrices are dense and row-major; for a batch, pass `subarray` views. */
export interface GemmArguments {
    /** Rows of C. */
    readonly m: number;
    /** Columns of C. */
    readonly n: number;
    /** Length of the sums. */
    readonly k: number;
    /** A, `[m, k]`; `[k, m]` if `transposeA`. */
    readonly a: Float32Array;
    /** B, `[k, n]`; `[n, k]` if `transposeB`. */
    readonly b: Float32Array;
    /** C, `[m, n]`: overwritten. Must not overlap A, B or the bias. */
    readonly out: Float32Array;
    readonly transposeA?: boolean;
    readonly transposeB?: boolean;
    /** Factor of the product, not of the bias; 1 if absent. */
    readonly alpha?: number;
    readonly bias?: GemmBias;
    readonly activation?: Activation;
}
/**
 * `C = activation(alpha·A·B + bias)`, accumulated in f32 (relative error about 1e-7·sqrt(k)). NaN and infinities
 * propagate as in IEEE 754: no zero is skipped.
 *
 * Blocking after Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication".
 *
 * @param kernels the inner loops; the thread's shared ones if absent.
 * @throws RangeError if a size is not a whole number >= 0 or an array is shorter than its shape.
 */
export declare function gemm(args: GemmArguments, kernels?: Kernels): void;
/** The product over strided views: chooses the method by shape. */
export declare function multiply(kernels: Kernels, product: Product): void;
