/** Conversion between element types. */
import { FormatError } from '../../errors.js';
import { Cast as CastOp } from '../../ops/cast.js';
import { dtypeOfCode } from '../tensor-proto.js';
export const Cast = (node) => {
    const code = node.attributes.int('to');
    if (code === undefined) {
        throw new FormatError('attribute to is missing', { remedy: 'Export the model again.' });
    }
    return castTo(node, dtypeOfCode(code, 'attribute to'));
};
export const CastLike = (node) => castTo(node, node.input(1, 'target_type').type.dtype);
function castTo(node, dtype) {
    const x = node.input(0, 'input');
    const saturate = node.attributes.flag('saturate', true);
    const scaleRounding = node.attributes.choice('round_mode', ['up', 'down', 'nearest'], 'up');
    if (x.type.dtype === dtype)
        return x;
    return node.emit1(new CastOp(dtype, { saturate, scaleRounding }), [x]);
}
//# sourceMappingURL=cast.js.map