/** Convolution of 8-bit integers. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sizeOf } from '../tensor/index.js';
import { expectPerChannel } from './channels.js';
import { Convolution, addPerChannel } from './conv.js';
import { expectElementType } from './element-types.js';
import { tensorAt, typeAt } from './op.js';
import { EIGHT_BIT } from './requantize.js';
/**
 * `Conv` of x - xZeroPoint and w - wZeroPoint, exact in 32-bit integers (wrapping around on overflow). Padding stands
 * for xZeroPoint, so it adds nothing.
 *
 * Inputs: x [N, C, D...] and w [M, C / group, K...] of u8 or i8; xZeroPoint (one element, optional) of x's type;
 * wZeroPoint (one element or [M], optional) of w's type; bias i32 [M] (optional). Output: i32 [N, M, O...].
 */
export class ConvInteger extends Convolution {
    type = 'ConvInteger';
    infer(inputs) {
        const x = typeAt(inputs, 0, 'x');
        const w = typeAt(inputs, 1, 'w');
        const [, , xZeroPoint, wZeroPoint, bias] = inputs;
        expectElementType(this.type, x.dtype, EIGHT_BIT);
        expectElementType(this.type, w.dtype, EIGHT_BIT);
        const dims = this.outputDims(x, w);
        if (xZeroPoint)
            expectZeroPoint(xZeroPoint, 'xZeroPoint', x, 1);
        if (wZeroPoint)
            expectZeroPoint(wZeroPoint, 'wZeroPoint', w, w.dims[0]);
        if (bias) {
            expectElementType(this.type, bias.dtype, ['i32']);
            expectPerChannel(bias, 'bias', w.dims[0]);
        }
        return [{ dtype: 'i32', dims }];
    }
    flops(inputs, outputs) {
        return super.flops(inputs, outputs) + (inputs[4] ? sizeOf(outputs[0].dims) : 0);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const w = tensorAt(inputs, 1, 'w');
        const dims = this.outputDims(x, w);
        const y = this.convolve(centre(x, inputs[2]), x.dims, centre(w, inputs[3]), w.dims, dims);
        if (inputs[4])
            addPerChannel(y, dims, inputs[4].toFloat64());
        return [Tensor.from('i32', dims, y)];
    }
}
/** @throws ShapeError unless a zero point is of the tensor's type and holds one element or one per channel */
function expectZeroPoint(zeroPoint, name, of, channels) {
    const size = sizeOf(zeroPoint.dims);
    if (zeroPoint.dtype !== of.dtype || zeroPoint.dims.length > 1 || (size !== 1 && size !== channels)) {
        throw new ShapeError(`${name} is ${formatType(zeroPoint)} for ${formatType(of)}`, {
            remedy: `It must be one element of type ${of.dtype}${channels === 1 ? '' : `, or ${channels}`}.`,
        });
    }
}
/** A tensor minus its zero point, which holds one element or one per index of axis 0. */
function centre(tensor, zeroPoint) {
    const values = tensor.toFloat64();
    if (!zeroPoint)
        return values;
    const points = zeroPoint.toFloat64();
    const row = sizeOf(tensor.dims.slice(1));
    return values.map((value, i) => value - (points.length === 1 ? points[0] : points[Math.floor(i / row)]));
}
//# sourceMappingURL=conv-integer.js.map