/** Element-wise arithmetic and mathematical functions. */
import { Binary } from '../../ops/binary.js';
import { add, div, max, min, mod, mul, pow, sub } from '../../ops/binary-functions.js';
import { FLOATS, expectElementType } from '../../ops/element-types.js';
import * as functions from '../../ops/unary-functions.js';
import { Tensor } from '../../tensor/index.js';
import { binary, emitBinary, emitVariadic, unary } from '../element-wise.js';
export const Abs = unary(functions.abs);
export const Neg = unary(functions.neg);
export const Sign = unary(functions.sign);
export const Ceil = unary(functions.ceil);
export const Floor = unary(functions.floor);
export const Round = unary(functions.round);
export const Sqrt = unary(functions.sqrt);
export const Reciprocal = unary(functions.reciprocal);
export const Exp = unary(functions.exp);
export const Log = unary(functions.log);
export const Erf = unary(functions.erf);
export const Sin = unary(functions.sin);
export const Cos = unary(functions.cos);
export const Tan = unary(functions.tan);
export const Asin = unary(functions.asin);
export const Acos = unary(functions.acos);
export const Atan = unary(functions.atan);
export const Sinh = unary(functions.sinh);
export const Cosh = unary(functions.cosh);
export const Asinh = unary(functions.asinh);
export const Acosh = unary(functions.acosh);
export const Atanh = unary(functions.atanh);
export const Add = binary(add);
export const Sub = binary(sub);
export const Mul = binary(mul);
export const Div = binary(div);
export const Pow = binary(pow);
export const Mod = (node) => emitBinary(node, mod(node.attributes.flag('fmod')));
export const Max = (node) => emitVariadic(node, max);
export const Min = (node) => emitVariadic(node, min);
export const Sum = (node) => emitVariadic(node, add);
export const Mean = (node) => {
    const { dtype } = node.input(0, 'data_0').type;
    expectElementType('Mean', dtype, FLOATS);
    const sum = emitVariadic(node, add);
    const count = node.inputs.length;
    return count === 1
        ? sum
        : node.emit1(new Binary(div), [sum, node.constant(Tensor.scalar(dtype, count), 'count')]);
};
//# sourceMappingURL=arithmetic.js.map