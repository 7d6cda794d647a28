/** What happens to an output block around the matrix product: it starts as the bias and ends clamped. */
import { type Kernels } from './kernels.js';
import { copyBlock, type MatrixView } from './matrix.js';

/** An activation applied to each output as it is stored: plain data, so that it can be part of a plan. */
export type Activation =
  | { readonly kind: 'relu' }
  /** `min(max(x, min), max)`, as ONNX Clip. */
  | { readonly kind: 'clip'; readonly min: number; readonly max: number };

/** Fills a scratch block of rows x cols (rows `rowLength` floats apart, from `at`) with the bias at (row, col), or 0. */
export function startBlock(
  bias: MatrixView | undefined,
  row: number,
  rows: number,
  col: number,
  cols: number,
  scratch: Float32Array,
  at: number,
  rowLength: number,
): void {
  if (bias === undefined) {
    scratch.fill(0, at, at + rows * rowLength);
    return;
  }
  if (bias.colStride !== 0) {
    copyBlock(bias, row, rows, col, cols, scratch, at, rowLength);
    return;
  }
  for (let r = 0; r < rows; r++) {
    const value = bias.data[bias.offset + (row + r) * bias.rowStride];
    scratch.fill(value, at + r * rowLength, at + (r + 1) * rowLength);
  }
}

/** Applies the activation in place to `floats` floats at byte address `at`; may run up to 3 floats further. */
export function activate(
  kernels: Kernels,
  activation: Activation | undefined,
  at: number,
  floats: number,
): void {
  if (activation === undefined) return;
  const [low, high] = activation.kind === 'relu' ? [0, Infinity] : [activation.min, activation.max];
  kernels.clamp(at, Math.ceil(floats / 4), low, high);
}
