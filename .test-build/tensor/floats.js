/**
 * Bit codecs for the floating-point formats that JavaScript has no typed array for: float16, bfloat16 and the
 * 8-bit and 4-bit formats of ONNX. Sources: IEEE 754 binary16; OCP 8-bit Floating Point Specification (OFP8);
 * OCP Microscaling Formats (MX) for E2M1 and E8M0; ONNX "Float stored in 8 bits" for the FNUZ variants.
 */
export const FLOAT16 = { exponentBits: 5, mantissaBits: 10, bias: 15, specials: 'ieee' };
export const BFLOAT16 = { exponentBits: 8, mantissaBits: 7, bias: 127, specials: 'ieee' };
export const FLOAT8E4M3FN = { exponentBits: 4, mantissaBits: 3, bias: 7, specials: 'fn' };
export const FLOAT8E4M3FNUZ = { exponentBits: 4, mantissaBits: 3, bias: 8, specials: 'fnuz' };
export const FLOAT8E5M2 = { exponentBits: 5, mantissaBits: 2, bias: 15, specials: 'ieee' };
export const FLOAT8E5M2FNUZ = { exponentBits: 5, mantissaBits: 2, bias: 16, specials: 'fnuz' };
export const FLOAT4E2M1 = { exponentBits: 2, mantissaBits: 1, bias: 1, specials: 'none' };
/** Bits of a code, the sign included. */
function width(format) {
    return 1 + format.exponentBits + format.mantissaBits;
}
/** The number that a code stands for. */
function decodeFloat(format, code) {
    const { exponentBits, mantissaBits, bias, specials } = format;
    const sign = code >>> (exponentBits + mantissaBits) ? -1 : 1;
    const exponent = (code >>> mantissaBits) & ((1 << exponentBits) - 1);
    const mantissa = code & ((1 << mantissaBits) - 1);
    const top = (1 << exponentBits) - 1;
    if (specials === 'ieee' && exponent === top)
        return mantissa === 0 ? sign * Infinity : NaN;
    if (specials === 'fn' && exponent === top && mantissa === (1 << mantissaBits) - 1)
        return NaN;
    if (specials === 'fnuz' && sign === -1 && exponent === 0 && mantissa === 0)
        return NaN;
    if (exponent === 0)
        return sign * mantissa * 2 ** (1 - bias - mantissaBits);
    return sign * (1 + mantissa * 2 ** -mantissaBits) * 2 ** (exponent - bias);
}
const tables = new Map();
/** All numbers of a format, indexed by code (65,536 entries for a 16-bit format; built once). */
export function decodeTable(format) {
    let table = tables.get(format);
    if (!table) {
        table = Float64Array.from({ length: 2 ** width(format) }, (_, code) => decodeFloat(format, code));
        tables.set(format, table);
    }
    return table;
}
const bitsF64 = new Float64Array(1);
const bitsU32 = new Uint32Array(bitsF64.buffer);
/** floor(log2(|x|)) of a finite non-zero double, exact (subnormal doubles read as -1023). */
function exponentOf(x) {
    bitsF64[0] = x;
    return ((bitsU32[1] >>> 20) & 0x7ff) - 1023;
}
/** Rounds to the nearest integer, ties to even. */
export function roundHalfEven(x) {
    const floor = Math.floor(x);
    const rest = x - floor;
    if (rest < 0.5)
        return floor;
    if (rest > 0.5)
        return floor + 1;
    return floor % 2 === 0 ? floor : floor + 1;
}
function nanCode(format) {
    const { exponentBits, mantissaBits, specials } = format;
    if (specials === 'ieee') {
        const top = ((1 << exponentBits) - 1) << mantissaBits;
        return top | (1 << (mantissaBits - 1));
    }
    if (specials === 'fn')
        return (1 << (exponentBits + mantissaBits)) - 1;
    // The code of negative zero: NaN in FNUZ. Formats without any NaN get the zero, as in ml_dtypes and so in ONNX.
    return 1 << (exponentBits + mantissaBits);
}
/** Code of the largest finite magnitude, without sign. */
function largestCode(format) {
    const { exponentBits, mantissaBits, specials } = format;
    const all = (1 << (exponentBits + mantissaBits)) - 1;
    if (specials === 'ieee')
        return all - (1 << mantissaBits);
    if (specials === 'fn')
        return all - 1;
    return all;
}
/**
 * The code nearest to a number, ties to even.
 * @param saturate what overflow becomes: the largest finite number (true), or infinity, or NaN where the format
 *   has no infinity (false). Formats with neither always saturate. Infinity counts as overflow; in IEEE formats
 *   it stays infinity unless `saturate`.
 */
export function encodeFloat(format, x, saturate) {
    const { exponentBits, mantissaBits, bias, specials } = format;
    if (Number.isNaN(x))
        return nanCode(format);
    const negative = x < 0 || Object.is(x, -0);
    const signBit = negative ? 1 << (exponentBits + mantissaBits) : 0;
    const magnitude = Math.abs(x);
    const largest = largestCode(format);
    let code;
    if (magnitude === Infinity) {
        code = largest + 1;
    }
    else {
        const exponent = Math.max(magnitude === 0 ? -Infinity : exponentOf(magnitude), 1 - bias);
        // Adding to the code carries from the mantissa into the exponent by itself.
        const steps = roundHalfEven(magnitude / 2 ** (exponent - mantissaBits));
        code = steps + (exponent + bias - 1) * (1 << mantissaBits);
    }
    if (code > largest) {
        if (saturate || specials === 'none')
            return signBit | largest;
        if (specials === 'ieee')
            return signBit | (((1 << exponentBits) - 1) << mantissaBits);
        return specials === 'fn' ? signBit | nanCode(format) : nanCode(format);
    }
    if (specials === 'fnuz' && code === 0)
        return 0;
    return signBit | code;
}
/** The number an E8M0 code stands for: 2^(code - 127); 255 is NaN. */
export function decodeE8M0(code) {
    return code === 255 ? NaN : 2 ** (code - 127);
}
/**
 * The E8M0 code of a number's magnitude. What lies outside [2^-127, 2^127], zero included, becomes the nearest of
 * the two (saturate) or NaN, as the table in ONNX's Cast has it.
 */
export function encodeE8M0(x, saturate, rounding = 'up') {
    if (Number.isNaN(x))
        return 255;
    const magnitude = Math.abs(x);
    if (magnitude === Infinity)
        return saturate ? 254 : 255;
    if (magnitude < 2 ** -127)
        return saturate ? 0 : 255;
    let exponent = exponentOf(magnitude);
    const fraction = magnitude / 2 ** exponent; // in [1, 2)
    if (rounding === 'up' ? fraction > 1 : rounding === 'nearest' ? fraction >= 1.5 : false)
        exponent += 1;
    if (exponent > 127)
        return saturate ? 254 : 255;
    return exponent + 127;
}
//# sourceMappingURL=floats.js.map