/**
 * The element-wise functions of one number, as data. Kernel generators add an expression per name, rewrites fuse
 * those marked `activation` into the layer before. Formulas and default parameters: ONNX operator specification.
 */
import type { DType } from '../tensor/index.js';
import { roundHalfEven } from '../tensor/floats.js';
import { FLOATS, INTEGERS } from './element-types.js';
import { erf as erfOf } from './erf.js';
import type { UnaryFunction } from './unary.js';

/** What operators compute with. */
const NUMERIC: readonly DType[] = [...FLOATS, ...INTEGERS];
/** Floats that can be NaN; f4e2m1 and f8e8m0 are not among the types of ONNX's IsNaN and IsInf. */
const FLOATS_WITH_NAN: readonly DType[] = [...FLOATS, 'f8e4m3fn', 'f8e4m3fnuz', 'f8e5m2', 'f8e5m2fnuz'];

const activation = (name: string, flops: number, apply: (x: number) => number): UnaryFunction => ({
  name,
  dtypes: FLOATS,
  activation: true,
  flops,
  apply,
});

const math = (name: string, apply: (x: number) => number): UnaryFunction => ({ name, dtypes: FLOATS, apply });

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));

/** ln(1 + e^x) without overflow. */
const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

// Activations without parameters

export const relu: UnaryFunction = {
  name: 'Relu',
  dtypes: NUMERIC,
  activation: true,
  // Not Math.max: that would turn -0 into 0; NaN passes through the comparison.
  apply: (x) => (x < 0 ? 0 : x),
  applyInteger: (x) => (x < 0n ? 0n : x),
};

export const sigmoid = activation('Sigmoid', 3, sigmoidOf);

export const tanh = activation('Tanh', 1, Math.tanh);

export const hardSwish = activation('HardSwish', 5, (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)));

export const mish = activation('Mish', 5, (x) => x * Math.tanh(softplusOf(x)));

export const softplus = activation('Softplus', 3, softplusOf);

export const softsign = activation('Softsign', 3, (x) => x / (1 + Math.abs(x)));

// Activations with parameters

/** x for x >= 0, alpha * x below. */
export const leakyRelu = (alpha = 0.01): UnaryFunction => ({
  ...activation('LeakyRelu', 2, (x) => (x < 0 ? alpha * x : x)),
  parameters: { alpha },
});

/** x for x >= 0, alpha * (e^x - 1) below. */
export const elu = (alpha = 1): UnaryFunction => ({
  ...activation('Elu', 3, (x) => (x < 0 ? alpha * Math.expm1(x) : x)),
  parameters: { alpha },
});

/** gamma * x for x > 0, gamma * alpha * (e^x - 1) otherwise. The defaults are the two constants as floats. */
export const selu = (
  alpha = 1.67326319217681884765625,
  gamma = 1.05070102214813232421875,
): UnaryFunction => ({
  ...activation('Selu', 4, (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x))),
  parameters: { alpha, gamma },
});

/** max(0, x) + min(0, alpha * (e^(x / alpha) - 1)). */
export const celu = (alpha = 1): UnaryFunction => ({
  ...activation('Celu', 4, (x) => (x > 0 ? x : alpha * Math.expm1(x / alpha))),
  parameters: { alpha },
});

/** max(0, min(1, alpha * x + beta)). */
export const hardSigmoid = (alpha = 0.2, beta = 0.5): UnaryFunction => ({
  ...activation('HardSigmoid', 4, (x) => Math.max(0, Math.min(1, alpha * x + beta))),
  parameters: { alpha, beta },
});

/** x * sigmoid(alpha * x). */
export const swish = (alpha = 1): UnaryFunction => ({
  ...activation('Swish', 5, (x) => x * sigmoidOf(alpha * x)),
  parameters: { alpha },
});

/** x * Phi(x) by the error function (`none`) or by its usual approximation with tanh. */
export const gelu = (approximate: 'none' | 'tanh' = 'none'): UnaryFunction => ({
  ...(approximate === 'none'
    ? activation('Gelu', 5, (x) => 0.5 * x * (1 + erfOf(x * Math.SQRT1_2)))
    : activation(
        'Gelu',
        9,
        (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
      )),
  parameters: { approximate },
});

/** x for x > alpha, 0 otherwise (and so for NaN). */
export const thresholdedRelu = (alpha = 1): UnaryFunction => ({
  ...activation('ThresholdedRelu', 1, (x) => (x > alpha ? x : 0)),
  parameters: { alpha },
});

/** x + bias for x < -lambd, x - bias for x > lambd, 0 otherwise (and so for NaN). */
export const shrink = (lambd = 0.5, bias = 0): UnaryFunction => ({
  ...activation('Shrink', 3, (x) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0)),
  dtypes: NUMERIC,
  parameters: { lambd, bias },
});

