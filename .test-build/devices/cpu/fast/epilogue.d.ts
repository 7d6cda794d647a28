/** What happens to an output block around the matrix product: it starts as the bias and ends clamped. */
import { type Kernels } from './kernels.js';
import { type MatrixView } from './matrix.js';
/** An activation applied to each output as it is stored: plain data, so that it can be part of a plan. */
export type Activation = {
    readonly kind: 'relu';
}
/** `min(max(x, min), max)`, as ONNX Clip. */
 | {
    readonly kind: 'clip';
    readonly min: number;
    readonly max: number;
};
/** Fills a scratch block of rows x cols (rows `rowLength` floats apart, from `at`) with the bias at (row, col), or 0. */
export declare function startBlock(bias: MatrixView | undefined, row: number, rows: number, col: number, cols: number, scratch: Float32Array, at: number, rowLength: number): void;
/** Applies the activation in place to `floats` floats at byte address `at`; may run up to 3 floats further. */
export declare function activate(kernels: Kernels, activation: Activation | undefined, at: number, floats: number): void;
