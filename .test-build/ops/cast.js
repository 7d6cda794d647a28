/** Conversion between element types. */
import { DTYPES, Tensor, isBigInteger, isFloat, isInteger, } from '../tensor/index.js';
import { encodeE8M0, encodeFloat } from '../tensor/floats.js';
import { Op, tensorAt, typeAt } from './op.js';
/** ONNX's defaults. */
export const SATURATING = { saturate: true, scaleRounding: 'up' };
/**
 * y = x as another element type. Inputs: x, of any shape and type. Output: the same shape.
 *
 * Floats become the nearest float (ties to even), or their integer part; integers that are too large lose their
 * high bits; all that is not zero is true. A float beyond the range of an integer type is undefined in ONNX: it
 * becomes what C, and so NumPy and ONNX's own reference, give on x86 (see `integerPart`).
 */
export class Cast extends Op {
    type = 'Cast';
    to;
    rounding;
    constructor(to, rounding = SATURATING) {
        super();
        this.to = to;
        this.rounding = rounding;
    }
    get attributes() {
        const { saturate, scaleRounding } = this.rounding;
        return {
            to: this.to,
            saturate: this.to.startsWith('f8') ? saturate : undefined,
            round_mode: this.to === 'f8e8m0' ? scaleRounding : undefined,
        };
    }
    infer(inputs) {
        return [{ dtype: this.to, dims: typeAt(inputs, 0, 'input').dims }];
    }
    flops() {
        return 0;
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const { to } = this;
        if (x.dtype === to)
            return [x];
        if (isFloat(to))
            return [floatsFrom(to, x.dims, x.toFloat64(), this.rounding)];
        if (isBigInteger(x.dtype))
            return [Tensor.from(to, x.dims, x.toBigInts())];
        if (isFloat(x.dtype) && isInteger(to)) {
            return [
                Tensor.from(to, x.dims, x.toFloat64().map((value) => integerPart(value, to))),
            ];
        }
        return [Tensor.from(to, x.dims, x.toFloat64())];
    }
}
/** A tensor of floats from doubles, each rounded once. Like `Tensor.from`, but 8-bit floats are rounded as told. */
export function floatsFrom(dtype, dims, values, { saturate, scaleRounding }) {
    const { format, bits } = DTYPES[dtype];
    if (dtype === 'f8e8m0') {
        return new Tensor(dtype, dims, Uint8Array.from(values, (x) => encodeE8M0(x, saturate, scaleRounding)));
    }
    if (format && bits <= 8) {
        return new Tensor(dtype, dims, Uint8Array.from(values, (x) => encodeFloat(format, x, saturate)));
    }
    return Tensor.from(dtype, dims, values);
}
/**
 * x without its fraction. x86 converts to a signed integer of 32 bits, or of 64 for u32 and wider, whose smallest
 * number stands for all that does not fit (NaN too); its low bits are the result for a narrower type.
 */
function integerPart(x, to) {
    const whole = Math.trunc(x);
    const half = isBigInteger(to) || to === 'u32' ? 2 ** 63 : 2 ** 31;
    const end = to === 'u64' ? 2 * half : half;
    return whole >= -half && whole < end ? whole : -half;
}
//# sourceMappingURL=cast.js.map