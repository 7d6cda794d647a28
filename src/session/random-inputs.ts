/** Inputs for runs whose results nobody looks at. */
import { isFloat, sizeOf, Tensor, type TensorType } from '../tensor/index.js';
import { randomStream } from '../tensor/random.js';
import type { TensorMap } from './session.js';

/**
 * A tensor for every input, always the same for the same names and types: floats in [-1, 1), integers and booleans 0
 * or 1, which is an index nearly everywhere.
 */
export function randomInputs(
  inputs: Iterable<{ readonly name: string; readonly type: TensorType }>,
): TensorMap {
  return Object.fromEntries(Array.from(inputs, ({ name, type }) => [name, randomTensor(name, type)]));
}

function randomTensor(seed: string, { dtype, dims }: TensorType): Tensor {
  const next = randomStream(seed);
  const isReal = isFloat(dtype);
  const values = new Float64Array(sizeOf(dims));
  for (let i = 0; i < values.length; i++) values[i] = isReal ? 2 * next() - 1 : Math.floor(2 * next());
  return Tensor.from(dtype, dims, values);
}
