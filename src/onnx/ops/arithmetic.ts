/** Element-wise arithmetic and mathematical functions. */
import { Binary } from '../../ops/binary.js';
import { add, div, max, min, mod, mul, pow, sub } from '../../ops/binary-functions.js';
import { FLOATS, expectElementType } from '../../ops/element-types.js';
import * as functions from '../../ops/unary-functions.js';
import { Tensor } from '../../tensor/index.js';
import { binary, emitBinary, emitVariadic, unary } from '../element-wise.js';
import type { NodeImport } from '../node-importer.js';

export const Abs: NodeImport = unary(functions.abs);
export const Neg: NodeImport = unary(functions.neg);
export const Sign: NodeImport = unary(functions.sign);
export const Ceil: NodeImport = unary(functions.ceil);
export const Floor: NodeImport = unary(functions.floor);
export const Round: NodeImport = unary(functions.round);
export const Sqrt: NodeImport = unary(functions.sqrt);
export const Reciprocal: NodeImport = unary(functions.reciprocal);
export const Exp: NodeImport = unary(functions.exp);
export const Log: NodeImport = unary(functions.log);
export const Erf: NodeImport = unary(functions.erf);

export const Sin: NodeImport = unary(functions.sin);
export const Cos: NodeImport = unary(functions.cos);
export const Tan: NodeImport = unary(functions.tan);
export const Asin: NodeImport = unary(functions.asin);
export const Acos: NodeImport = unary(functions.acos);
export const Atan: NodeImport = unary(functions.atan);
export const Sinh: NodeImport = unary(functions.sinh);
export const Cosh: NodeImport = unary(functions.cosh);
export const Asinh: NodeImport = unary(functions.asinh);
export const Acosh: NodeImport = unary(functions.acosh);
export const Atanh: NodeImport = unary(functions.atanh);

export const Add: NodeImport = binary(add);
export const Sub: NodeImport = binary(sub);
export const Mul: NodeImport = binary(mul);
export const Div: NodeImport = binary(div);
export const Pow: NodeImport = binary(pow);
export const Mod: NodeImport = (node) => emitBinary(node, mod(node.attributes.flag('fmod')));

export const Max: NodeImport = (node) => emitVariadic(node, max);
export const Min: NodeImport = (node) => emitVariadic(node, min);
export const Sum: NodeImport = (node) => emitVariadic(node, add);

export const Mean: NodeImport = (node) => {
  const { dtype } = node.input(0, 'data_0').type;
  expectElementType('Mean', dtype, FLOATS);
  const sum = emitVariadic(node, add);
  const count = node.inputs.length;
  return count === 1
    ? sum
    : node.emit1(new Binary(div), [sum, node.constant(Tensor.scalar(dtype, count), 'count')]);
};
