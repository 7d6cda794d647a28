/** Linear quantisation, and the operators that work on quantised tensors. */
import { ShapeError } from '../../errors.js';
import { DequantizeLinear as DequantizeLinearOp } from '../../ops/dequantize-linear.js';
import { FLOATS } from '../../ops/element-types.js';
import { QuantizeLinear as QuantizeLinearOp } from '../../ops/quantize-linear.js';
import { normaliseAxis, sizeOf } from '../../tensor/index.js';
import { dtypeOfCode } from '../tensor-proto.js';
export const QuantizeLinear = (node) => {
    const x = node.input(0, 'x');
    const scale = node.input(1, 'y_scale');
    const zeroPoint = node.optional(2);
    const op = new QuantizeLinearOp({
        ...granularityOf(node, x, scale),
        to: dtypeAttribute(node, 'output_dtype') ?? zeroPoint?.type.dtype ?? 'u8',
        precision: dtypeAttribute(node, 'precision') ?? divisionType(scale.type.dtype),
        saturate: node.attributes.flag('saturate', true),
    });
    return node.emit1(op, [x, scale, zeroPoint]);
};
export const DequantizeLinear = (node) => {
    const x = node.input(0, 'x');
    const scale = node.input(1, 'x_scale');
    const to = dtypeAttribute(node, 'output_dtype') ?? scale.type.dtype;
    const op = new DequantizeLinearOp({ ...granularityOf(node, x, scale), to });
    return node.emit1(op, [x, scale, node.optional(2)]);
};
/** A type given by number, where 0 means that it is left to other inputs. */
function dtypeAttribute(node, name) {
    const code = node.attributes.int(name, 0);
    return code === 0 ? undefined : dtypeOfCode(code, `attribute ${name}`);
}
/** The type of the scale, unless that is no type to divide in: NumPy goes to double from integers. */
function divisionType(scale) {
    if (FLOATS.includes(scale))
        return scale;
    return scale === 'i32' ? 'f64' : 'f32';
}
function granularityOf(node, x, scale) {
    const axis = node.attributes.int('axis', 1);
    const blockSize = node.attributes.int('block_size', 0);
    if (blockSize < 0) {
        throw new ShapeError(`block_size is ${blockSize}`, {
            remedy: 'It must be positive, or 0 for no blocks.',
        });
    }
    // One scale for all: the axis means nothing, and its default may lie outside the tensor.
    if (sizeOf(scale.type.dims) === 1)
        return { axis: 0, blockSize: 0 };
    return { axis: normaliseAxis(axis, x.type.dims.length), blockSize };
}
//# sourceMappingURL=quantization.js.map