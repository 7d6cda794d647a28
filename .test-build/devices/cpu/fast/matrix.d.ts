/** Element (i, j) is `data[offset + i·rowStride + j·colStride]`; strides in floats, 0 repeats. */
export interface MatrixView {
    readonly data: Float32Array;
    readonly offset: number;
    readonly rowStride: number;
    readonly colStride: number;
}
/** The same elements with rows and columns exchanged. */
export declare function transposed(view: MatrixView): MatrixView;
/**
 * Copies the block of `rows` x `depth` at (row, k) to rows of `rowBytes` in the scratch, times `alpha`, and fills up with
 * zeros to `paddedRows` rows of a multiple of 4 floats. Zeros rather than what lies there: subnormal leftovers are slow.
 *
 * @param to where the block goes, in floats.
 */
export declare function copyRows(view: MatrixView, row: number, rows: number, k: number, depth: number, alpha: number, scratch: Float32Array, to: number, paddedRows: number): void;
/** Copies rows x cols at (row, col) of the view to the scratch at `to`, rows `rowLength` floats apart. */
export declare function copyBlock(view: MatrixView, row: number, rows: number, col: number, cols: number, scratch: Float32Array, to: number, rowLength: number): void;
/** Writes rows x cols from the scratch (rows `rowLength` floats apart, from `at`) to the view at (row, col). */
export declare function storeBlock(scratch: Float32Array, at: number, rowLength: number, view: MatrixView, row: number, rows: number, col: number, cols: number): void;
