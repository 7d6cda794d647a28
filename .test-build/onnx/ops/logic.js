/** Comparison, logic, bit operations and selection. */
import { FormatError } from '../../errors.js';
import * as binaryFunctions from '../../ops/binary-functions.js';
import { bitwiseNot, isInf, isNaN, not } from '../../ops/unary-functions.js';
import { Where as WhereOp } from '../../ops/where.js';
import { binary, emitBinary, emitUnary, unary } from '../element-wise.js';
export const Equal = binary(binaryFunctions.equal);
export const Greater = binary(binaryFunctions.greater);
export const Less = binary(binaryFunctions.less);
export const GreaterOrEqual = binary(binaryFunctions.greaterOrEqual);
export const LessOrEqual = binary(binaryFunctions.lessOrEqual);
export const And = binary(binaryFunctions.and);
export const Or = binary(binaryFunctions.or);
export const Xor = binary(binaryFunctions.xor);
export const Not = unary(not);
export const BitwiseAnd = binary(binaryFunctions.bitwiseAnd);
export const BitwiseOr = binary(binaryFunctions.bitwiseOr);
export const BitwiseXor = binary(binaryFunctions.bitwiseXor);
export const BitwiseNot = unary(bitwiseNot);
export const BitShift = (node) => {
    if (!node.attributes.has('direction')) {
        throw new FormatError('attribute direction is missing', { remedy: 'Export the model again.' });
    }
    return emitBinary(node, binaryFunctions.bitShift(node.attributes.choice('direction', ['LEFT', 'RIGHT'], 'LEFT')));
};
export const IsNaN = unary(isNaN);
export const IsInf = (node) => emitUnary(node, isInf(node.attributes.flag('detect_negative', true), node.attributes.flag('detect_positive', true)));
export const Where = (node) => node.emit1(new WhereOp(), [node.input(0, 'condition'), node.input(1, 'X'), node.input(2, 'Y')]);
//# sourceMappingURL=logic.js.map