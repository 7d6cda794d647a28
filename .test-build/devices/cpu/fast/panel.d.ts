/**
 * The blocked matrix product over one packed panel of B, shared by `gemm` and the implicit convolution.
 *
 * Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication": a column tile of B stays in L1 while the
 * rows of a block of A stream past it from L2. Here the whole depth of B's panel is packed at once and C's block stays in
 * the scratch until its sum is complete, so that the caller's output is written once, with bias and activation done.
 */
import { type Activation } from './epilogue.js';
import { type Kernels } from './kernels.js';
import { type MatrixView } from './matrix.js';
/** How many columns a panel of this depth gets, a multiple of 8. */
export declare function panelWidth(depth: number): number;
/**
 * Floats from one 8-column tile of a packed panel to the next: an odd number of cache lines, at least the tile's `depth`
 * rows. With a power of two, the rows that packing writes at the same time would compete for the same L1 sets.
 */
export declare function tileFloats(depth: number): number;
/** Floats to reserve for a panel product: its packed panel, a block of A, a block of C. */
export declare function panelScratch(rows: number, depth: number, width: number): {
    b: number;
    a: number;
    c: number;
};
/** One product C = alpha·A·B + bias, whose columns come panel by panel. */
export interface PanelProduct {
    readonly rows: number;
    readonly depth: number;
    readonly alpha: number;
    readonly a: MatrixView;
    readonly bias: MatrixView | undefined;
    readonly out: MatrixView;
    readonly activation: Activation | undefined;
    /** Scratch addresses in bytes, of the sizes {@link panelScratch} gives. */
    readonly at: {
        readonly b: number;
        readonly a: number;
        readonly c: number;
    };
}
/**
 * Computes columns `col` to `col + cols` of the product from B's packed panel: 8-column tiles {@link tileFloats} apart,
 * each `depth` rows of 8 floats, the last one filled up with zeros.
 */
export declare function multiplyPanel(kernels: Kernels, product: PanelProduct, col: number, cols: number): void;
