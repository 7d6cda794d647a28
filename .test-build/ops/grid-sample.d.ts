import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { type InterpolationMode, type Taps } from './resample.js';
/** What lies outside the input. */
export type GridPadding = 'zeros' | 'border' | 'reflection';
/** How coordinates become values. */
export interface GridSampling {
    readonly mode: InterpolationMode;
    readonly padding: GridPadding;
    /** Whether -1 and 1 are the centres of the first and last elements, and not their outer edges. */
    readonly alignCorners: boolean;
}
/**
 * The elements of one axis of X, all inside it, that a normalised coordinate is made of. Their weights sum to 1,
 * less what falls on the zeros outside.
 */
export declare function gridTaps(normalised: number, extent: number, sampling: GridSampling): Taps;
/** Y[n, c, o...] = X[n, c] at the place grid[n, o...], whose last axis holds the coordinates, innermost first. */
export declare class GridSample extends Op {
    #private;
    readonly type = "GridSample";
    readonly sampling: GridSampling;
    constructor(sampling: GridSampling);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** A multiply-add for each tap. */
    flops(inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
