import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
export interface GroupNormalizationAttributes {
    /** Groups that the channels are divided into, in order. */
    readonly groups: number;
    readonly epsilon: number;
    /** What a scale and bias belong to: a channel, or (ONNX operator sets 18 to 20) a group. */
    readonly affine: 'channel' | 'group';
}
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance over each image's groups of
 * C / groups channels (Wu and He 2018, arXiv 1803.08494). Inputs: x [N, C, ...], scale and bias [C] or [groups].
 */
export declare class GroupNormalization extends Op implements GroupNormalizationAttributes {
    readonly type = "GroupNormalization";
    readonly groups: number;
    readonly epsilon: number;
    readonly affine: 'channel' | 'group';
    constructor({ groups, epsilon, affine }: GroupNormalizationAttributes);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
