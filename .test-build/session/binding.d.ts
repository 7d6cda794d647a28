import { type ModelPort } from '../graph/index.js';
import { Tensor, type Dims } from '../tensor/index.js';
/**
 * Shapes for a session: a number per symbolic dimension (`{ N: 8 }`), or whole dims per input
 * (`{ image: [8, 3, 224, 224] }`).
 */
export type DimBindings = Readonly<Record<string, number | readonly number[]>>;
/**
 * Dims of every input from `given`, or undefined when some dimension is still open.
 * @throws InputError for names that the model does not have and dims that contradict it
 */
export declare function bindDims(ports: readonly ModelPort[], given: DimBindings): Map<string, Dims> | undefined;
/**
 * Checks a run's tensors against the model's inputs and returns their dims.
 * @throws InputError naming the input and what was expected
 */
export declare function checkInputs(ports: readonly ModelPort[], tensors: Readonly<Record<string, Tensor>>): Map<string, Dims>;
