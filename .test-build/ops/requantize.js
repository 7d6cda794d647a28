/** From 32-bit sums of products to 8-bit quantised numbers. */
import { Tensor, broadcastDims, broadcastStrides, formatType, integerRange, sameDims, sizeOf, walk, } from '../tensor/index.js';
import { roundHalfEven } from '../tensor/floats.js';
import { ShapeError } from '../errors.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
/** The element types of quantised convolutions and matrix products. */
export const EIGHT_BIT = ['u8', 'i8'];
/**
 * y = saturate(round(x * aScale * bScale / yScale) + yZeroPoint), rounding ties to even: the last step of ONNX's
 * QLinearConv and QLinearMatMul.
 *
 * Inputs: x i32; aScale and bScale, floats (one element; or a vector along `aAxis` or `bAxis` of x; or of x's rank
 * and broadcasting to it); yScale and yZeroPoint (one element each), the latter of u8 or i8. Output: x's dims, of
 * yZeroPoint's type.
 */
export class Requantize extends Op {
    type = 'Requantize';
    aAxis;
    bAxis;
    constructor({ aAxis, bAxis }) {
        super();
        this.aAxis = aAxis;
        this.bAxis = bAxis;
    }
    get attributes() {
        return { aAxis: this.aAxis, bAxis: this.bAxis };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'x');
        expectElementType(this.type, x.dtype, ['i32']);
        expectScale(typeAt(inputs, 1, 'aScale'), 'aScale', x.dims, this.aAxis);
        expectScale(typeAt(inputs, 2, 'bScale'), 'bScale', x.dims, this.bAxis);
        const yScale = typeAt(inputs, 3, 'yScale');
        const yZeroPoint = typeAt(inputs, 4, 'yZeroPoint');
        expectElementType(this.type, yZeroPoint.dtype, EIGHT_BIT);
        expectElementType(this.type, yScale.dtype, FLOATS);
        if (sizeOf(yScale.dims) !== 1 || sizeOf(yZeroPoint.dims) !== 1) {
            throw new ShapeError(`yScale is ${formatType(yScale)} and yZeroPoint ${formatType(yZeroPoint)}`, {
                remedy: 'Both must have one element.',
            });
        }
        return [{ dtype: yZeroPoint.dtype, dims: x.dims }];
    }
    flops(_inputs, [y]) {
        return 5 * sizeOf(y.dims);
    }
    reference(inputs) {
        const [x, aScale, bScale, yScale, yZeroPoint] = ['x', 'aScale', 'bScale', 'yScale', 'yZeroPoint'].map((name, i) => tensorAt(inputs, i, name));
        const [sums, a, b] = [x.toFloat64(), aScale.toFloat64(), bScale.toFloat64()];
        const [scale] = yScale.toFloat64();
        const [zeroPoint] = yZeroPoint.toFloat64();
        const { min, max } = integerRange(yZeroPoint.dtype);
        const y = new Float64Array(sums.length);
        const aStrides = broadcastStrides(alongAxis(aScale.dims, x.dims, this.aAxis), x.dims);
        const bStrides = broadcastStrides(alongAxis(bScale.dims, x.dims, this.bAxis), x.dims);
        walk(x.dims, [aStrides, bStrides], ([i, j], flat) => {
            const rounded = roundHalfEven((sums[flat] * a[i] * b[j]) / scale) + zeroPoint;
            y[flat] = Math.min(max, Math.max(min, rounded));
        });
        return [Tensor.from(yZeroPoint.dtype, x.dims, y)];
    }
}
/** Dims of a scale as they broadcast to x: a vector lies along `axis`. */
function alongAxis(scale, x, axis) {
    if (scale.length !== 1 || scale[0] === 1)
        return scale;
    return x.map((_, i) => (i === axis ? scale[0] : 1));
}
function expectScale(scale, name, x, axis) {
    expectElementType('Requantize', scale.dtype, FLOATS);
    const dims = alongAxis(scale.dims, x, axis);
    // The sizes differ when x has no such axis.
    if (sizeOf(dims) !== sizeOf(scale.dims) || dims.length > x.length || !sameDims(broadcastDims(dims, x), x)) {
        throw new ShapeError(`${name} is ${formatType(scale)} for a result of [${x.join(', ')}]`, {
            remedy: `It must have one element${axis === undefined ? '' : `, one per index of axis ${axis}`}, or broadcast.`,
        });
    }
}
//# sourceMappingURL=requantize.js.map