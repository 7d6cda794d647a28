/**
 * Matrix products with few rows of A. There every element of B is used a few times only, so that packing it would cost
 * more than the arithmetic: B is copied as it lies, in pieces that fit L1 or L2, and used in place.
 */
import { activate, startBlock, type Activation } from './epilogue.js';
import { maxDepth, rowBytes, type Kernels } from './kernels.js';
import { copyBlock, copyRows, storeBlock, transposed, type MatrixView } from './matrix.js';
import { layScratch } from './scratch.js';

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

/** Columns and depth of B copied at a time when its rows are contiguous: 64 KiB, of which L1 and L2 make short work. */
const rowPiece = { cols: 1024, depth: 16 };

/** Columns of B copied at a time when those are contiguous (64 KiB), and columns of results kept before storing. */
const dotPiece = { cols: 32, resultCols: 4096 };

/** B's rows are contiguous: broadcast A's elements against them. */
export function multiplyFewRows(kernels: Kernels, product: Product): void {
  const { m, n, k, alpha } = product;
  const tileRows = m < 4 ? 1 : 4;
  const tileCols = m < 4 ? 16 : 8;
  const paddedRows = Math.ceil(m / tileRows) * tileRows;
  const cols = Math.min(rowPiece.cols, n);
  const width = Math.ceil(cols / 16) * 16;
  const multiply = m < 4 ? kernels.multiply1x16 : kernels.multiply4x8;
  const [a, b, c] = layScratch(kernels, [paddedRows * (rowBytes / 4), rowPiece.depth * cols + 16, paddedRows * width]);
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
export function multiplyByDots(kernels: Kernels, product: Product): void {
  const { m, n, k, alpha } = product;
  const tile = m < 4 ? { rows: 1, cols: 4 } : { rows: 4, cols: 2 };
  const paddedRows = Math.ceil(m / tile.rows) * tile.rows;
  const multiply = m < 4 ? kernels.dot1x4 : kernels.dot4x2;
  const bRows = transposed(product.b);
  const width = Math.min(dotPiece.resultCols, Math.ceil(n / 4) * 4);
  const sizes = [paddedRows * (rowBytes / 4), dotPiece.cols * (rowBytes / 4), paddedRows * width] as const;
  const [a, b, c] = layScratch(kernels, sizes);
  const scratch = kernels.f32;
  for (let start = 0; start < n; start += width) {
    const end = Math.min(start + width, n);
    startBlock(product.bias, 0, m, start, end - start, scratch, c / 4, width);
    for (let deep = 0; deep < k; deep += maxDepth) {
      const depth = Math.min(maxDepth, k - deep);
      copyRows(product.a, 0, m, deep, depth, alpha, scratch, a / 4, paddedRows);
      for (let col = start; col < end; col += dotPiece.cols) {
        const count = Math.min(dotPiece.cols, end - col);
        const tiles = Math.ceil(count / tile.cols);
        copyRows(bRows, col, count, deep, depth, 1, scratch, b / 4, tiles * tile.cols);
        multiply(a, b, c + 4 * (col - start), paddedRows / tile.rows, tiles, Math.ceil(depth / 4), 4 * width);
      }
    }
    activate(kernels, product.activation, c, m * width);
    storeBlock(scratch, c / 4, width, product.out, 0, m, start, end - start);
  }
}
