/** An activation function fused into the op that computes its input. */
import type { UnaryFunction } from './unary.js';

/** What ops that can end in an activation take. */
export interface Activated {
  /** Applied to every element of the result, after the bias; none when left out. */
  readonly activation?: UnaryFunction | undefined;
}

/** Applies an activation, if there is one, in place. */
export function activate(values: Float64Array, activation: UnaryFunction | undefined): Float64Array {
  if (activation) for (let i = 0; i < values.length; i++) values[i] = activation.apply(values[i]);
  return values;
}

/** Operations per element. */
export function activationFlops(activation: UnaryFunction | undefined): number {
  return activation ? (activation.flops ?? 1) : 0;
}

/** As reports print it: `Clip(min=0, max=6)`. */
export function formatActivation(activation: UnaryFunction | undefined): string | undefined {
  const parameters = Object.entries(activation?.parameters ?? {}).map(([name, value]) => `${name}=${value}`);
  return parameters.length > 0 ? `${activation?.name}(${parameters.join(', ')})` : activation?.name;
}
