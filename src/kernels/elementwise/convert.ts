/** WGSL of selections, conversions between element types, and linear quantisation: functions of one element each. */
import { UnsupportedError } from '../../errors.js';
import { integerRange, type DType } from '../../tensor/index.js';
import { functionText } from './functions.js';
import { laneLiteral, laneOf, type Lane } from './values.js';

/** `fn NAME(a: u32, b: T, c: T) -> T`: b where a holds, else c. */
export function whereWgsl(name: string, dtype: DType): string {
  const lane = laneOf(dtype);
  return functionText(name, ['u32', lane, lane], lane, 'return select(c, b, a != 0u);', '', dtype);
}

/**
 * Bodies over `x` by lane, from and to. Floats lose their fraction; those beyond the integers' range become what
 * x86 makes of them (see the op): the smallest signed number, or what is left of it in 32 bits. NaN too.
 */
const CAST: Readonly<Record<string, string>> = {
  'f32 f32': 'return x;',
  'i32 f32': 'return f32(x);',
  'u32 f32': 'return f32(x);',
  'f32 i32': /* wgsl */ `
  let fits = x >= -2147483648.0 && x < 2147483648.0;
  return select(i32(-2147483648), i32(select(0.0, x, fits)), fits);`,
  'i32 i32': 'return x;',
  'u32 i32': 'return bitcast<i32>(x);',
  'i32 u32': 'return bitcast<u32>(x);',
  'u32 u32': 'return x;',
  'f32 u32': /* wgsl */ `
  let t = trunc(abs(x));
  let low = t - floor(t * 2.3283064365386963e-10) * 4294967296.0;
  let bits = u32(select(0.0, low, t < 9223372036854775808.0));
  return select(bits, 0u - bits, x < 0.0);`,
  'f32 bool': 'return select(0u, 1u, (bitcast<u32>(x) & 0x7fffffffu) != 0u);',
  'i32 bool': 'return select(0u, 1u, x != 0);',
  'u32 bool': 'return select(0u, 1u, x != 0u);',
};

/** `fn NAME(x: A) -> B`: an element as another type. */
export function castWgsl(name: string, from: DType, to: DType): string {
  const lane = laneOf(from);
  // Small integers take the low bits of what becomes of a float in 32 bits.
  const narrow = lane === 'f32' && (to === 'u8' || to === 'u16');
  const target = to === 'bool' ? 'bool' : laneOf(to);
  const body = narrow ? NARROW_UNSIGNED : CAST[`${lane} ${target}`];
  return functionText(name, [lane], laneOf(to), body, '', to);
}

/** Through i32, so that all beyond its range is 0: the low bits of the smallest number. */
const NARROW_UNSIGNED = /* wgsl */ `
  let fits = x >= -2147483648.0 && x < 2147483648.0;
  return bitcast<u32>(i32(select(0.0, trunc(x), fits)));`;

const QUANTIZE = /* wgsl */ `
  let quotient = F_round_to(F_round_to(f32(a)) / F_round_to(f32(b)));
  return F_T(clamp(round(quotient) + f32(c), F_low, F_high));`;

/** What `quantizeWgsl` is made for. */
export interface Quantization {
  readonly x: DType;
  readonly scale: DType;
  readonly to: DType;
  /** The type to which the quotient is rounded. */
  readonly precision: DType;
  readonly zeroPoint: boolean;
}

/**
 * `fn NAME(a: X, b: S, c: Q) -> Q`: a quantised by scale b and zero point c; without c where there is none.
 * @throws UnsupportedError for a precision other than f32 and f16
 */
export function quantizeWgsl(name: string, { x, scale, to, precision, zeroPoint }: Quantization): string {
  if (precision !== 'f32' && precision !== 'f16') {
    throw new UnsupportedError(`precision ${precision} of QuantizeLinear on a GPU`, {
      remedy: 'Run the model on the CPU, or use f32.',
    });
  }
  const rounding = precision === 'f16' ? 'quantizeToF16(x)' : 'x';
  const lane = laneOf(to);
  const constants = `${rangeText(to)}fn F_round_to(x: f32) -> f32 { return ${rounding}; }\n`;
  const lanes = [laneOf(x), laneOf(scale)];
  return zeroPoint
    ? functionText(name, [...lanes, lane], lane, QUANTIZE, constants, to)
    : functionText(name, lanes, lane, `${NO_ZERO_POINT}${QUANTIZE}`, constants, to);
}

const NO_ZERO_POINT = '\n  let c = 0;';

const DEQUANTIZE = ' return f32(i32(a) - i32(c)) * b;';

/** `fn NAME(a: Q, b: f32, c: Q) -> f32`: (a - c) * b; without c where there is no zero point. */
export function dequantizeWgsl(name: string, x: DType, zeroPoint: boolean): string {
  const lane = laneOf(x);
  return zeroPoint
    ? functionText(name, [lane, 'f32', lane], 'f32', DEQUANTIZE, '', 'f32')
    : functionText(name, [lane, 'f32'], 'f32', `${NO_ZERO_POINT}${DEQUANTIZE}`, '', 'f32');
}

const REQUANTIZE = 'return F_T(clamp(round(f32(a) * b * c / d) + f32(e), F_low, F_high));';

/**
 * `fn NAME(a: i32, b: f32, c: f32, d: f32, e: Q) -> Q`: a times the scales b and c over the scale d, and the zero
 * point e. In f32, so that a result that is halfway between two integers may go to the other one.
 */
export function requantizeWgsl(name: string, to: DType): string {
  const lane = laneOf(to);
  const lanes: Lane[] = ['i32', 'f32', 'f32', 'f32', lane];
  return functionText(name, lanes, lane, REQUANTIZE, rangeText(to), to);
}

/** The result's lane, and the bounds of its type as floats. */
function rangeText(to: DType): string {
  const { min, max } = integerRange(to);
  const [low, high] = [min, max].map((bound) => laneLiteral(bound, 'f32'));
  return `alias F_T = ${laneOf(to)};\nconst F_low = ${low};\nconst F_high = ${high};\n`;
}
