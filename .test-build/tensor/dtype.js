/** Element types: their names, storage, and conversion of single elements to and from double. */
import { BFLOAT16, FLOAT16, FLOAT4E2M1, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, } from './floats.js';
const bytes = (length) => new Uint8Array(length);
export const DTYPES = {
    f64: { kind: 'float', bits: 64, create: (n) => new Float64Array(n) },
    f32: { kind: 'float', bits: 32, create: (n) => new Float32Array(n) },
    f16: { kind: 'float', bits: 16, create: (n) => new Uint16Array(n), format: FLOAT16 },
    bf16: { kind: 'float', bits: 16, create: (n) => new Uint16Array(n), format: BFLOAT16 },
    f8e4m3fn: { kind: 'float', bits: 8, create: bytes, format: FLOAT8E4M3FN },
    f8e4m3fnuz: { kind: 'float', bits: 8, create: bytes, format: FLOAT8E4M3FNUZ },
    f8e5m2: { kind: 'float', bits: 8, create: bytes, format: FLOAT8E5M2 },
    f8e5m2fnuz: { kind: 'float', bits: 8, create: bytes, format: FLOAT8E5M2FNUZ },
    f8e8m0: { kind: 'float', bits: 8, create: bytes },
    f4e2m1: { kind: 'float', bits: 4, create: bytes, format: FLOAT4E2M1 },
    i64: { kind: 'int', bits: 64, create: (n) => new BigInt64Array(n) },
    i32: { kind: 'int', bits: 32, create: (n) => new Int32Array(n) },
    i16: { kind: 'int', bits: 16, create: (n) => new Int16Array(n) },
    i8: { kind: 'int', bits: 8, create: (n) => new Int8Array(n) },
    i4: { kind: 'int', bits: 4, create: (n) => new Int8Array(n) },
    i2: { kind: 'int', bits: 2, create: (n) => new Int8Array(n) },
    u64: { kind: 'uint', bits: 64, create: (n) => new BigUint64Array(n) },
    u32: { kind: 'uint', bits: 32, create: (n) => new Uint32Array(n) },
    u16: { kind: 'uint', bits: 16, create: (n) => new Uint16Array(n) },
    u8: { kind: 'uint', bits: 8, create: bytes },
    u4: { kind: 'uint', bits: 4, create: bytes },
    u2: { kind: 'uint', bits: 2, create: bytes },
    bool: { kind: 'bool', bits: 8, create: bytes },
};
/** Whether elements are floating-point numbers. */
export function isFloat(dtype) {
    return DTYPES[dtype].kind === 'float';
}
/** Whether elements are integers (signed or not; bool is not one). */
export function isInteger(dtype) {
    const { kind } = DTYPES[dtype];
    return kind === 'int' || kind === 'uint';
}
/** Whether elements are 64-bit integers, which doubles cannot hold exactly. */
export function isBigInteger(dtype) {
    return dtype === 'i64' || dtype === 'u64';
}
/** Smallest and largest value of an integer type. */
export function integerRange(dtype) {
    const { kind, bits } = DTYPES[dtype];
    return kind === 'int'
        ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }
        : { min: 0, max: kind === 'bool' ? 1 : 2 ** bits - 1 };
}
/** Storage for `length` elements, zeroed. */
export function createStorage(dtype, length) {
    return DTYPES[dtype].create(length);
}
/** Bytes of `length` elements, packed (two 4-bit elements per byte). */
export function byteLength(dtype, length) {
    return Math.ceil((length * DTYPES[dtype].bits) / 8);
}
//# sourceMappingURL=dtype.js.map