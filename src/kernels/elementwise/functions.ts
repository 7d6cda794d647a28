/**
 * WGSL of the element-wise functions of one number: a fixed body per function, its parameters as constants in front.
 *
 * NaN passes through wherever the operator lets it, as long as the device compares as IEEE 754 says: selections are
 * written so that a comparison with NaN, which is false, keeps the number (`select(x, 0.0, x < 0.0)`, not `max`,
 * which drops NaN on most GPUs). Exceptions: HardSigmoid's clamp, and what goes through the device's exp where that
 * loses NaN (SwiftShader's gives 0). WGSL allows compilers to assume that there are no NaNs and infinities at all.
 */
import { UnsupportedError } from '../../errors.js';
import type { UnaryFunction } from '../../ops/unary.js';
import type { DType } from '../../tensor/index.js';
import { helpersOf } from './helpers.js';
import { laneLiteral, laneOf, wrapped, type Lane } from './values.js';

/** Bodies over `x: f32`; parameters are `F_` and their name, helpers `F_` and theirs. */
const UNARY: Readonly<Record<string, string>> = {
  Relu: 'return select(x, 0.0, x < 0.0);',
  Sigmoid: 'return F_logistic(x);',
  Tanh: 'return F_tanh(x);',
  HardSwish: 'return x * clamp(x * (1.0 / 6.0) + 0.5, 0.0, 1.0);',
  // tanh(ln(1 + e^x)) = n / (n + 2 * m), where n and m are w * (w + 2) and 1 for w = e^x, both times e^-2x for x > 0.
  Mish: /* wgsl */ `
  let e = exp(-abs(x));
  let n = select(1.0 + 2.0 * e, e * (e + 2.0), x < 0.0);
  let m = select(e * e, 1.0, x < 0.0);
  return x * (n / (n + 2.0 * m));`,
  Softplus: 'return select(x, 0.0, x < 0.0) + F_log1p(exp(-abs(x)));',
  Softsign: 'return x / (1.0 + abs(x));',
  LeakyRelu: 'return select(x, F_alpha * x, x < 0.0);',
  Elu: 'return select(x, F_alpha * F_expm1(min(x, 0.0)), x < 0.0);',
  Selu: 'return F_gamma * select(x, F_alpha * F_expm1(min(x, 0.0)), x <= 0.0);',
  Celu: 'return select(x, F_alpha * F_expm1(min(x, 0.0) / F_alpha), x <= 0.0);',
  HardSigmoid: 'return clamp(F_alpha * x + F_beta, 0.0, 1.0);',
  Swish: 'return x * F_logistic(F_alpha * x);',
  'Gelu none': /* wgsl */ `
  let s = x * 0.707106781;
  let half = 0.5 * F_erfc_far(abs(s));
  return x * select(select(1.0 - half, half, x < 0.0), 0.5 + 0.5 * s * F_erf_near(s), abs(s) < 0.9);`,
  // (1 + tanh(u)) / 2 = 1 / (1 + e^-2u)
  'Gelu tanh': 'return x * F_logistic(1.59576912 * (x + 0.044715 * x * x * x));',
  ThresholdedRelu: 'return select(0.0, x, x > F_alpha);',
  Shrink: 'return select(select(0.0, x - F_bias, x > F_lambd), x + F_bias, x < -F_lambd);',
  Clip: 'return x;',
  'Clip min': 'return select(x, F_min, x < F_min);',
  'Clip max': 'return select(x, F_max, x > F_max);',
  'Clip min max': /* wgsl */ `
  let raised = select(x, F_min, x < F_min);
  return select(raised, F_max, raised > F_max);`,
  Abs: 'return abs(x);',
  Neg: 'return -x;',
  Sign: 'return sign(x);',
  Round: 'return round(x);',
  Ceil: 'return ceil(x);',
  Floor: 'return floor(x);',
  Sqrt: 'return sqrt(x);',
  Reciprocal: 'return 1.0 / x;',
  Exp: 'return exp(x);',
  Log: 'return log(x);',
  Erf: /* wgsl */ `
  let far = 1.0 - F_erfc_far(abs(x));
  return select(select(far, -far, x < 0.0), x * F_erf_near(x), abs(x) < 0.9);`,
  Sin: 'return F_wave(x, 0);',
  Cos: 'return F_wave(x, 1);',
  Tan: 'return F_wave(x, 0) / F_wave(x, 1);',
  Asin: /* wgsl */ `
  let far = 1.570796327 - F_acos_near(abs(x));
  return select(select(far, -far, x < 0.0), F_asin_near(x), abs(x) <= 0.5);`,
  Acos: /* wgsl */ `
  let far = F_acos_near(abs(x));
  return select(select(far, 3.141592654 - far, x < 0.0), 1.570796327 - F_asin_near(x), abs(x) <= 0.5);`,
  Atan: 'return F_atan(x);',
  Sinh: 'return F_sinh(x);',
  Cosh: /* wgsl */ `
  let e = exp(0.5 * abs(x));
  return 0.5 * e * e + 0.5 / e / e;`,
  Asinh: 'return F_asinh(x);',
  Acosh: 'return F_acosh(x);',
  Atanh: 'return F_atanh(x);',
  IsNaN: 'return select(0u, 1u, F_is_nan(x));',
  IsInf: /* wgsl */ `
  let bits = bitcast<u32>(x);
  let positive = F_detect_positive != 0.0 && bits == 0x7f800000u;
  let negative = F_detect_negative != 0.0 && bits == 0xff800000u;
  return select(0u, 1u, positive || negative);`,
};

