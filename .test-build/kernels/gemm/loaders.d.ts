/**
 * Loaders of plain matrices for the tiled product (tile.ts): one text per direction of contiguous memory, written for the
 * row operand; the column operand's is the same with its names.
 */
import { type MatrixOperand } from './problem.js';
export interface Loader {
    readonly text: string;
    /** The binding's element: `f32` or `vec4<f32>`. */
    readonly element: string;
    readonly depthFastest: boolean;
}
/** The loader of `a`: rows by depth. */
export declare function rowLoader(a: MatrixOperand, rows: number, depth: number): Loader;
/** The loader of `b`: depth by columns. */
export declare function colLoader(b: MatrixOperand, depth: number, cols: number): Loader;
