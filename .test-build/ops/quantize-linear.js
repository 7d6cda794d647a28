/** Linear quantisation. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, integerRange, isFloat, sizeOf, } from '../tensor/index.js';
import { roundHalfEven } from '../tensor/floats.js';
import { floatsFrom } from './cast.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
import { checkGranularity, scalePosition } from './quantization.js';
/** Types that ONNX quantises to, as far as Lanewise has them. */
export const QUANTIZED = [
    ...['u8', 'i8', 'u16', 'i16', 'u4', 'i4', 'u2', 'i2'],
    ...['f8e4m3fn', 'f8e4m3fnuz', 'f8e5m2', 'f8e5m2fnuz', 'f4e2m1'],
];
/**
 * y = saturate(round(x / scale) + zero point), rounding ties to even; for quantised floats
 * y = round(x / scale + zero point), to the nearest of the type.
 * Inputs: x (float or i32, any shape); scale and, optionally, zero point of type `to` (see `Granularity` for their
 * shape). Output: x's shape, of type `to`.
 */
export class QuantizeLinear extends Op {
    type = 'QuantizeLinear';
    to;
    axis;
    blockSize;
    precision;
    saturate;
    constructor({ to, axis, blockSize, precision, saturate }) {
        super();
        this.to = to;
        this.axis = axis;
        this.blockSize = blockSize;
        this.precision = precision;
        this.saturate = saturate;
    }
    get attributes() {
        const { to, axis, blockSize, precision, saturate } = this;
        return {
            to,
            axis,
            block_size: blockSize,
            precision,
            saturate: to.startsWith('f8') ? saturate : undefined,
        };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'x');
        const scale = typeAt(inputs, 1, 'y_scale');
        const zeroPoint = inputs[2];
        expectElementType(this.type, x.dtype, [...FLOATS, 'i32']);
        expectElementType(`${this.type}'s scale`, scale.dtype, [...FLOATS, 'i32', 'f8e8m0']);
        expectElementType(`${this.type}'s precision`, this.precision, FLOATS);
        expectElementType(this.type, this.to, QUANTIZED);
        if (zeroPoint && zeroPoint.dtype !== this.to) {
            throw new ShapeError(`the zero point is ${formatType(zeroPoint)} where the output is ${this.to}`, {
                remedy: 'Both must be of one type.',
            });
        }
        checkGranularity(x, scale, zeroPoint, this);
        return [{ dtype: this.to, dims: x.dims }];
    }
    /** Divide, round, add, clamp. */
    flops(_inputs, outputs) {
        return 4 * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const scaleTensor = tensorAt(inputs, 1, 'y_scale');
        const scale = this.#rounded(scaleTensor.toFloat64());
        const zeroPoint = inputs[2]?.toFloat64();
        const positionOf = scalePosition(x.dims, scaleTensor.dims, this);
        const positions = Float64Array.from({ length: x.size }, (_, i) => positionOf(i));
        const quotients = this.#rounded(this.#rounded(x.toFloat64()).map((value, i) => value / scale[positions[i]]));
        const shift = (i) => zeroPoint?.[positions[i]] ?? 0;
        if (isFloat(this.to)) {
            const shifted = quotients.map((quotient, i) => quotient + shift(i));
            return [floatsFrom(this.to, x.dims, shifted, { saturate: this.saturate, scaleRounding: 'up' })];
        }
        const { min, max } = integerRange(this.to);
        const values = quotients.map((quotient, i) => {
            return Math.min(max, Math.max(min, roundHalfEven(quotient) + shift(i)));
        });
        return [Tensor.from(this.to, x.dims, values)];
    }
    /** Values rounded to the precision of the division. */
    #rounded(values) {
        return Tensor.from(this.precision, [values.length], values).toFloat64();
    }
}
//# sourceMappingURL=quantize-linear.js.map