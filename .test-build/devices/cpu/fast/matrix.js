/** Strided views of matrices in `Float32Array`s, and copies of their blocks into the scratch. */
import { rowBytes } from './kernels.js';
import { copyRun, copyStrided } from './scratch.js';
/** The same elements with rows and columns exchanged. */
export function transposed(view) {
    return { ...view, rowStride: view.colStride, colStride: view.rowStride };
}
const rowFloats = rowBytes / 4;
/**
 * Copies the block of `rows` x `depth` at (row, k) to rows of `rowBytes` in the scratch, times `alpha`, and fills up with
 * zeros to `paddedRows` rows of a multiple of 4 floats. Zeros rather than what lies there: subnormal leftovers are slow.
 *
 * @param to where the block goes, in floats.
 */
export function copyRows(view, row, rows, k, depth, alpha, scratch, to, paddedRows) {
    const paddedDepth = Math.ceil(depth / 4) * 4;
    for (let r = 0; r < rows; r++) {
        const from = view.offset + (row + r) * view.rowStride + k * view.colStride;
        const at = to + r * rowFloats;
        if (view.colStride === 1) {
            copyRun(view.data, from, scratch, at, depth);
        }
        else {
            copyStrided(view.data, from, view.colStride, scratch, at, depth);
        }
        if (alpha !== 1)
            for (let i = at; i < at + depth; i++)
                scratch[i] *= alpha;
        for (let i = depth; i < paddedDepth; i++)
            scratch[at + i] = 0;
    }
    for (let r = rows; r < paddedRows; r++) {
        scratch.fill(0, to + r * rowFloats, to + r * rowFloats + paddedDepth);
    }
}
/** Copies rows x cols at (row, col) of the view to the scratch at `to`, rows `rowLength` floats apart. */
export function copyBlock(view, row, rows, col, cols, scratch, to, rowLength) {
    const contiguous = view.colStride === 1 && view.rowStride === cols && rowLength === cols;
    if (contiguous) {
        copyRun(view.data, view.offset + row * cols + col, scratch, to, rows * cols);
        return;
    }
    for (let r = 0; r < rows; r++) {
        const from = view.offset + (row + r) * view.rowStride + col * view.colStride;
        if (view.colStride === 1)
            copyRun(view.data, from, scratch, to + r * rowLength, cols);
        else
            copyStrided(view.data, from, view.colStride, scratch, to + r * rowLength, cols);
    }
}
/** Writes rows x cols from the scratch (rows `rowLength` floats apart, from `at`) to the view at (row, col). */
export function storeBlock(scratch, at, rowLength, view, row, rows, col, cols) {
    const { data, colStride } = view;
    for (let r = 0; r < rows; r++) {
        const to = view.offset + (row + r) * view.rowStride + col * colStride;
        const from = at + r * rowLength;
        if (colStride === 1)
            copyRun(scratch, from, data, to, cols);
        else
            for (let j = 0; j < cols; j++)
                data[to + j * colStride] = scratch[from + j];
    }
}
//# sourceMappingURL=matrix.js.map