/** What happens to an output block around the matrix product: it starts as the bias and ends clamped. */
import {} from './kernels.js';
import { copyBlock } from './matrix.js';
/** Fills a scratch block of rows x cols (rows `rowLength` floats apart, from `at`) with the bias at (row, col), or 0. */
export function startBlock(bias, row, rows, col, cols, scratch, at, rowLength) {
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
export function activate(kernels, activation, at, floats) {
    if (activation === undefined)
        return;
    const [low, high] = activation.kind === 'relu' ? [0, Infinity] : [activation.min, activation.max];
    kernels.clamp(at, Math.ceil(floats / 4), low, high);
}
//# sourceMappingURL=epilogue.js.map