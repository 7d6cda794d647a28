/** Instance normalisation: every plane of one image and channel to mean 0 and variance 1. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance over the spatial axes of each
 * image and channel (Ulyanov et al. 2016, arXiv 1607.08022). Inputs: x [N, C, D1, ...], scale [C], bias [C].
 */
export declare class InstanceNormalization extends Op {
    readonly type = "InstanceNormalization";
    readonly epsilon: number;
    constructor(epsilon: number);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
