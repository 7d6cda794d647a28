import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { type Interpolation, type ResizeAxis } from './resample.js';
/** What a resize does apart from its axes. */
export interface ResizeOptions extends Interpolation {
    /** The value outside the input under `tf_crop_and_resize`. */
    readonly extrapolation: number;
}
/** y[i...] = sum over taps of weights * x: resampled along each axis separately, see `resizeTaps`. */
export declare class Resize extends Op {
    #private;
    readonly type = "Resize";
    readonly axes: readonly ResizeAxis[];
    readonly options: ResizeOptions;
    /** @param axes one for each axis of x */
    constructor(axes: readonly ResizeAxis[], options: ResizeOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** A multiply-add for each tap of a direct (not separated) evaluation. */
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
