/** Unary and binary operators. */
import { unsupported } from './errors.js';
import {
  componentOf,
  isAbstract,
  isFloat,
  sameType,
  scalarType,
  vectorType,
  wgslType,
  type Type,
} from './types.js';
import {
  coerce,
  commonScalar,
  concrete,
  literal,
  PRECEDENCE,
  primary,
  unified,
  wrapped,
  type Value,
} from './value.js';

const COMPARISONS: readonly string[] = ['==', '!=', '<', '>', '<=', '>='];
const FUNCTIONS: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '<<': 'shl',
  '>>': 'shr',
};

export function unaryOperator(operator: string, operand: Value): Value {
  const { type, known } = operand;
  if (operator === '+') return operand;
  if (operator === '-' && known !== undefined && type.kind === 'scalar') {
    return literal(type.scalar === 'i32' ? -known | 0 : -known, type.scalar);
  }
  if (operator === '!' && known !== undefined)
    return { ...text(`!${wrapped(operand, PRECEDENCE.unary)}`, operand), known: known === 0 ? 1 : 0 };
  if (operator === '-' && componentOf(type) === 'i32' && type.kind === 'scalar') {
    return primary(`negate(${operand.code})`, type);
  }
  if (operator === '-' || operator === '!' || operator === '~') {
    // Not `--x` for a negated negative.
    const inner = operand.precedence <= PRECEDENCE.unary ? `(${operand.code})` : operand.code;
    return text(`${operator}${inner}`, concrete(operand));
  }
  throw unsupported(`operator ${operator}`);
}

function text(code: string, like: Value): Value {
  return { code, type: like.type, precedence: PRECEDENCE.unary, constant: like.constant };
}

export function binaryOperator(operator: string, left: Value, right: Value): Value {
  if (operator === '&&' || operator === '||') return logical(operator, left, right);
  if (operator === '<<' || operator === '>>') return shift(operator, left, right);
  if (!(operator in PRECEDENCE) || operator === 'primary' || operator === 'unary') {
    throw unsupported(`operator ${operator}`);
  }
  const [a, b] = unified([left, right]);
  if (a.type.kind === 'vector' && b.type.kind === 'vector' && !sameType(a.type, b.type)) {
    throw unsupported(`operator ${operator} of ${wgslType(a.type)} and ${wgslType(b.type)}`);
  }
  const scalar = commonScalar([a, b]);
  const size = a.type.kind === 'vector' ? a.type.size : b.type.kind === 'vector' ? b.type.size : 0;
  if (COMPARISONS.includes(operator)) {
    const type = size > 0 ? vectorType(size, 'bool') : scalarType('bool');
    return infix(operator, concrete(a), concrete(b), type);
  }
  const type = size > 0 ? vectorType(size, scalar) : scalarType(scalar);
  if (size > 0) return infix(operator, a, b, type);
  return scalarOperator(operator, a, b, type);
}

function logical(operator: '&&' | '||', left: Value, right: Value): Value {
  const type = scalarType('bool');
  return infix(operator, coerce(left, type), coerce(right, type), type);
}

function scalarOperator(operator: string, a: Value, b: Value, type: Type): Value {
  const scalar = componentOf(type);
  const result = computed(operator, a, b);
  if (isAbstract(type) && scalar) {
    if (result === undefined) throw unsupported(`operator ${operator} of abstract numbers`);
    return literal(result, scalar);
  }
  // As functions: what wraps around, divides by what may be zero, and remainders, which C++ has for integers only.
  const wraps = scalar === 'i32' && ['+', '-', '*', '/', '%'].includes(operator);
  const divides = (operator === '/' || operator === '%') && scalar === 'u32' && (b.known ?? 0) === 0;
  const remainder = operator === '%' && isFloat(type);
  if (wraps || divides || remainder) {
    if (result !== undefined) return literal(result, 'i32');
    return primary(`${FUNCTIONS[operator]}(${a.code}, ${b.code})`, type);
  }
  const value = infix(operator, a, b, type);
  // & and | of booleans are integers in C++.
  return scalar === 'bool' ? { ...primary(`bool(${value.code})`, type, value.constant) } : value;
}

