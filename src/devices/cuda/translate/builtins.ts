/** WGSL's own functions. Most have the same name in the prelude. */
import { unsupported } from './errors.js';
import {
  componentOf,
  cudaType,
  isAbstract,
  isFloat,
  sameType,
  scalarType,
  vectorType,
  VOID,
  wgslType,
  type Scalar,
  type Type,
} from './types.js';
import { coerce, commonScalar, concrete, literal, primary, splat, unified, type Value } from './value.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Of one float; the result has its type. */
const FLOAT_1 = words(
  'exp exp2 log log2 sqrt inverseSqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh ' +
    'floor ceil round trunc fract saturate',
);
/** Of floats of one type. */
const FLOAT_N = words('fma mix pow step atan2');
/** Of numbers of one type. */
const NUMBER_N = words('abs sign min max clamp');
/** Of one integer. */
const INTEGER_1 = words('countOneBits countLeadingZeros reverseBits');
/** What the prelude has for halves, too. */
const HALF = words(
  'exp exp2 log log2 sqrt inverseSqrt sin cos tanh floor ceil round trunc fract saturate ' +
    'fma mix pow step abs sign min max clamp dot',
);
const SHUFFLES = words(
  'subgroupShuffle subgroupShuffleXor subgroupShuffleUp subgroupShuffleDown subgroupBroadcast',
);
const REDUCTIONS = words(
  'subgroupAdd subgroupMul subgroupMin subgroupMax subgroupAnd subgroupOr subgroupXor subgroupBroadcastFirst',
);
const VOTES = words('subgroupAll subgroupAny');
const ATOMICS = words('atomicAdd atomicSub atomicMin atomicMax atomicAnd atomicOr atomicXor atomicExchange');

/**
 * A call of one of WGSL's functions.
 * @param invocations of the workgroup
 * @returns undefined where there is no function of this name
 * @throws UnsupportedError for operands that it is not translated for
 */
export function builtinCall(name: string, args: readonly Value[], invocations: number): Value | undefined {
  if (FLOAT_1.has(name) || FLOAT_N.has(name)) return componentwise(name, args, isFloat, 'f32');
  if (NUMBER_N.has(name)) return componentwise(name, args, (type) => componentOf(type) !== 'bool');
  if (INTEGER_1.has(name)) return componentwise(name, args, (type) => !isFloat(type));
  if (name === 'subgroupMatrixMultiplyAccumulate') return matrixProduct(args, invocations);
  if (name.startsWith('subgroup')) return subgroupCall(name, args, invocations);
  if (name.startsWith('atomic')) return atomicCall(name, args);
  switch (name) {
    case 'select':
      return selectCall(args);
    case 'pack2x16float':
      return primary(`${name}(${soleArgument(args, vectorType(2, 'f32'), name)})`, scalarType('u32'));
    case 'unpack2x16float':
      return primary(`${name}(${soleArgument(args, scalarType('u32'), name)})`, vectorType(2, 'f32'));
    case 'dot': {
      const [a, b] = args;
      if (a.type.kind !== 'vector' || !sameType(a.type, b.type)) throw unsupported('dot of these operands');
      return primary(`dot(${a.code}, ${b.code})`, scalarType(a.type.scalar));
    }
    case 'all':
    case 'any':
      if (componentOf(args[0].type) !== 'bool') throw unsupported(`${name} of ${wgslType(args[0].type)}`);
      return primary(`${name}(${args[0].code})`, scalarType('bool'));
    case 'workgroupBarrier':
    case 'storageBarrier':
      return primary('__syncthreads()', VOID);
    case 'workgroupUniformLoad': {
      const [{ code, type }] = args;
      if (type.kind !== 'pointer') throw unsupported('workgroupUniformLoad of what is no pointer');
      return primary(`workgroupUniformLoad(${code})`, type.to);
    }
    default:
      return undefined;
  }
}

/** The one argument of a function that takes one type. */
function soleArgument(args: readonly Value[], type: Type, name: string): string {
  if (args.length !== 1) throw unsupported(`${name} of ${args.length} values`);
  return coerce(args[0], type).code;
}

function matrixProduct(args: readonly Value[], invocations: number): Value {
  const name = 'subgroupMatrixMultiplyAccumulate';
  const roles = args.map(({ type }) => (type.kind === 'matrix' ? type.role : wgslType(type)));
  if (roles.join() !== 'left,right,result') throw unsupported(`${name} of ${roles.join(', ')}`);
  if (lanesOf(name, invocations)) throw unsupported(`${name} in a workgroup of ${invocations} invocations`);
  return primary(`${name}(${args.map(({ code }) => code).join(', ')})`, args[2].type);
}

/**
 * The prelude's warp functions wait for 32 lanes, or for as many as they are told: a workgroup smaller than a warp has no
 * others. Reductions halve that number.
 * @returns template arguments of the function: none for 32
 */
function lanesOf(name: string, invocations: number): string {
  if (invocations % 32 === 0) return '';
  const halves = !REDUCTIONS.has(name) || Number.isInteger(Math.log2(invocations));
  if (invocations > 32 || !halves) throw unsupported(`${name} in a workgroup of ${invocations} invocations`);
  return `<${invocations}u>`;
}

