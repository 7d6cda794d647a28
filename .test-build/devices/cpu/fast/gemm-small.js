/**
 * Matrix products with few rows of A. There every element of B is used a few times only, so that packing it would cost
 * more than the arithmetic: B is copied as it lies, in pieces that fit L1 or L2, and used in place.
 */
import { activate, startBlock } from './epilogue.js';
import { maxDepth, rowBytes } from './kernels.js';
import { copyBlock, copyRows, storeBlock, transposed } from './matrix.js';
import { layScratch } from './scratch.js';
/** Columns and depth of B copied at a time when its rows are contiguous: 64 KiB, of which L1 and L2 make short work. */
const rowPiece = { cols: 1024, depth: 16 };
/**
 * How much of B is copied at a time when its columns are contiguous: whole columns (memory is read in order), about 128
 * KiB of them, at least 4.
 */
const dotPiece = { floats: 32_768, leastCols: 4 };
/** B's rows are contiguous: broadcast A's elements against them. */
export function multiplyFewRows(kernels, product) {
    const { m, n, k, alpha } = product;
    const tileRows = m < 4 ? 1 : 4;
    const tileCols = m < 4 ? 16 : 8;
    const paddedRows = Math.ceil(m / tileRows) * tileRows;
    const cols = Math.min(rowPiece.cols, n);
    const width = Math.ceil(cols / 16) * 16;
    const multiply = m < 4 ? kernels.multiply1x16 : kernels.multiply4x8;
    const [a, b, c] = layScratch(kernels, [
        paddedRows * (rowBytes / 4),
        rowPiece.depth * cols + 16,
        paddedRows * width,
    ]);
    const scratch = kernels.f32;
    for (let col = 0; col < n; col += cols) {
        const count = Math.min(cols, n - col);
        startBlock(product.bias, 0, m, col, count, scratch, c / 4, width);
        for (let deep = 0; deep < k; deep += maxDepth) {
            const aDepth = Math.min(maxDepth, k - deep);
            copyRows(product.a, 0, m, deep, aDepth, alpha, scratch, a / 4, paddedRows);
            for (let piece = 0; piece < aDepth; piece += rowPiece.depth) {
                const depth = Math.min(rowPiece.depth, aDepth - piece);
                copyBlock(product.b, deep + piece, depth, col, count, scratch, b / 4, count);
                const tiles = Math.ceil(count / tileCols);
                multiply(a + 4 * piece, b, c, paddedRows / tileRows, tiles, depth, 4 * tileCols, 4 * count, 4 * width);
            }
        }
        activate(kernels, product.activation, c, m * width);
        storeBlock(scratch, c / 4, width, product.out, 0, m, col, count);
    }
}
/** B's columns are contiguous: dot products along K. */
export function multiplyByDots(kernels, product) {
    const { m, n, k, alpha } = product;
    const tile = m < 4 ? { rows: 1, cols: 4 } : { rows: 4, cols: 2 };
    const multiply = m < 4 ? kernels.dot1x4 : kernels.dot4x2;
    const paddedRows = Math.ceil(m / tile.rows) * tile.rows;
    const length = Math.ceil(k / 4) * 4;
    const fitting = Math.floor(dotPiece.floats / Math.max(length, 1) / 4) * 4;
    const width = Math.min(Math.max(fitting, dotPiece.leastCols), Math.ceil(n / 4) * 4);
    const pieceFloats = paddedRows * (rowBytes / 4);
    const sizes = [Math.ceil(k / maxDepth) * pieceFloats, width * length, paddedRows * width];
    const [a, b, c] = layScratch(kernels, sizes);
    const scratch = kernels.f32;
    for (let deep = 0; deep < k; deep += maxDepth) {
        const at = a / 4 + (deep / maxDepth) * pieceFloats;
        copyRows(product.a, 0, m, deep, Math.min(maxDepth, k - deep), alpha, scratch, at, paddedRows);
    }
    const bRows = transposed(product.b);
    for (let col = 0; col < n; col += width) {
        const cols = Math.min(width, n - col);
        const tiles = Math.ceil(cols / tile.cols);
        copyBlock(bRows, col, cols, 0, k, scratch, b / 4, length);
        for (let j = 1; j <= cols; j++)
            scratch.fill(0, b / 4 + (j - 1) * length + k, b / 4 + j * length);
        startBlock(product.bias, 0, m, col, cols, scratch, c / 4, width);
        for (let deep = 0; deep < k; deep += maxDepth) {
            const aPiece = a + 4 * (deep / maxDepth) * pieceFloats;
            const quads = Math.ceil(Math.min(maxDepth, k - deep) / 4);
            multiply(aPiece, b + 4 * deep, c, paddedRows / tile.rows, tiles, quads, 4 * length, 4 * width);
        }
        activate(kernels, product.activation, c, m * width);
        storeBlock(scratch, c / 4, width, product.out, 0, m, col, cols);
    }
}
//# sourceMappingURL=gemm-small.js.map