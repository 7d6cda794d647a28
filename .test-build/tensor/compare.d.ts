import { type Tensor } from './tensor.js';
export interface Tolerance {
    /** Allowed error relative to the expected element. */
    readonly relative: number;
    /** Allowed error on top of that. */
    readonly absolute: number;
}
/** Result of a comparison: undefined when equal within tolerance, else one sentence. */
export type Difference = string | undefined;
/**
 * Compares element by element as ONNX's own test runner does: |a - e| <= absolute + relative * |e| for floats
 * (NaN equals NaN), exactly for everything else.
 * @returns what differs most and where, or undefined
 */
export declare function difference(actual: Tensor, expected: Tensor, tolerance: Tolerance): Difference;
/** ||a - e|| / ||e||, the relative error of a whole tensor; NaN when a non-finite element differs. */
export declare function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number;
