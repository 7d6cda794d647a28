/** The inverse of linear quantisation. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
import { checkGranularity, scalePosition } from './quantization.js';
import { QUANTIZED } from './quantize-linear.js';
/**
 * y = (x - zero point) * scale.
 * Inputs: x (a quantised type or i32, any shape); scale (float); optionally the zero point, of x's type (see
 * `Granularity` for their shape). Output: x's shape, of type `to`.
 */
export class DequantizeLinear extends Op {
    type = 'DequantizeLinear';
    to;
    axis;
    blockSize;
    constructor({ to, axis, blockSize }) {
        super();
        this.to = to;
        this.axis = axis;
        this.blockSize = blockSize;
    }
    get attributes() {
        return { to: this.to, axis: this.axis, block_size: this.blockSize };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'x');
        const scale = typeAt(inputs, 1, 'x_scale');
        const zeroPoint = inputs[2];
        expectElementType(this.type, x.dtype, [...QUANTIZED, 'i32']);
        expectElementType(`${this.type}'s scale`, scale.dtype, [...FLOATS, 'f8e8m0']);
        expectElementType(`${this.type}'s output`, this.to, FLOATS);
        if (zeroPoint && zeroPoint.dtype !== x.dtype) {
            throw new ShapeError(`the zero point is ${formatType(zeroPoint)} where x is ${formatType(x)}`, {
                remedy: 'Both must be of one type.',
            });
        }
        checkGranularity(x, scale, zeroPoint, this);
        return [{ dtype: this.to, dims: x.dims }];
    }
    flops(_inputs, outputs) {
        return 2 * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const scaleTensor = tensorAt(inputs, 1, 'x_scale');
        const scale = scaleTensor.toFloat64();
        const zeroPoint = inputs[2]?.toFloat64();
        const positionOf = scalePosition(x.dims, scaleTensor.dims, this);
        const values = x.toFloat64().map((value, i) => {
            const position = positionOf(i);
            return (value - (zeroPoint?.[position] ?? 0)) * scale[position];
        });
        return [Tensor.from(this.to, x.dims, values)];
    }
}
//# sourceMappingURL=dequantize-linear.js.map