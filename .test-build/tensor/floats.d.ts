/**
 * Bit codecs for the floating-point formats that JavaScript has no typed array for: float16, bfloat16 and the
 * 8-bit and 4-bit formats of ONNX. Sources: IEEE 754 binary16; OCP 8-bit Floating Point Specification (OFP8);
 * OCP Microscaling Formats (MX) for E2M1 and E8M0; ONNX "Float stored in 8 bits" for the FNUZ variants.
 */
/** How a format encodes what is not a finite number. */
type Specials = 'ieee' | 'fn' | 'fnuz' | 'none';
/** A binary floating-point format with a sign bit. */
export interface FloatFormat {
    readonly exponentBits: number;
    readonly mantissaBits: number;
    readonly bias: number;
    readonly specials: Specials;
}
export declare const FLOAT16: FloatFormat;
export declare const BFLOAT16: FloatFormat;
export declare const FLOAT8E4M3FN: FloatFormat;
export declare const FLOAT8E4M3FNUZ: FloatFormat;
export declare const FLOAT8E5M2: FloatFormat;
export declare const FLOAT8E5M2FNUZ: FloatFormat;
export declare const FLOAT4E2M1: FloatFormat;
/** All numbers of a format, indexed by code (65,536 entries for a 16-bit format; built once). */
export declare function decodeTable(format: FloatFormat): Float64Array;
/** Rounds to the nearest integer, ties to even. */
export declare function roundHalfEven(x: number): number;
/**
 * The code nearest to a number, ties to even.
 * @param saturate what overflow becomes: the largest finite number (true), or infinity, or NaN where the format
 *   has no infinity (false). Formats with neither always saturate. Infinity counts as overflow; in IEEE formats
 *   it stays infinity unless `saturate`.
 */
export declare function encodeFloat(format: FloatFormat, x: number, saturate: boolean): number;
/** How a positive number between two powers of two becomes an E8M0 scale. */
export type ScaleRounding = 'up' | 'down' | 'nearest';
/** The number an E8M0 code stands for: 2^(code - 127); 255 is NaN. */
export declare function decodeE8M0(code: number): number;
/**
 * The E8M0 code of a number's magnitude. What lies outside [2^-127, 2^127], zero included, becomes the nearest of
 * the two (saturate) or NaN, as the table in ONNX's Cast has it.
 */
export declare function encodeE8M0(x: number, saturate: boolean, rounding?: ScaleRounding): number;
export {};
