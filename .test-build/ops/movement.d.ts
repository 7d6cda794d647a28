import { Tensor, type Dims, type TensorType } from '../tensor/index.js';
/** A storage array of any element type, for copying elements as they are. */
interface Elements {
    [index: number]: number | bigint;
}
/** A strided reading of a tensor's elements: element i is at `offset` + sum of i[axis] * strides[axis]. */
export interface View {
    readonly dims: Dims;
    /** In elements; 0 repeats, negative walks backwards. */
    readonly strides: readonly number[];
    readonly offset?: number;
}
/** The storage of a tensor as elements to copy. */
export declare function elementsOf(tensor: Tensor): Elements;
/** A dense copy of a view. @param dims the result's dims where they differ from the view's (same size) */
export declare function copyView(x: Tensor, view: View, dims?: Dims): Tensor;
/** Copies all of `x` to the places of a view of `target`, which has x's dims. */
export declare function copyInto(target: Tensor, x: Tensor, strides: readonly number[], start: number): void;
/**
 * Calls `visit(index, flat)` for every element of `dims` in row-major order. The array `index` is reused between
 * calls.
 */
export declare function forEachIndex(dims: Dims, visit: (index: readonly number[], flat: number) => void): void;
/** Stands in an index table where no element of the input is meant. */
export declare const OUTSIDE = -1;
/**
 * out[i0, i1, ...] = x[tables[0][i0], tables[1][i1], ...], or the fill where any of those is `OUTSIDE`.
 * @param fill one element of x's type
 */
export declare function copyByTables(x: Tensor, tables: readonly (readonly number[])[], fill: Tensor): Tensor;
/** An index in [-extent, extent) made non-negative. @throws InputError outside that range */
export declare function wrapIndex(index: number, extent: number, axis: number): number;
/** Dims with another extent on one axis. */
export declare function withExtent(dims: Dims, axis: number, extent: number): number[];
/** Checks the type of an index tensor. @throws ShapeError unless it is int32 or int64 */
export declare function expectIndices(type: TensorType, name: string): void;
/** Checks that an op's axis exists. @throws ShapeError unless 0 <= axis < rank */
export declare function expectAxis(axis: number, type: TensorType, name: string): void;
/** Checks that a per-axis list has one entry for each axis. @throws ShapeError otherwise */
export declare function expectPerAxis(list: readonly unknown[], what: string, type: TensorType): void;
/** Ideal bytes of an op that reads only as many elements of its first input as it writes. */
export declare function bytesOfSelection(outputs: readonly TensorType[], others: readonly (TensorType | undefined)[]): number;
export {};
