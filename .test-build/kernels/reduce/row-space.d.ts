/**
 * Rows in memory. Normalisations and reductions see a tensor as rows: the elements along a set of axes, one row for
 * each index of the other axes, which are "kept". In memory the two kinds of axes interleave as the layout has
 * them. This module takes a layout's order apart into kept and row dimensions and merges neighbours again, so that
 * kernels know two flat indices only: k, over the rows, and r, within a row, both counted with the innermost
 * dimension fastest. Where a k or an r lies is a short list of segments. Pure functions of shapes.
 */
import { type Dims, type Layout } from '../../tensor/index.js';
import { type TensorView } from '../view.js';
/** A dimension in memory: `extent` positions, each `step` further along a logical axis. */
export interface PhysicalDim {
    readonly axis: number;
    readonly step: number;
    readonly extent: number;
    /** Whether it runs along rows. */
    readonly row: boolean;
}
/** The two flat indices: k over rows, r within a row. */
export type Part = 'kept' | 'row';
export interface RowSpace {
    /** Outermost first, without dimensions of extent 1. */
    readonly physical: readonly PhysicalDim[];
    /** Rows, those that are padding of a blocked axis included. */
    readonly kept: number;
    /** Positions in a row, padding included. */
    readonly row: number;
    /** Elements in a row. */
    readonly length: number;
    /** Which index moves along neighbouring memory. */
    readonly inner: Part;
    /** The blocked axis that ends in padding: positions from `extent` on are not elements. */
    readonly padding: {
        readonly axis: number;
        readonly extent: number;
        readonly part: Part;
    } | undefined;
}
/** Runs of `size` positions of an axis that belong to one row: group normalisation. */
export interface AxisGroups {
    readonly axis: number;
    readonly size: number;
}
/** How a flat index moves through memory: extents and strides, outermost first. */
export interface Segment {
    readonly extent: number;
    readonly stride: number;
}
/** Where logical indices lie: strides per axis (from block to block for the blocked one), and a first offset. */
export interface Placement {
    readonly strides: readonly number[];
    readonly block?: {
        readonly axis: number;
        readonly size: number;
    } | undefined;
    readonly offset: number;
}
/**
 * The rows that `axes` span in a layout, and with `groups` also the positions of each group of that axis.
 * @returns undefined when the groups do not fall together with the blocks of the layout
 */
export declare function rowSpace(dims: Dims, layout: Layout, axes: readonly number[], groups?: AxisGroups): RowSpace | undefined;
/** Where a view's elements lie. */
export declare function placementOf(view: TensorView): Placement;
/**
 * Where the result for each row lies, seen from the axes of the rows' tensor.
 * @param axes those reduced; gone from the result's dims unless `keepdims`
 */
export declare function reducedPlacement(result: TensorView, rank: number, axes: readonly number[], keepdims: boolean): Placement;
/** Where the elements of a parameter lie that broadcasts to `rank` axes, aligned from the last. */
export declare function broadcastPlacement(view: TensorView, rank: number): Placement;
/** Not a place but a number: the index within a row in row-major order of the logical axes. */
export declare function rankPlacement(dims: Dims, axes: readonly number[]): Placement;
/** Not a place but a number: the position along one axis. */
export declare function axisPlacement(rank: number, axis: number): Placement;
/** The segments of k or of r, neighbours merged where one stride reaches through both. */
export declare function segmentsOf({ physical }: RowSpace, part: Part, placement: Placement): Segment[];
/** The offset that a flat index comes to. */
export declare function offsetAt(segments: readonly Segment[], index: number): number;
/**
 * Segments in units of `unit` neighbouring elements of the part that is innermost.
 * @returns undefined unless every unit is contiguous and starts at a multiple of `unit`
 */
export declare function inUnits(space: RowSpace, placement: Placement, unit: number): Readonly<Record<Part, readonly Segment[]>> | undefined;
/** `i / 12u % 5u * 7u + ...`: the offset of a flat index, as WGSL. Divisors are constants, so no division is left. */
export declare function segmentsExpression(segments: readonly Segment[], index: string, offset?: number): string;
