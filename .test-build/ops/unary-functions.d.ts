import type { UnaryFunction } from './unary.js';
export declare const relu: UnaryFunction;
export declare const sigmoid: UnaryFunction;
export declare const tanh: UnaryFunction;
export declare const hardSwish: UnaryFunction;
export declare const mish: UnaryFunction;
export declare const softplus: UnaryFunction;
export declare const softsign: UnaryFunction;
/** x for x >= 0, alpha * x below. */
export declare const leakyRelu: (alpha?: number) => UnaryFunction;
/** x for x >= 0, alpha * (e^x - 1) below. */
export declare const elu: (alpha?: number) => UnaryFunction;
/** gamma * x for x > 0, gamma * alpha * (e^x - 1) otherwise. The defaults are the two constants as floats. */
export declare const selu: (alpha?: number, gamma?: number) => UnaryFunction;
/** max(0, x) + min(0, alpha * (e^(x / alpha) - 1)). */
export declare const celu: (alpha?: number) => UnaryFunction;
/** max(0, min(1, alpha * x + beta)). */
export declare const hardSigmoid: (alpha?: number, beta?: number) => UnaryFunction;
/** x * sigmoid(alpha * x). */
export declare const swish: (alpha?: number) => UnaryFunction;
/** x * Phi(x) by the error function (`none`) or by its usual approximation with tanh. */
export declare const gelu: (approximate?: 'none' | 'tanh') => UnaryFunction;
/** x for x > alpha, 0 otherwise (and so for NaN). */
export declare const thresholdedRelu: (alpha?: number) => UnaryFunction;
/** x + bias for x < -lambd, x - bias for x > lambd, 0 otherwise (and so for NaN). */
export declare const shrink: (lambd?: number, bias?: number) => UnaryFunction;
/** min(max, max(min, x)): where min > max, max. Infinite bounds bound nothing. */
export declare const clip: (min?: number, max?: number) => UnaryFunction;
export declare const abs: UnaryFunction;
export declare const neg: UnaryFunction;
export declare const sign: UnaryFunction;
/** To the nearest integer, ties to even. */
export declare const round: UnaryFunction;
export declare const ceil: UnaryFunction;
export declare const floor: UnaryFunction;
export declare const sqrt: UnaryFunction;
export declare const reciprocal: UnaryFunction;
export declare const exp: UnaryFunction;
export declare const log: UnaryFunction;
export declare const erf: UnaryFunction;
export declare const sin: UnaryFunction;
export declare const cos: UnaryFunction;
export declare const tan: UnaryFunction;
export declare const asin: UnaryFunction;
export declare const acos: UnaryFunction;
export declare const atan: UnaryFunction;
export declare const sinh: UnaryFunction;
export declare const cosh: UnaryFunction;
export declare const asinh: UnaryFunction;
export declare const acosh: UnaryFunction;
export declare const atanh: UnaryFunction;
export declare const isNaN: UnaryFunction;
/** Whether x is infinite, of the signs asked for. */
export declare const isInf: (detectNegative?: boolean, detectPositive?: boolean) => UnaryFunction;
export declare const not: UnaryFunction;
export declare const bitwiseNot: UnaryFunction;
/** One of each function, with ONNX's default parameters: what a table of expressions by name must cover. */
export declare const UNARY_FUNCTIONS: readonly UnaryFunction[];
