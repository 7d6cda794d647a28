/** Element types: their names, storage, and conversion of single elements to and from double. */
import { type FloatFormat } from './floats.js';
/** Storage of each element type. 16-bit floats and smaller are kept as bit codes, 4-bit and 2-bit types one per byte. */
export interface StorageByDType {
    f64: Float64Array;
    f32: Float32Array;
    f16: Uint16Array;
    bf16: Uint16Array;
    f8e4m3fn: Uint8Array;
    f8e4m3fnuz: Uint8Array;
    f8e5m2: Uint8Array;
    f8e5m2fnuz: Uint8Array;
    f8e8m0: Uint8Array;
    f4e2m1: Uint8Array;
    i64: BigInt64Array;
    i32: Int32Array;
    i16: Int16Array;
    i8: Int8Array;
    i4: Int8Array;
    i2: Int8Array;
    u64: BigUint64Array;
    u32: Uint32Array;
    u16: Uint16Array;
    u8: Uint8Array;
    u4: Uint8Array;
    u2: Uint8Array;
    bool: Uint8Array;
}
/** An element type. */
export type DType = keyof StorageByDType;
/** Any storage array. */
export type Storage = StorageByDType[DType];
export type DTypeKind = 'float' | 'int' | 'uint' | 'bool';
export interface DTypeInfo {
    readonly kind: DTypeKind;
    /** Bits per element in a file or on a GPU; in host memory an element never takes less than a byte. */
    readonly bits: number;
    readonly create: (length: number) => Storage;
    /** The codec, for floats that are kept as bit codes. */
    readonly format?: FloatFormat;
}
export declare const DTYPES: {
    readonly [D in DType]: DTypeInfo;
};
/** Whether elements are floating-point numbers. */
export declare function isFloat(dtype: DType): boolean;
/** Whether elements are integers (signed or not; bool is not one). */
export declare function isInteger(dtype: DType): boolean;
/** Whether elements are 64-bit integers, which doubles cannot hold exactly. */
export declare function isBigInteger(dtype: DType): dtype is 'i64' | 'u64';
/** Smallest and largest value of an integer type. */
export declare function integerRange(dtype: DType): {
    min: number;
    max: number;
};
/** Storage for `length` elements, zeroed. */
export declare function createStorage<D extends DType>(dtype: D, length: number): StorageByDType[D];
/** Bytes of `length` elements, packed (two 4-bit elements per byte). */
export declare function byteLength(dtype: DType, length: number): number;
