import { type Dims } from '../tensor/index.js';
/** Checks the axes that rows span. @throws ShapeError unless they ascend strictly within [0, rank) */
export declare function checkAxes(axes: readonly number[], dims: Dims): void;
/** The axes of a tensor of this rank that are not in `axes`, ascending. */
export declare function otherAxes(axes: readonly number[], rank: number): number[];
/** Dims once each row is one element: the rows' axes gone, or kept with size 1. */
export declare function reducedDims(dims: Dims, axes: readonly number[], keepdims: boolean): number[];
/** Where rows lie in a dense row-major tensor, in elements. */
export interface Rows {
    /** Offset of each row's first element. */
    readonly starts: Float64Array;
    /** Offsets of a row's elements from its first: the same for every row. */
    readonly steps: Float64Array;
}
/** The rows that `axes` (ascending, non-negative) span. */
export declare function rowsOf(dims: Dims, axes: readonly number[]): Rows;
/** Reads one row. */
export declare function readRow<T>(data: ArrayLike<T>, start: number, steps: Float64Array): T[];
/** One result for each row, in row-major order of the other axes. */
export declare function reduceRows<T, R>(data: ArrayLike<T>, dims: Dims, axes: readonly number[], reduce: (row: readonly T[]) => R): R[];
/** The elements with every row replaced by `map(row)`, which has the row's length. */
export declare function mapRows(data: Float64Array, dims: Dims, axes: readonly number[], map: (row: readonly number[]) => readonly number[]): Float64Array;
/** Sum of a row; 0 when it is empty. */
export declare function sumOf(row: readonly number[]): number;
/** Mean and population variance (divided by n, not n - 1) of a row; NaN when it is empty. */
export declare function momentsOf(row: readonly number[]): {
    mean: number;
    variance: number;
};
/** A row shifted and scaled to mean 0 and variance 1: (x - mean) / sqrt(variance + epsilon). */
export declare function standardise(row: readonly number[], epsilon: number): number[];
/** Operations of `standardise` per element: 1 for the mean, 3 for the variance, 2 to shift and scale. */
export declare const STANDARDISE_FLOPS = 6;
