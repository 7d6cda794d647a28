import { Tensor, type Dims, type TensorType } from '../tensor/index.js';
import { type Activated } from './fused-activation.js';
import { type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import type { UnaryFunction } from './unary.js';
import { WindowOp } from './window-op.js';
import { type WindowStepOptions } from './window.js';
/** Attributes of a convolution. The strides tell how many spatial axes there are. */
export interface ConvOptions extends WindowStepOptions {
    readonly strides: readonly number[];
    /** Groups that channels are divided into; 1 when left out. */
    readonly group?: number;
}
/** What float and integer convolutions share. */
export declare abstract class Convolution extends WindowOp {
    readonly group: number;
    /** @throws ShapeError for lists of different lengths, zero strides or dilations, negative pads, a bad group */
    constructor(options: ConvOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    /** Shape of the output. @throws ShapeError when input, weight and attributes do not fit */
    protected outputDims(x: TensorType, w: TensorType): number[];
    flops(inputs: InputTypes, [y]: readonly TensorType[]): number;
    /** The sums of products, in doubles. `yDims` is the result of `outputDims`. */
    protected convolve(x: Float64Array, xDims: Dims, w: Float64Array, wDims: Dims, yDims: Dims): Float64Array;
}
/**
 * y[n, m, o] = activation(bias[m] + sum over c, t of x[n, g * C/group + c, o * stride - padBegin + t * dilation] *
 * w[m, c, t]), where g = floor(m / (M / group)) and x is 0 outside its dims.
 *
 * Inputs: x [N, C, D...], w [M, C / group, K...], bias [M] (optional). Output: [N, M, O...].
 */
export declare class Conv extends Convolution {
    readonly type = "Conv";
    readonly activation: UnaryFunction | undefined;
    constructor(options: ConvOptions & Activated);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
/** @throws ShapeError unless the group is a positive integer */
export declare function checkGroup(group: number): number;
/** Adds `bias[m]` to every element of channel m of y [N, M, ...], in place. */
export declare function addPerChannel(y: Float64Array, yDims: Dims, bias: Float64Array): void;
