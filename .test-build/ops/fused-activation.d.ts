/** An activation function fused into the op that computes its input. */
import type { UnaryFunction } from './unary.js';
/** What ops that can end in an activation take. */
export interface Activated {
    /** Applied to every element of the result, after the bias; none when left out. */
    readonly activation?: UnaryFunction | undefined;
}
/** Applies an activation, if there is one, in place. */
export declare function activate(values: Float64Array, activation: UnaryFunction | undefined): Float64Array;
/** Operations per element. */
export declare function activationFlops(activation: UnaryFunction | undefined): number;
/** As reports print it: `Clip(min=0, max=6)`. */
export declare function formatActivation(activation: UnaryFunction | undefined): string | undefined;