function shift(operator: '<<' | '>>', left: Value, right: Value): Value {
  if (left.type.kind === 'vector') {
    const by = right.type.kind === 'vector' ? right : coerce(right, scalarType('u32'));
    return primary(`${FUNCTIONS[operator]}(${left.code}, ${by.code})`, left.type);
  }
  const by = coerce(right, scalarType('u32'));
  if (isAbstract(left.type)) {
    const result = computed(operator, left, by);
    if (result === undefined) throw unsupported(`operator ${operator} of abstract numbers`);
    return literal(result, 'int');
  }
  const plain = by.known !== undefined && by.known < 32;
  if (plain && (operator === '>>' || componentOf(left.type) === 'u32')) {
    return infix(operator, left, by, left.type);
  }
  return primary(`${FUNCTIONS[operator]}(${left.code}, ${by.code})`, left.type);
}

function infix(operator: string, a: Value, b: Value, type: Type): Value {
  const precedence = PRECEDENCE[operator as keyof typeof PRECEDENCE];
  // Bit operators bind so loosely in C++ that their operands are put in parentheses for the reader too.
  const bits =
    operator === '&' || operator === '|' || operator === '^' || operator === '<<' || operator === '>>';
  const needed = bits ? PRECEDENCE.unary : precedence;
  const mixed = operator === '||' && a.code.includes('&&') ? PRECEDENCE['&&'] + 1 : needed;
  const known = computed(operator, a, b);
  return {
    code: `${wrapped(a, mixed)} ${operator} ${wrapped(b, Math.max(precedence + 1, mixed))}`,
    type,
    precedence,
    constant: a.constant && b.constant && type.kind === 'scalar' && type.scalar !== 'f16',
    ...(known !== undefined && type.kind === 'scalar' && type.scalar !== 'f32' && { known }),
  };
}

/** The result for known operands. */
function computed(operator: string, a: Value, b: Value): number | undefined {
  const { known: x } = a;
  const { known: y } = b;
  if (x === undefined || y === undefined) return undefined;
  const scalar = componentOf(a.type);
  const result = exact(operator, x, y, scalar === 'float');
  if (result === undefined) return undefined;
  if (COMPARISONS.includes(operator) || operator === '&&' || operator === '||') return result;
  if (scalar === 'u32') return Number(BigInt.asUintN(32, BigInt(result)));
  if (scalar === 'i32') return Number(BigInt.asIntN(32, BigInt(result)));
  return result;
}

/** Products of 32-bit numbers and shifts pass 2^53: integers are reckoned as BigInt and come back as such. */
function exact(operator: string, x: number, y: number, floats: boolean): number | undefined {
  const compared: Readonly<Record<string, boolean>> = {
    '==': x === y,
    '!=': x !== y,
    '<': x < y,
    '>': x > y,
    '<=': x <= y,
    '>=': x >= y,
    '&&': x !== 0 && y !== 0,
    '||': x !== 0 || y !== 0,
  };
  if (operator in compared) return compared[operator] ? 1 : 0;
  if (floats) {
    const results: Readonly<Record<string, number>> = {
      '+': x + y,
      '-': x - y,
      '*': x * y,
      '/': x / y,
      '%': x % y,
    };
    return results[operator];
  }
  const [p, q] = [BigInt(x), BigInt(y)];
  switch (operator) {
    case '+':
      return Number(p + q);
    case '-':
      return Number(p - q);
    case '*':
      return Number.isSafeInteger(x * y) ? x * y : undefined;
    case '/':
      return q === 0n ? undefined : Number(p / q);
    case '%':
      return q === 0n ? undefined : Number(p % q);
    case '&':
      return Number(p & q);
    case '|':
      return Number(p | q);
    case '^':
      return Number(p ^ q);
    case '<<':
      return y < 32 ? Number(p << q) : undefined;
    case '>>':
      return y < 32 ? Number(p >> q) : undefined;
    default:
      return undefined;
  }
}
