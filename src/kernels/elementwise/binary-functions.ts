/** WGSL of the element-wise functions of two numbers: a fixed body per function and kind of type. */
import { UnsupportedError } from '../../errors.js';
import type { BinaryFunction } from '../../ops/binary.js';
import type { DType } from '../../tensor/index.js';
import { functionText } from './functions.js';
import { laneOf, type Lane } from './values.js';

/** Bodies over `a: f32` and `b: f32`. */
const BINARY: Readonly<Record<string, string>> = {
  Add: 'return a + b;',
  Sub: 'return a - b;',
  Mul: 'return a * b;',
  Div: 'return a / b;',
  Pow: 'return F_pow(a, b);',
  'Mod 1': 'return F_remainder(a, b);',
  'Mod 0': /* wgsl */ `
  let r = F_remainder(a, b);
  return select(r, r + b, r != 0.0 && (r < 0.0) != (b < 0.0));`,
  // NaN in either is the result: the built-in functions would give the other.
  Max: 'return select(b, a, a > b || F_is_nan(a));',
  Min: 'return select(b, a, a < b || F_is_nan(a));',
  PRelu: 'return select(a, b * a, a < 0.0);',
  Equal: 'return select(0u, 1u, a == b);',
  Greater: 'return select(0u, 1u, a > b);',
  Less: 'return select(0u, 1u, a < b);',
  GreaterOrEqual: 'return select(0u, 1u, a >= b);',
  LessOrEqual: 'return select(0u, 1u, a <= b);',
};

/** Bodies over a and b of `F_T`, which is i32 or u32; those that differ between the two have the type in their name. */
const BINARY_INTEGER: Readonly<Record<string, string>> = {
  Add: 'return a + b;',
  Sub: 'return a - b;',
  Mul: 'return a * b;',
  // WGSL gives a / 0 = a and a % 0 = 0, other languages nothing: neither is asked for it.
  Div: 'return select(a / select(b, F_T(1), b == F_T(0)), F_T(0), b == F_T(0));',
  'Mod 1': 'return select(a % select(b, F_T(1), b == F_T(0)), F_T(0), b == F_T(0));',
  'Mod 0': /* wgsl */ `
  let r = a % select(b, F_T(1), b == F_T(0));
  let up = r != F_T(0) && (r < F_T(0)) != (b < F_T(0));
  return select(select(r, r + b, up), F_T(0), b == F_T(0));`,
  Max: 'return max(a, b);',
  Min: 'return min(a, b);',
  PRelu: 'return select(a, b * a, a < F_T(0));',
  Equal: 'return select(0u, 1u, a == b);',
  Greater: 'return select(0u, 1u, a > b);',
  Less: 'return select(0u, 1u, a < b);',
  GreaterOrEqual: 'return select(0u, 1u, a >= b);',
  LessOrEqual: 'return select(0u, 1u, a <= b);',
  And: 'return a & b;',
  Or: 'return a | b;',
  Xor: 'return a ^ b;',
  BitwiseAnd: 'return a & b;',
  BitwiseOr: 'return a | b;',
  BitwiseXor: 'return a ^ b;',
  // A negative shift is a huge one as u32.
  'BitShift LEFT': 'return select(a << (u32(b) & 31u), F_T(0), u32(b) > 31u);',
  'BitShift RIGHT i32': 'return a >> min(u32(b), 31u);',
  'BitShift RIGHT u32': 'return select(a >> (b & 31u), 0u, b > 31u);',
};

/** By squaring, in the 32 bits of `a`; 1 / a^-b truncated for a negative exponent, 0 for a = 0. */
const INTEGER_POWER = /* wgsl */ `
  if (F_SIGNED && i32(b) < 0) {
    let minus_one = ~F_T(0);
    let unit = select(F_T(1), minus_one, (u32(b) & 1u) != 0u);
    return select(select(F_T(0), unit, a == minus_one && F_BASE_SIGNED), F_T(1), a == F_T(1));
  }
  var result = F_T(1);
  var square = a;
  for (var rest = u32(b); rest > 0u; rest = rest >> 1u) {
    if ((rest & 1u) != 0u) { result = result * square; }
    square = square * square;
  }
  return result;`;

/** Powers of mixed kinds, computed in f32; an integer base takes the integer part. */
const MIXED_POWER = 'return F_T(F_pow(f32(a), f32(b)));';

/** Which body: functions that their parameters make different ones have a word behind their name. */
function bodyName({ name, parameters = {} }: BinaryFunction, lane: Lane): string {
  if (name === 'Mod') return `Mod ${parameters['fmod']}`;
  if (name !== 'BitShift') return name;
  const direction = String(parameters['direction']);
  return direction === 'LEFT' ? 'BitShift LEFT' : `BitShift RIGHT ${lane}`;
}

/**
 * `fn NAME(a: A, b: B) -> R` for elements of these types, after what it needs, under names that start with NAME and
 * `_`.
 * @throws UnsupportedError for a function without WGSL
 */
export function binaryWgsl(name: string, fn: BinaryFunction, a: DType, b: DType = a): string {
  const lanes = [laneOf(a), laneOf(b)] as const;
  const result = fn.result ?? a;
  const body = chooseBody(fn, lanes);
  if (body === undefined) {
    throw new UnsupportedError(`operator ${fn.name} of ${a} and ${b} on a GPU`, {
      remedy: 'Run the model on the CPU.',
    });
  }
  const constants = [
    body.includes('F_T') ? `alias F_T = ${lanes[0]};\n` : '',
    body === INTEGER_POWER ? `const F_SIGNED = ${lanes[1] === 'i32'};\n` : '',
    body === INTEGER_POWER ? `const F_BASE_SIGNED = ${lanes[0] === 'i32'};\n` : '',
  ];
  return functionText(name, lanes, laneOf(result), body, constants.join(''), result);
}

function chooseBody(fn: BinaryFunction, [a, b]: readonly [Lane, Lane]): string | undefined {
  if (fn.name === 'Pow') {
    if (a === 'f32' && b === 'f32') return BINARY['Pow'];
    return a === 'f32' || b === 'f32' ? MIXED_POWER : INTEGER_POWER;
  }
  return (a === 'f32' ? BINARY : BINARY_INTEGER)[bodyName(fn, a)];
}
