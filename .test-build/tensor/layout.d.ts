import { type Dims } from './shape.js';
export interface Layout {
    /** `NCHW`, `NHWC`, `CHWN`, `NCHW4c`; of other ranks the same idea: `NCW`, `NDHWC`, `CN`. */
    readonly name: string;
    /** Logical axes from outermost to innermost. */
    readonly order: readonly number[];
    /** The axis cut into blocks, and a block's size; the last block is padded with zeros. */
    readonly block?: {
        readonly axis: number;
        readonly size: number;
    };
}
/** The families of layouts that a policy may choose from. */
export declare const LAYOUT_KINDS: readonly ['nchw', 'nhwc', 'chwn', 'nchw4c'];
export type LayoutKind = (typeof LAYOUT_KINDS)[number];
/**
 * The layout of a kind for tensors of a rank. Tensors without both batch and channels (ranks 0, 1 and above 5)
 * have only the row-major one.
 */
export declare function layoutOf(kind: LayoutKind, rank: number): Layout;
/** The plain row-major layout of a rank. */
export declare function rowMajor(rank: number): Layout;
/** A layout by its axis order alone, named by the axes: for weights, `order [2, 3, 1, 0]` is HWIO of OIHW. */
export declare function permutedLayout(name: string, order: readonly number[]): Layout;
/** Dims in memory, outermost first: those of the order, the blocked axis counting blocks, then the block. */
export declare function physicalDims(layout: Layout, dims: Dims): number[];
/** Elements in memory, the padding of a blocked axis included. */
export declare function physicalSize(layout: Layout, dims: Dims): number;
/**
 * Strides of the logical axes in elements. For the blocked axis it is the stride from block to block; within a
 * block the stride is 1.
 */
export declare function layoutStrides(layout: Layout, dims: Dims): number[];
/** Where the element at a logical index lies. */
export declare function offsetOf(layout: Layout, dims: Dims, index: readonly number[]): number;
/** Whether two layouts of a tensor put every element at the same place, so that no transform is needed. */
export declare function samePlacement(a: Layout, b: Layout, dims: Dims): boolean;
/**
 * Copies a dense tensor from one layout to another on the host.
 * @param source elements in layout `from`, of length physicalSize(from, dims)
 * @param target receives them in layout `to`; padding of a blocked axis is left as it is (zero it first)
 */
export declare function convertLayout<T extends {
    [index: number]: number | bigint;
}>(source: T, target: T, dims: Dims, from: Layout, to: Layout): void;
