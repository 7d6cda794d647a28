/** Expressions: from the tree to CUDA text with types. */
import type { ExpressionNode, TypeNode } from './ast.js';
import { builtinCall, constructVector, convertScalar } from './builtins.js';
import { unsupported } from './errors.js';
import { layoutOf } from './memory.js';
import { binaryOperator, unaryOperator } from './operators.js';
import type { FunctionScope, FunctionSymbol } from './scope.js';
import {
  componentOf,
  cudaType,
  scalarType,
  typeOf,
  wgslType,
  vectorType,
  VOID,
  type StructType,
  type Type,
} from './types.js';
import {
  coerce,
  commonScalar,
  concrete,
  hasHalf,
  literal,
  PRECEDENCE,
  primary,
  wrapped,
  zero,
  type Value,
} from './value.js';

/** @throws UnsupportedError naming what has no translation */
export function expression(node: ExpressionNode, scope: FunctionScope): Value {
  switch (node.kind) {
    case 'literal':
      return literalValue(node.type, node.value);
    case 'name':
      return named(node.name, scope);
    case 'call':
      return call(node.name, node.args, scope);
    case 'construct':
      return construct(node.type, node.args, scope);
    case 'bitcast': {
      const value = concrete(expression(node.value, scope));
      const type = resolveType(node.type, scope);
      return primary(`bitcast<${cudaType(type)}>(${value.code})`, type);
    }
    case 'unary':
      return unary(node.operator, node.operand, scope);
    case 'binary':
      return binaryOperator(node.operator, expression(node.left, scope), expression(node.right, scope));
    case 'member':
      return member(dereferenced(expression(node.object, scope)), node.name);
    case 'index':
      return indexed(dereferenced(expression(node.object, scope)), expression(node.index, scope));
  }
}

export function resolveType(node: TypeNode, scope: FunctionScope): Type {
  return typeOf(node, (name) => {
    const symbol = scope.lookup(name);
    return symbol?.kind === 'struct' ? symbol.type : undefined;
  });
}

/** wgsl_reflect's x32 is an integer without a suffix; floats without one are f32 to it, and give way here. */
function literalValue(type: string, value: number): Value {
  if (type === 'x32') return literal(value, 'int');
  if (type === 'f32') return literal(value, 'float');
  if (type === 'u32' || type === 'i32' || type === 'f16' || type === 'bool') return literal(value, type);
  throw unsupported(`a literal of type ${type}`);
}

function named(name: string, scope: FunctionScope): Value {
  const symbol = scope.lookup(name);
  if (symbol?.kind === 'value') return symbol.value;
  throw unsupported(symbol ? `${name}, a ${symbol.kind}, as a value` : `the unknown name ${name}`);
}

function call(name: string, args: readonly ExpressionNode[], scope: FunctionScope): Value {
  const symbol = scope.lookup(name);
  if (symbol?.kind === 'struct') return structValue(symbol.type, args, scope);
  if (name === 'arrayLength' && !symbol) return arrayLength(args, scope);
  if (name === 'subgroupMatrixLoad' || name === 'subgroupMatrixStore') return matrixAccess(name, args, scope);
  const values = args.map((arg) => expression(arg, scope));
  if (symbol?.kind === 'function') return functionCall(name, symbol, values);
  // Scalar conversions come as calls in places.
  if (['f32', 'f16', 'i32', 'u32', 'bool'].includes(name)) return construct({ name }, args, scope);
  const value = builtinCall(name, values, scope.module.invocations);
  if (!value) throw unsupported(`function ${name}`);
  return value;
}