function componentwise(
  name: string,
  args: readonly Value[],
  accepts: (type: Type) => boolean,
  fallback?: 'f32',
): Value {
  let values = unified(args);
  const vector = values.find(({ type }) => type.kind === 'vector')?.type;
  if (vector?.kind === 'vector') {
    // `mix` takes a scalar with vectors.
    values = values.map((value) => (value.type.kind === 'scalar' ? splat(value, vector.size) : value));
  } else {
    const common = commonScalar(values);
    const scalar = fallback && common === 'int' ? fallback : common;
    values = values.map((value) => concrete(coerce(value, scalarType(scalar))));
  }
  const [{ type }] = values;
  const wrong = values.find((value) => !sameType(value.type, type) || !accepts(value.type));
  if (wrong) throw unsupported(`${name} of ${wgslType(wrong.type)}`);
  if (componentOf(type) === 'f16' && !HALF.has(name)) throw unsupported(`${name} of ${wgslType(type)}`);
  return primary(`${name}(${values.map(({ code }) => code).join(', ')})`, type);
}

function selectCall(args: readonly Value[]): Value {
  const condition = args[2];
  let [no, yes] = args;
  if (!sameType(no.type, yes.type)) [no, yes] = unified([no, yes]);
  [no, yes] = [concrete(no), concrete(yes)];
  if (!sameType(no.type, yes.type) || componentOf(condition.type) !== 'bool') {
    throw unsupported(`select of ${wgslType(no.type)}, ${wgslType(yes.type)}, ${wgslType(condition.type)}`);
  }
  return primary(`select(${no.code}, ${yes.code}, ${condition.code})`, no.type);
}

function subgroupCall(name: string, args: readonly Value[], invocations: number): Value {
  if (!SHUFFLES.has(name) && !REDUCTIONS.has(name) && !VOTES.has(name)) throw unsupported(`function ${name}`);
  const lanes = lanesOf(name, invocations);
  const value = concrete(args[0]);
  if (VOTES.has(name))
    return primary(`${name}${lanes}(${coerce(value, scalarType('bool')).code})`, scalarType('bool'));
  if (!SHUFFLES.has(name)) return primary(`${name}${lanes}(${value.code})`, value.type);
  return primary(`${name}${lanes}(${value.code}, ${coerce(args[1], scalarType('u32')).code})`, value.type);
}

function atomicCall(name: string, args: readonly Value[]): Value {
  const [{ code, type: pointer }, operand] = args;
  if (pointer.kind !== 'pointer' || pointer.to.kind !== 'atomic')
    throw unsupported(`${name} of what is no atomic`);
  const type = scalarType(pointer.to.scalar);
  if (name === 'atomicLoad') return primary(`atomicLoad(${code})`, type);
  if (name === 'atomicStore') return primary(`atomicStore(${code}, ${coerce(operand, type).code})`, VOID);
  if (!ATOMICS.has(name)) throw unsupported(`function ${name}`);
  return primary(`${name}(${code}, ${coerce(operand, type).code})`, type);
}

/** `T(x)` for scalars: conversion as WGSL has it. */
export function convertScalar(value: Value, to: Type): Value {
  if (to.kind !== 'scalar') throw unsupported(`conversion to ${wgslType(to)}`);
  if (value.type.kind !== 'scalar')
    throw unsupported(`conversion of ${wgslType(value.type)} to ${wgslType(to)}`);
  if (sameType(value.type, to)) return value;
  const { known } = value;
  if (known !== undefined && isAbstract(value.type)) return literal(converted(known, to.scalar), to.scalar);
  const from = concrete(value);
  const plain = !isFloat(from.type) || (to.scalar === 'bool' && componentOf(from.type) === 'f32');
  if (!plain || to.scalar === 'f16') return primary(`convert<${cudaType(to)}>(${from.code})`, to);
  const result = primary(`${cudaType(to)}(${from.code})`, to, from.constant);
  return known === undefined || to.scalar === 'f32'
    ? result
    : { ...result, known: converted(known, to.scalar) };
}

function converted(known: number, to: Scalar): number {
  if (to === 'bool') return known === 0 ? 0 : 1;
  if (to === 'u32') return Math.trunc(known) >>> 0;
  return to === 'i32' ? Math.trunc(known) | 0 : known;
}

/** `vecN<T>(...)`: splat, conversion, or composition. */
export function constructVector(size: number, scalar: Scalar | undefined, args: readonly Value[]): Value {
  const component = scalar ?? commonScalar(args.map(concrete));
  const type = vectorType(size, component);
  const values = args.map((value) => {
    if (value.type.kind === 'vector') return convertVector(value, component);
    return value.type.kind === 'scalar' && (value.known !== undefined || scalar)
      ? convertScalar(value, scalarType(component))
      : coerce(value, scalarType(component));
  });
  const [only] = values;
  if (values.length === 1) return only.type.kind === 'vector' ? sized(only, type) : splat(only, size);
  if (values.every((value) => value.type.kind === 'scalar')) {
    if (values.length !== size) throw unsupported(`${wgslType(type)} of ${values.length} numbers`);
    const constant = values.every((value) => value.constant);
    return primary(`${cudaType(type)}{${values.map(({ code }) => code).join(', ')}}`, type, constant);
  }
  const joined = values.reduce((a, b) => {
    const width = [a, b].reduce((sum, { type: t }) => sum + (t.kind === 'vector' ? t.size : 1), 0);
    return primary(`join(${a.code}, ${b.code})`, vectorType(width, component));
  });
  return sized(joined, type);
}

function sized(value: Value, type: Type): Value {
  if (!sameType(value.type, type)) throw unsupported(`a ${wgslType(type)} made of a ${wgslType(value.type)}`);
  return value;
}

function convertVector(value: Value, to: Scalar): Value {
  if (value.type.kind !== 'vector' || value.type.scalar === to) return value;
  return primary(`convert<${to}>(${value.code})`, vectorType(value.type.size, to));
}
