/** A translated expression: CUDA text with its WGSL type. */
import { unsupported } from './errors.js';
import {
  componentOf,
  cudaType,
  isAbstract,
  sameType,
  scalarType,
  vectorType,
  wgslType,
  type Scalar,
  type Type,
} from './types.js';

/** How tightly C++ binds what an expression consists of; higher binds tighter. */
export const PRECEDENCE = {
  primary: 20,
  unary: 15,
  '*': 13,
  '/': 13,
  '%': 13,
  '+': 12,
  '-': 12,
  '<<': 11,
  '>>': 11,
  '<': 9,
  '>': 9,
  '<=': 9,
  '>=': 9,
  '==': 8,
  '!=': 8,
  '&': 7,
  '^': 6,
  '|': 5,
  '&&': 4,
  '||': 3,
} as const;

export interface Value {
  readonly code: string;
  readonly type: Type;
  readonly precedence: number;
  /** What it is, where that is known: integers, booleans (0 or 1) and abstract numbers. */
  readonly known?: number;
  /** Whether C++ takes it as a constant expression. */
  readonly constant: boolean;
}

export function primary(code: string, type: Type, constant = false): Value {
  return { code, type, precedence: PRECEDENCE.primary, constant };
}

/** The value's text, in parentheses where it binds less tightly than its surroundings. */
export function wrapped(value: Value, precedence: number): string {
  return value.precedence < precedence ? `(${value.code})` : value.code;
}

/** A number of a type, as C++ writes it. */
export function literal(number: number, scalar: Scalar): Value {
  const type = scalarType(scalar);
  const base = { type, precedence: number < 0 ? PRECEDENCE.unary : PRECEDENCE.primary };
  switch (scalar) {
    case 'bool':
      return { ...base, code: number === 0 ? 'false' : 'true', known: number, constant: true };
    case 'u32':
      return { ...base, code: `${number >>> 0}u`, known: number >>> 0, constant: true };
    case 'i32':
    case 'int': {
      // C++ has no negative literals: -2147483648 would be a negated 64-bit number.
      const code = number === -2147483648 ? '(-2147483647 - 1)' : `${number}`;
      return { ...base, code, known: number, constant: true };
    }
    case 'f32':
      return { ...base, code: floatText(number), constant: true };
    case 'float':
      return { ...base, code: floatText(number), known: number, constant: true };
    case 'f16':
      return primary(`to_half(${floatText(number)})`, type);
  }
}

/** The shortest decimal that rounds to the same f32. */
function floatText(number: number): string {
  const rounded = Math.fround(number);
  if (!Number.isFinite(rounded)) throw unsupported(`the number ${number}, which no f32 holds,`);
  const shortest = [6, 7, 8, 9].map((digits) => Number(rounded.toPrecision(digits)));
  const text = Object.is(rounded, -0)
    ? '-0'
    : `${shortest.find((candidate) => Math.fround(candidate) === rounded) ?? rounded}`;
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

/** The value as one of a type: abstract numbers take it, others must have it. */
export function coerce(value: Value, type: Type): Value {
  if (sameType(value.type, type)) return value;
  if (isAbstract(value.type) && value.known !== undefined && type.kind === 'scalar') {
    const integer = !['f32', 'f16', 'float'].includes(type.scalar);
    if (type.scalar !== 'bool' && (!integer || Number.isInteger(value.known))) {
      return literal(value.known, type.scalar);
    }
  }
  throw unsupported(`a ${wgslType(value.type)} where a ${wgslType(type)} belongs`);
}

/** Abstract numbers become i32 or f32, as in `let x = 1;`. */
export function concrete(value: Value): Value {
  if (!isAbstract(value.type) || value.type.kind !== 'scalar') return value;
  return coerce(value, scalarType(value.type.scalar === 'int' ? 'i32' : 'f32'));
}

/** The scalar type that several values agree on: abstract numbers give way. */
export function commonScalar(values: readonly Value[]): Scalar {
  const scalars = values.map(({ type }) => {
    if (type.kind !== 'scalar' && type.kind !== 'vector')
      throw unsupported(`a number made of ${wgslType(type)}`);
    return type.scalar;
  });
  const given = scalars.find((scalar) => scalar !== 'int' && scalar !== 'float');
  return given ?? (scalars.includes('float') ? 'float' : 'int');
}

/** Brings values to one type, scalars among vectors staying scalars. */
export function unified(values: readonly Value[]): Value[] {
  const scalar = commonScalar(values);
  return values.map((value) => (value.type.kind === 'scalar' ? coerce(value, scalarType(scalar)) : value));
}

/** A vector with the same number in every component. */
export function splat(value: Value, size: number): Value {
  const one = concrete(value);
  const type = vectorType(size, commonScalar([one]));
  return { ...primary(`splat<${size}>(${one.code})`, type), constant: false };
}

/** The zero of a type, as `T()` has it. */
export function zero(type: Type): Value {
  if (type.kind === 'scalar') return literal(0, type.scalar);
  return primary(`${cudaType(type)}{}`, type, !hasHalf(type));
}

/** Whether a type contains f16, whose numbers C++ does not take as constants. */
export function hasHalf(type: Type): boolean {
  if (type.kind === 'array') return hasHalf(type.of);
  if (type.kind === 'pointer') return hasHalf(type.to);
  if (type.kind === 'struct') return type.members.some((member) => hasHalf(member.type));
  return componentOf(type) === 'f16';
}