/** Elements of a binding that is an array, by the bytes that a launch binds. */
function arrayLength([array]: readonly ExpressionNode[], scope: FunctionScope): Value {
  const node = array?.kind === 'unary' && array.operator === '&' ? array.operand : array;
  const symbol = node?.kind === 'name' ? scope.lookup(node.name) : undefined;
  const binding = symbol?.kind === 'value' ? symbol.variable : undefined;
  if (binding?.space !== 'storage' || binding.type.kind !== 'array') {
    throw unsupported('function arrayLength of anything but a binding');
  }
  const { bytes } = layoutOf(binding.type.of);
  return primary(`static_cast<u32>(${scope.lengthOf(binding)} / ${bytes}u)`, scalarType('u32'));
}

/** Matrices come and go by their order in memory, the array's elements being the units of places and strides. */
function matrixAccess(
  name: 'subgroupMatrixLoad' | 'subgroupMatrixStore',
  [order, ...args]: readonly ExpressionNode[],
  scope: FunctionScope,
): Value {
  const isLoad = name === 'subgroupMatrixLoad';
  if (args.length !== 4 || order.kind !== 'name' || !/^(?:row|col)_major$/.test(order.name)) {
    throw unsupported(`${name} without an order and a type`);
  }
  const [array, offset, matrix, stride] = isLoad ? [args[1], args[2], args[0], args[3]] : args;
  const { type } = expression(matrix, scope);
  if (type.kind !== 'matrix' || (type.role === 'result') === isLoad) {
    throw unsupported(`${name} of ${wgslType(type)}`);
  }
  const place = indexed(dereferenced(expression(array, scope)), expression(offset, scope));
  const pitch = coerce(expression(stride, scope), scalarType('u32')).code;
  const flag = order.name === 'row_major';
  if (!isLoad) {
    return primary(
      `matrix_store<${flag}>(&${place.code}, ${expression(matrix, scope).code}, ${pitch})`,
      VOID,
    );
  }
  // Whole vectors of workgroup memory are what the hardware has an instruction for.
  const staged = spaceOf(array, scope) === 'workgroup' && layoutOf(place.type).bytes === 16;
  return primary(`${staged ? 'staged' : 'matrix'}_${type.role}<${flag}>(&${place.code}, ${pitch})`, type);
}

/** The address space of the variable at module scope that an expression leads to, where it is one. */
function spaceOf(node: ExpressionNode, scope: FunctionScope): string | undefined {
  if (node.kind === 'unary') return spaceOf(node.operand, scope);
  if (node.kind === 'member' || node.kind === 'index') return spaceOf(node.object, scope);
  const symbol = node.kind === 'name' ? scope.lookup(node.name) : undefined;
  return symbol?.kind === 'value' ? symbol.variable?.space : undefined;
}

function functionCall(name: string, symbol: FunctionSymbol, values: readonly Value[]): Value {
  if (values.length !== symbol.parameters.length) {
    throw unsupported(`a call of ${name} with ${values.length} arguments`);
  }
  const given = symbol.parameters.map((type, i) => coerce(values[i], type).code);
  const args = [...given, ...symbol.uses.map((variable) => variable.name)];
  return primary(`${symbol.name}(${args.join(', ')})`, symbol.result);
}

function structValue(type: StructType, args: readonly ExpressionNode[], scope: FunctionScope): Value {
  if (args.length === 0) return zero(type);
  if (args.length !== type.members.length) throw unsupported(`a ${type.name} of ${args.length} values`);
  const values = type.members.map((one, i) => coerce(expression(args[i], scope), one.type));
  return braces(type, values, `${type.name}{`, '}');
}

function braces(type: Type, values: readonly Value[], open: string, close: string): Value {
  const constant = !hasHalf(type) && values.every((value) => value.constant);
  return primary(`${open}${values.map(({ code }) => code).join(', ')}${close}`, type, constant);
}

function construct(node: TypeNode, args: readonly ExpressionNode[], scope: FunctionScope): Value {
  if (node.name === 'array') return arrayValue(node, args, scope);
  const values = args.map((arg) => expression(arg, scope));
  if (/^vec[234]$/.test(node.name) && !node.of)
    return constructVector(Number(node.name[3]), undefined, values);
  const type = resolveType(node, scope);
  if (type.kind === 'struct') return structValue(type, args, scope);
  if (values.length === 0) return zero(type);
  if (type.kind === 'vector') return constructVector(type.size, type.scalar, values);
  if (values.length > 1) throw unsupported(`${wgslType(type)} of ${values.length} values`);
  return convertScalar(values[0], type);
}

