/** Matrix product of 8-bit integers. */
import { ShapeError } from '../errors.js';
import { Tensor, broadcastDims, broadcastStrides, formatType, sameDims, walk } from '../tensor/index.js';
import { expectElementType } from './element-types.js';
import { batchedProduct, doubles, matmulShape, productFlops } from './matrix-product.js';
import { Op, tensorAt, typeAt } from './op.js';
import { EIGHT_BIT } from './requantize.js';
/**
 * `numpy.matmul` of a - aZeroPoint and b - bZeroPoint, exact in 32-bit integers (wrapping around on overflow).
 *
 * Inputs: a [..., M, K] or [K] and b [..., K, N] or [K] of u8 or i8; aZeroPoint (optional; one element, [M] or
 * [..., M, 1]) of a's type; bZeroPoint (optional; one element, [N] or [..., 1, N]) of b's type.
 * Output: i32, of the shape that `matmulShape` gives.
 */
export class MatMulInteger extends Op {
    type = 'MatMulInteger';
    infer(inputs) {
        const a = typeAt(inputs, 0, 'a');
        const b = typeAt(inputs, 1, 'b');
        expectElementType(this.type, a.dtype, EIGHT_BIT);
        expectElementType(this.type, b.dtype, EIGHT_BIT);
        if (inputs[2])
            expectZeroPoint(inputs[2], 'aZeroPoint', a, perRow(inputs[2].dims), -1);
        if (inputs[3])
            expectZeroPoint(inputs[3], 'bZeroPoint', b, inputs[3].dims, b.dims.length === 1 ? -1 : -2);
        return [{ dtype: 'i32', dims: matmulShape(a.dims, b.dims).dims }];
    }
    flops(inputs) {
        return productFlops(matmulShape(typeAt(inputs, 0, 'a').dims, typeAt(inputs, 1, 'b').dims));
    }
    reference(inputs) {
        const a = tensorAt(inputs, 0, 'a');
        const b = tensorAt(inputs, 1, 'b');
        const shape = matmulShape(a.dims, b.dims);
        const left = centre(a, inputs[2], perRow(inputs[2]?.dims ?? []));
        const right = centre(b, inputs[3], inputs[3]?.dims ?? []);
        return [Tensor.from('i32', shape.dims, batchedProduct(left, right, shape, doubles))];
    }
}
/** A vector of zero points for a's rows, as a column. */
function perRow(dims) {
    return dims.length === 1 ? [dims[0], 1] : dims;
}
/**
 * @param dims the zero point's dims as they broadcast to `of`
 * @param summed the axis of `of`, from the last, that is summed over: zero points do not vary along it
 */
function expectZeroPoint(zeroPoint, name, of, dims, summed) {
    const broadcasts = dims.length <= of.dims.length && sameDims(broadcastDims(dims, of.dims), of.dims);
    const fits = dims.every((dim) => dim === 1) || (broadcasts && (dims.at(summed) ?? 1) === 1);
    if (zeroPoint.dtype !== of.dtype || !fits) {
        throw new ShapeError(`${name} is ${formatType(zeroPoint)} for ${formatType(of)}`, {
            remedy: `It must be of type ${of.dtype}, with one element, or one per row of a or column of b.`,
        });
    }
}
/** A tensor minus its zero points, which broadcast to it. */
function centre(tensor, zeroPoint, zeroPointDims) {
    const values = tensor.toFloat64();
    if (!zeroPoint)
        return values;
    const points = zeroPoint.toFloat64();
    if (points.length === 1)
        return values.map((value) => value - points[0]);
    walk(tensor.dims, [broadcastStrides(zeroPointDims, tensor.dims)], ([from], to) => (values[to] -= points[from]));
    return values;
}
//# sourceMappingURL=matmul-integer.js.map