/** Bodies over `x: i32` or `x: u32`, which is `F_T`; parameters are of that type. */
const UNARY_INTEGER: Readonly<Record<string, string>> = {
  Relu: 'return max(x, F_T(0));',
  Abs: 'return F_T(abs(x));',
  Neg: 'return ~x + F_T(1);',
  Sign: 'return clamp(x, F_least, F_T(1));',
  // In f32, for a bias with a fraction: exact up to 2^24.
  Shrink: /* wgsl */ `
  let v = f32(x);
  return F_T(i32(select(select(0.0, v - F_bias, v > F_lambd), v + F_bias, v < -F_lambd)));`,
  Clip: 'return x;',
  // A whole number is below a bound when it is below the bound rounded up, which the bound becomes without a fraction.
  'Clip min': 'return select(x, F_min, x < F_min_end);',
  'Clip max': 'return select(x, F_max, x > F_max_end);',
  'Clip min max': /* wgsl */ `
  let raised = select(x, F_min, x < F_min_end);
  return select(raised, F_max, raised > F_max_end);`,
  Not: 'return 1u - x;',
  BitwiseNot: 'return ~x;',
};

/** Which body: functions that their parameters make different ones have a word behind their name. */
function bodyName({ name, parameters = {} }: UnaryFunction): string {
  if (name === 'Gelu') return `Gelu ${parameters['approximate']}`;
  // An infinite bound bounds nothing, and WGSL has no word for infinity.
  if (name !== 'Clip') return name;
  return ['Clip', ...['min', 'max'].filter((bound) => Number.isFinite(parameters[bound]))].join(' ');
}

/** Parameters as constants; for integers, also what their bodies derive from them. */
function parameterText({ name, parameters = {} }: UnaryFunction, lane: Lane): string {
  const lines: string[] = [];
  const add = (key: string, value: number, type: Lane): void => {
    lines.push(`const F_${key} = ${laneLiteral(value, type)};\n`);
  };
  for (const [key, value] of Object.entries(parameters)) {
    // An infinite bound of Clip and an approximation's name have chosen the body.
    if (typeof value !== 'number' || (name === 'Clip' && !Number.isFinite(value))) continue;
    add(key, value, name === 'Clip' ? lane : 'f32');
    if (name === 'Clip' && lane !== 'f32') {
      add(`${key}_end`, key === 'min' ? Math.ceil(value) : Math.floor(value), lane);
    }
  }
  if (lane !== 'f32') lines.push(`alias F_T = ${lane};\n`);
  if (name === 'Sign' && lane !== 'f32') add('least', lane === 'i32' ? -1 : 0, lane);
  return lines.join('');
}

/**
 * `fn NAME(x: f32) -> f32`, and in front of it what it needs, under names that start with NAME and `_`; the identity
 * where there is no function.
 * @throws UnsupportedError for a function without WGSL
 */
export function unaryWgsl(name: string, fn: UnaryFunction | undefined): string {
  if (!fn) return `fn ${name}(x: f32) -> f32 { return x; }\n`;
  return typedUnaryWgsl(name, fn, 'f32');
}

/**
 * `fn NAME(x: T) -> R` for elements of a type: T is its lane, R the result's.
 * @throws UnsupportedError for a function without WGSL
 */
export function typedUnaryWgsl(name: string, fn: UnaryFunction, dtype: DType): string {
  const lane = laneOf(dtype);
  const body = (lane === 'f32' ? UNARY : UNARY_INTEGER)[bodyName(fn)];
  if (body === undefined) {
    throw new UnsupportedError(`operator ${fn.name} of ${dtype} on a GPU`, {
      remedy: 'Run the model on the CPU.',
    });
  }
  const result = laneOf(fn.result ?? dtype);
  return functionText(name, [lane], result, body, parameterText(fn, lane), fn.result ?? dtype);
}

/** Names of a function's parameters: x alone, a and b and so on together. */
const parameterNames = (count: number): readonly string[] =>
  count === 1 ? ['x'] : ['a', 'b', 'c', 'd', 'e'].slice(0, count);

/**
 * A function of the given lanes with its constants and helpers, from texts that are written for the name `F`.
 * Integer results are wrapped to their element type.
 */
export function functionText(
  name: string,
  lanes: readonly Lane[],
  result: Lane,
  body: string,
  constants: string,
  dtype: DType,
): string {
  const names = parameterNames(lanes.length);
  const parameters = lanes.map((lane, i) => `${names[i]}: ${lane}`).join(', ');
  const raw = `fn F(${parameters}) -> ${result} { ${body} }\n`;
  const call = wrapped(`F_raw(${names.join(', ')})`, dtype);
  const text =
    call === `F_raw(${names.join(', ')})`
      ? raw
      : `${raw.replace('fn F(', 'fn F_raw(')}fn F(${parameters}) -> ${result} { return ${call}; }\n`;
  return (constants + helpersOf(body) + text).replaceAll(/\bF(?=_|\()/g, name);
}
