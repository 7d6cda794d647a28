/** Softmax and its kin. */
import { Hardmax as HardmaxOp } from '../../ops/hardmax.js';
import { Softmax as SoftmaxOp } from '../../ops/softmax.js';
import { normaliseAxis } from '../../tensor/index.js';
export const Softmax = (node) => node.emit1(new SoftmaxOp(rowAxes(node)), [node.input(0, 'input')]);
export const LogSoftmax = (node) => node.emit1(new SoftmaxOp(rowAxes(node), true), [node.input(0, 'input')]);
export const Hardmax = (node) => node.emit1(new HardmaxOp(rowAxes(node)), [node.input(0, 'input')]);
/**
 * Axes that a row spans: `axis` alone, or, before operator set 13, all from `axis` (then 1 by default) on.
 * Axes of size 1 add nothing to a row and are left out, so that 128x1000x1x1 is seen to be the case of 128x1000.
 */
function rowAxes(node) {
    const { dims } = node.input(0, 'input').type;
    const coerces = node.opset < 13;
    const axis = normaliseAxis(node.attributes.int('axis', coerces ? 1 : -1), dims.length);
    if (!coerces)
        return [axis];
    const spanned = dims.map((_, i) => i).slice(axis);
    const wide = spanned.filter((i) => dims[i] !== 1);
    return wide.length > 0 ? wide : [axis];
}
//# sourceMappingURL=softmax.js.map