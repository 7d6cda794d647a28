/**
 * The blocked matrix product over one packed panel of B, shared by `gemm` and the implicit convolution.
 *
 * Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication": a column tile of B stays in L1 while the
 * rows of a block of A stream past it from L2. Here the whole depth of B's panel is packed at once and C's block stays in
 * the scratch until its sum is complete, so that the caller's output is written once, with bias and activation done.
 */
import { activate, startBlock } from './epilogue.js';
import { maxDepth, rowBytes } from './kernels.js';
import { copyRows, storeBlock } from './matrix.js';
/** Rows of A copied at a time: 128 x 2 KiB is a quarter of the 1 MiB L2 that current server cores have. */
const blockRows = 128;
/** Floats of a packed panel of B that we aim at (2 MiB). */
const panelBudget = 524_288;
/** Columns of a panel: at least 64, however deep it is, so that copying A's block pays; and no more than C's block holds. */
const panelCols = { least: 64, most: 2048 };
/** How many columns a panel of this depth gets, a multiple of 8. */
export function panelWidth(depth) {
    const fitting = Math.floor(panelBudget / Math.max(depth, 1) / 8) * 8;
    return Math.min(Math.max(fitting, panelCols.least), panelCols.most);
}
/**
 * Floats from one 8-column tile of a packed panel to the next: an odd number of cache lines, at least the tile's `depth`
 * rows. With a power of two, the rows that packing writes at the same time would compete for the same L1 sets.
 */
export function tileFloats(depth) {
    return 8 * (Math.ceil((depth - 2) / 4) * 4 + 2);
}
/** Floats to reserve for a panel product: its packed panel, a block of A, a block of C. */
export function panelScratch(rows, depth, width) {
    const padded = Math.ceil(width / 8) * 8;
    const blocked = Math.min(blockRows, Math.ceil(rows / 4) * 4);
    return { b: tileFloats(depth) * (padded / 8), a: blocked * (rowBytes / 4), c: blocked * padded };
}
/**
 * Computes columns `col` to `col + cols` of the product from B's packed panel: 8-column tiles {@link tileFloats} apart,
 * each `depth` rows of 8 floats, the last one filled up with zeros.
 */
export function multiplyPanel(kernels, product, col, cols) {
    const { rows, depth, at } = product;
    const tiles = Math.ceil(cols / 8);
    const width = tiles * 8;
    const pieces = Math.max(Math.ceil(depth / maxDepth), 1);
    const pieceDepth = Math.ceil(depth / pieces / 4) * 4;
    const blocks = Math.ceil(rows / blockRows);
    const rowsPerBlock = Math.ceil(rows / blocks / 4) * 4;
    for (let row = 0; row < rows; row += rowsPerBlock) {
        const count = Math.min(rowsPerBlock, rows - row);
        const tilesM = Math.ceil(count / 4);
        startBlock(product.bias, row, count, col, cols, kernels.f32, at.c / 4, width);
        for (let k = 0; k < depth; k += pieceDepth) {
            const piece = Math.min(pieceDepth, depth - k);
            copyRows(product.a, row, count, k, piece, product.alpha, kernels.f32, at.a / 4, 4 * tilesM);
            kernels.multiply4x8(at.a, at.b + 32 * k, at.c, tilesM, tiles, piece, 4 * tileFloats(depth), 32, 4 * width);
        }
        activate(kernels, product.activation, at.c, count * width);
        storeBlock(kernels.f32, at.c / 4, width, product.out, row, count, col, cols);
    }
}
//# sourceMappingURL=panel.js.map