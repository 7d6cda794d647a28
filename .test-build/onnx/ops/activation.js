/** Element-wise non-linearities. */
import { ShapeError } from '../../errors.js';
import { Binary } from '../../ops/binary.js';
import { max, min, prelu } from '../../ops/binary-functions.js';
import * as functions from '../../ops/unary-functions.js';
import { expectSameDType } from '../../ops/op.js';
import { formatType, isBigInteger, sizeOf } from '../../tensor/index.js';
import { binary, emitUnary, unary } from '../element-wise.js';
export const Relu = unary(functions.relu);
export const Sigmoid = unary(functions.sigmoid);
export const Tanh = unary(functions.tanh);
export const HardSwish = unary(functions.hardSwish);
export const Mish = unary(functions.mish);
export const Softplus = unary(functions.softplus);
export const Softsign = unary(functions.softsign);
export const PRelu = binary(prelu);
export const LeakyRelu = (node) => emitUnary(node, functions.leakyRelu(node.attributes.float('alpha')));
export const Elu = (node) => emitUnary(node, functions.elu(node.attributes.float('alpha')));
export const Selu = (node) => emitUnary(node, functions.selu(node.attributes.float('alpha'), node.attributes.float('gamma')));
export const Celu = (node) => emitUnary(node, functions.celu(node.attributes.float('alpha')));
export const HardSigmoid = (node) => emitUnary(node, functions.hardSigmoid(node.attributes.float('alpha'), node.attributes.float('beta')));
export const Swish = (node) => emitUnary(node, functions.swish(node.attributes.float('alpha')));
export const Gelu = (node) => emitUnary(node, functions.gelu(node.attributes.choice('approximate', ['none', 'tanh'], 'none')));
export const ThresholdedRelu = (node) => emitUnary(node, functions.thresholdedRelu(node.attributes.float('alpha')));
export const Shrink = (node) => emitUnary(node, functions.shrink(node.attributes.float('lambd'), node.attributes.float('bias')));
/** The bounds are attributes before operator set 11, inputs since. */
export const Clip = (node) => {
    const x = node.input(0, 'input');
    if (node.opset < 11) {
        return emitUnary(node, functions.clip(node.attributes.float('min'), node.attributes.float('max')));
    }
    const [low, high] = [boundOf(node, x, 1, 'min'), boundOf(node, x, 2, 'max')];
    if (!low && !high)
        return x;
    const [lowNumber, highNumber] = [low, high].map(exactNumber);
    const known = (!low || lowNumber !== undefined) && (!high || highNumber !== undefined);
    if (known)
        return emitUnary(node, functions.clip(lowNumber, highNumber));
    // Bounds that are computed at run time, or that a double does not hold.
    const raised = low ? node.emit1(new Binary(max), [x, low]) : x;
    return high ? node.emit1(new Binary(min), [raised, high]) : raised;
};
/** A bound, which does not change x's shape. @throws ShapeError unless it is one element of x's type */
function boundOf(node, x, index, name) {
    const bound = node.optional(index);
    if (!bound)
        return undefined;
    expectSameDType([x.type, bound.type]);
    const { dims } = bound.type;
    // Exporters write vectors of one element, too.
    if (sizeOf(dims) !== 1 || (!bound.constant && dims.length > x.type.dims.length)) {
        throw new ShapeError(`${name} is ${formatType(bound.type)}`, { remedy: 'It must be a scalar.' });
    }
    return bound.constant ? node.constant(bound.constant.tensor.reshape([]), name) : bound;
}
/** A constant's one element, if a double holds it exactly. */
function exactNumber(bound) {
    if (!bound?.constant)
        return undefined;
    const [number] = bound.constant.tensor.toNumbers();
    return isBigInteger(bound.type.dtype) && !Number.isSafeInteger(number) ? undefined : number;
}
//# sourceMappingURL=activation.js.map