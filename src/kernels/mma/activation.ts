/** Activation functions in CUDA C++, for kernels that are not translated from WGSL: elementwise/functions.ts has all. */
import type { UnaryFunction } from '../../ops/unary.js';

/** Bodies over `float x`; parameters are constants of their names. A comparison with NaN, which is false, keeps it. */
const BODIES: Readonly<Record<string, string>> = {
  Relu: 'return x < 0.0f ? 0.0f : x;',
  Sigmoid: 'return logistic(x);',
  Tanh: 'return tanhf(x);',
  HardSwish: 'return x * clamped(x * (1.0f / 6.0f) + 0.5f, 0.0f, 1.0f);',
  HardSigmoid: 'return clamped(alpha * x + beta, 0.0f, 1.0f);',
  Softplus: 'return (x < 0.0f ? 0.0f : x) + log1pf(expf(-fabsf(x)));',
  Softsign: 'return x / (1.0f + fabsf(x));',
  // tanh(ln(1 + e^x)) = n / (n + 2 * m), where n and m are w * (w + 2) and 1 for w = e^x, both times e^-2x for x > 0.
  Mish: /* cuda */ `
  const float e = expf(-fabsf(x));
  const float n = x < 0.0f ? e * (e + 2.0f) : 1.0f + 2.0f * e;
  const float m = x < 0.0f ? 1.0f : e * e;
  return x * (n / (n + 2.0f * m));`,
  LeakyRelu: 'return x < 0.0f ? alpha * x : x;',
  Elu: 'return x < 0.0f ? alpha * expm1f(x) : x;',
  Selu: 'return gamma * (x <= 0.0f ? alpha * expm1f(x) : x);',
  Celu: 'return x < 0.0f ? alpha * expm1f(x / alpha) : x;',
  Swish: 'return x * logistic(alpha * x);',
  ThresholdedRelu: 'return x > alpha ? x : 0.0f;',
  'Gelu none': 'return 0.5f * x * erfcf(x * -0.707106781f);',
  'Gelu tanh': 'return x * logistic(1.59576912f * (x + 0.044715f * x * x * x));',
  Clip: 'return x;',
  'Clip min': 'return x < min ? min : x;',
  'Clip max': 'return x > max ? max : x;',
  'Clip min max': 'return clamped(x, min, max);',
};

const HELPERS = /* cuda */ `
__device__ __forceinline__ float clamped(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return raised > high ? high : raised;
}

__device__ __forceinline__ float logistic(float x) { return 1.0f / (1.0f + expf(-x)); }
`;

/** Which body: an infinite bound of Clip bounds nothing, and an approximation has a body of its own. */
function bodyName({ name, parameters = {} }: UnaryFunction): string {
  if (name === 'Gelu') return `Gelu ${parameters['approximate']}`;
  if (name !== 'Clip') return name;
  return ['Clip', ...['min', 'max'].filter((bound) => Number.isFinite(parameters[bound]))].join(' ');
}

/** A number as CUDA C++ writes it, within the range of f32. */
export function floatText(value: number): string {
  const largest = 3.4028234663852886e38;
  const text = `${Math.fround(Math.min(Math.max(value, -largest), largest))}`;
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

/** Why a function cannot be fused, or undefined. */
export function activationRefusal(fn: UnaryFunction | undefined): string | undefined {
  return !fn || BODIES[bodyName(fn)] !== undefined ? undefined : `it does not end in ${fn.name}`;
}

/**
 * `float activation(float x)`; the identity where there is no function.
 * @throws TypeError for a function that `activationRefusal` refuses
 */
export function activationText(fn: UnaryFunction | undefined): string {
  if (!fn) return '\n__device__ __forceinline__ float activation(float x) { return x; }\n';
  const body = BODIES[bodyName(fn)];
  if (body === undefined) throw new TypeError(`no text for ${fn.name}`);
  const used = Object.entries(fn.parameters ?? {}).flatMap(([name, value]) =>
    typeof value === 'number' && new RegExp(`\\b${name}\\b`).test(body)
      ? [`  constexpr float ${name} = ${floatText(value)};\n`]
      : [],
  );
  return `${HELPERS}
__device__ __forceinline__ float activation(float x) {
${used.join('')}  ${body.trim()}
}
`;
}