/** min(max, max(min, x)): where min > max, max. Infinite bounds bound nothing. */
export const clip = (min = -Infinity, max = Infinity): UnaryFunction => ({
  ...activation('Clip', 2, (x) => Math.min(max, Math.max(min, x))),
  dtypes: NUMERIC,
  parameters: { min, max },
  applyInteger: (x) => {
    const raised = x < min ? BigInt(Math.trunc(min)) : x;
    return raised > max ? BigInt(Math.trunc(max)) : raised;
  },
});

// Arithmetic

export const abs: UnaryFunction = {
  name: 'Abs',
  dtypes: NUMERIC,
  apply: Math.abs,
  applyInteger: (x) => (x < 0n ? -x : x),
};

export const neg: UnaryFunction = {
  name: 'Neg',
  dtypes: NUMERIC,
  apply: (x) => -x,
  applyInteger: (x) => -x,
};

export const sign: UnaryFunction = {
  name: 'Sign',
  dtypes: NUMERIC,
  apply: Math.sign,
  applyInteger: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
};

/** To the nearest integer, ties to even. */
export const round = math('Round', (x) => {
  const rounded = roundHalfEven(x);
  return rounded === 0 && x < 0 ? -0 : rounded;
});

export const ceil = math('Ceil', Math.ceil);
export const floor = math('Floor', Math.floor);
export const sqrt = math('Sqrt', Math.sqrt);
export const reciprocal = math('Reciprocal', (x) => 1 / x);
export const exp = math('Exp', Math.exp);
export const log = math('Log', Math.log);
export const erf = math('Erf', erfOf);
export const sin = math('Sin', Math.sin);
export const cos = math('Cos', Math.cos);
export const tan = math('Tan', Math.tan);
export const asin = math('Asin', Math.asin);
export const acos = math('Acos', Math.acos);
export const atan = math('Atan', Math.atan);
export const sinh = math('Sinh', Math.sinh);
export const cosh = math('Cosh', Math.cosh);
export const asinh = math('Asinh', Math.asinh);
export const acosh = math('Acosh', Math.acosh);
export const atanh = math('Atanh', Math.atanh);

// Tests and bits

export const isNaN: UnaryFunction = {
  name: 'IsNaN',
  dtypes: FLOATS_WITH_NAN,
  result: 'bool',
  apply: (x) => Number(Number.isNaN(x)),
};

/** Whether x is infinite, of the signs asked for. */
export const isInf = (detectNegative = true, detectPositive = true): UnaryFunction => ({
  name: 'IsInf',
  parameters: { detect_negative: Number(detectNegative), detect_positive: Number(detectPositive) },
  dtypes: FLOATS_WITH_NAN,
  result: 'bool',
  apply: (x) => Number((detectPositive && x === Infinity) || (detectNegative && x === -Infinity)),
});

export const not: UnaryFunction = { name: 'Not', dtypes: ['bool'], apply: (x) => 1 - x };

export const bitwiseNot: UnaryFunction = {
  name: 'BitwiseNot',
  dtypes: INTEGERS,
  apply: (x) => ~x,
  applyInteger: (x) => ~x,
};

const plain = [relu, sigmoid, tanh, hardSwish, mish, softplus, softsign];
const parametric = [
  leakyRelu(),
  elu(),
  selu(),
  celu(),
  hardSigmoid(),
  swish(),
  gelu('none'),
  gelu('tanh'),
  thresholdedRelu(),
  shrink(),
  clip(),
];
const arithmetic = [abs, neg, sign, round, ceil, floor, sqrt, reciprocal, exp, log, erf];
const trigonometry = [sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh];
const predicates = [isNaN, isInf(), not, bitwiseNot];

/** One of each function, with ONNX's default parameters: what a table of expressions by name must cover. */
export const UNARY_FUNCTIONS: readonly UnaryFunction[] = [
  ...plain,
  ...parametric,
  ...arithmetic,
  ...trigonometry,
  ...predicates,
];
