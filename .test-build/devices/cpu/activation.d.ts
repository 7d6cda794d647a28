/** Fused activations on the CPU: inside the blocked kernels where they know the function, else in a pass behind. */
import type { UnaryFunction } from '../../ops/unary.js';
import type { Activation } from './fast/index.js';
/** The activation as the blocked kernels take it; undefined when there is none or they do not know it. */
export declare function kernelActivation(fn: UnaryFunction | undefined): {
    activation?: Activation;
};
/** Applies in place what `kernelActivation` could not hand over. */
export declare function activateRest(values: Float32Array, fn: UnaryFunction | undefined): void;
