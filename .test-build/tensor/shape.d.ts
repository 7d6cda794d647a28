export type Dims = readonly number[];
/** Number of elements; 1 for a scalar, 0 when a dimension is 0. */
export declare function sizeOf(dims: Dims): number;
/** Row-major strides in elements. */
export declare function stridesOf(dims: Dims): number[];
/** Whether two shapes are equal. */
export declare function sameDims(a: Dims, b: Dims): boolean;
/** Dims as people read them: `1x3x224x224`, or `scalar`. */
export declare function formatDims(dims: readonly (number | string | null)[]): string;
/** An axis in [-rank, rank) made non-negative. @throws ShapeError outside that range */
export declare function normaliseAxis(axis: number, rank: number): number;
/** Axes made non-negative. @throws ShapeError when one is out of range or named twice */
export declare function normaliseAxes(axes: readonly number[], rank: number): number[];
/** The common shape under NumPy's (and ONNX's multidirectional) broadcasting. @throws ShapeError if there is none */
export declare function broadcastDims(...shapes: readonly Dims[]): number[];
/** Strides that walk `dims` as if broadcast to `target`: 0 along repeated dimensions. */
export declare function broadcastStrides(dims: Dims, target: Dims): number[];
/**
 * Calls `visit(offsets, flat)` for every element of `dims` in row-major order, where `offsets[k]` is the
 * element's offset under `strides[k]`. The array `offsets` is reused between calls.
 */
export declare function walk(dims: Dims, strides: readonly (readonly number[])[], visit: (offsets: readonly number[], flat: number) => void): void;