function arrayValue(node: TypeNode, args: readonly ExpressionNode[], scope: FunctionScope): Value {
  let values = args.map((arg) => expression(arg, scope));
  let type: Type;
  if (node.of) {
    type = resolveType(node, scope);
  } else {
    const first = values[0].type;
    const of = first.kind === 'scalar' ? concrete(zero(scalarType(commonScalar(values)))).type : first;
    type = { kind: 'array', of, count: values.length };
  }
  if (type.kind !== 'array') throw unsupported(`array of ${wgslType(type)}`);
  if (values.length === 0) return zero(type);
  const { of } = type;
  values = values.map((value) => coerce(value, of));
  return braces(type, values, `${cudaType(type)}{{`, '}}');
}

function unary(operator: string, operand: ExpressionNode, scope: FunctionScope): Value {
  const value = expression(operand, scope);
  if (operator === '&') {
    const readOnly = operand.kind === 'name' && readOnlyName(operand.name, scope);
    const type: Type = { kind: 'pointer', to: value.type, readOnly };
    return {
      code: `&${wrapped(value, PRECEDENCE.unary)}`,
      type,
      precedence: PRECEDENCE.unary,
      constant: false,
    };
  }
  if (operator === '*') return dereferenced(value);
  return unaryOperator(operator, value);
}

function readOnlyName(name: string, scope: FunctionScope): boolean {
  const symbol = scope.lookup(name);
  return symbol?.kind === 'value' && symbol.variable?.readOnly === true;
}

/** `*p`; `p.x` and `p[i]` are short for `(*p).x` and `(*p)[i]`. */
function dereferenced(value: Value): Value {
  if (value.type.kind !== 'pointer') return value;
  // The pointer to a variable is the variable again.
  if (value.code.startsWith('&')) return primary(value.code.slice(1), value.type.to);
  const code = `*${wrapped(value, PRECEDENCE.unary)}`;
  return { code, type: value.type.to, precedence: PRECEDENCE.unary, constant: false };
}

function member(object: Value, name: string): Value {
  const { type } = object;
  if (type.kind === 'struct') {
    const found = type.members.find((one) => one.name === name);
    if (!found) throw unsupported(`member ${name} of ${type.name}`);
    return primary(`${wrapped(object, PRECEDENCE.primary)}.${found.safe}`, found.type);
  }
  if (type.kind !== 'vector') throw unsupported(`member ${name} of ${wgslType(type)}`);
  const places = Array.from(name, (letter) => {
    const place = Math.max('xyzw'.indexOf(letter), 'rgba'.indexOf(letter));
    if (place < 0 || place >= type.size) throw unsupported(`component ${name} of ${wgslType(type)}`);
    return place;
  });
  if (places.length === 1) {
    return primary(`${wrapped(object, PRECEDENCE.primary)}.${'xyzw'[places[0]]}`, scalarType(type.scalar));
  }
  return primary(`swizzle<${places.join(', ')}>(${object.code})`, vectorType(places.length, type.scalar));
}

function indexed(object: Value, index: Value): Value {
  const { type } = object;
  const at = concrete(index);
  if (at.type.kind !== 'scalar' || (componentOf(at.type) !== 'u32' && componentOf(at.type) !== 'i32')) {
    throw unsupported(`an index of type ${wgslType(at.type)}`);
  }
  const code = `${wrapped(object, PRECEDENCE.primary)}[${at.code}]`;
  if (type.kind === 'array') return primary(code, type.of);
  if (type.kind === 'vector') return primary(code, scalarType(type.scalar));
  throw unsupported(`an index into ${wgslType(type)}`);
}
