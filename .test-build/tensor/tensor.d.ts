import { type DType, type StorageByDType } from './dtype.js';
import { type Dims } from './shape.js';
/** Element type and shape of a tensor. */
export interface TensorType {
    readonly dtype: DType;
    readonly dims: Dims;
}
/** Bytes of a tensor of this type, packed. */
export declare function bytesOf(type: TensorType): number;
/** A type as people read it: `f32 1x3x224x224`. */
export declare function formatType(type: TensorType): string;
/**
 * A dense tensor in row-major order. The array is kept, not copied; treat it as read-only once it is shared.
 * float16 and bfloat16 elements are kept as their bits in a Uint16Array: see `Tensor.from` and `toFloat32`.
 */
export declare class Tensor<D extends DType = DType> implements TensorType {
    readonly dtype: D;
    readonly dims: Dims;
    readonly data: StorageByDType[D];
    /**
     * @param data typed array of the type's storage, of length product(dims); zeros when left out
     * @throws ShapeError when dims are not non-negative integers or do not match the array
     */
    constructor(dtype: D, dims: Dims, data?: StorageByDType[D]);
    /**
     * A tensor from plain numbers, each rounded to the nearest value of the element type (ties to even; integers
     * are truncated and wrapped, as typed arrays do; booleans are `value !== 0`).
     */
    static from<D extends DType>(dtype: D, dims: Dims, values: ArrayLike<number> | ArrayLike<bigint> | ArrayLike<boolean>): Tensor<D>;
    /** A tensor of rank 0. */
    static scalar<D extends DType>(dtype: D, value: number | bigint | boolean): Tensor<D>;
    /** Number of elements. */
    get size(): number;
    /** Bytes of the elements, packed. */
    get bytes(): number;
    /** Elements as doubles: exact but for 64-bit integers beyond 2^53. Always a copy. */
    toFloat64(): Float64Array;
    /** Elements as single-precision floats, rounded. A copy, unless the tensor is f32 already. */
    toFloat32(): Float32Array;
    /** Elements as plain numbers (64-bit integers beyond 2^53 lose bits). */
    toNumbers(): number[];
    /** Elements as bigints, for integer and bool tensors. */
    toBigInts(): bigint[];
    /** The same elements under other dims; shares the array. @throws ShapeError when the sizes differ */
    reshape(dims: Dims): Tensor<D>;
    /** Narrows the element type: `if (t.is('f32')) t.data // Float32Array`. */
    is<T extends DType>(dtype: T): this is Tensor<T>;
    toString(): string;
}
/** @throws ShapeError unless every dim is a non-negative integer and their product is exactly representable */
export declare function checkDims(dims: Dims): void;
