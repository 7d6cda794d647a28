import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
export interface LayerNormalizationAttributes {
    /** First of the axes normalised over, which go to the last: non-negative. */
    readonly axis: number;
    readonly epsilon: number;
    /** Element type of the outputs Mean and InvStdDev; without it there are none. */
    readonly statistics?: DType | undefined;
}
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance over the axes from `axis` on
 * (Ba, Kiros and Hinton 2016, arXiv 1607.06450).
 *
 * Inputs: x, scale and optionally bias, which broadcast to x. Outputs: y like x; with `statistics` also mean and
 * 1 / sqrt(variance + epsilon), shaped like x with 1 for every axis normalised over.
 */
export declare class LayerNormalization extends Op implements LayerNormalizationAttributes {
    readonly type = "LayerNormalization";
    readonly axis: number;
    readonly epsilon: number;
    readonly statistics: DType | undefined;
    constructor({ axis, epsilon, statistics }: LayerNormalizationAttributes);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
/**
 * y = x / sqrt(mean(x^2) + epsilon) * scale, with the mean over the axes from `axis` on (Zhang and Sennrich 2019,
 * arXiv 1910.07467). Inputs: x, and scale, which broadcasts to x and may be of another float type.
 */
export declare class RMSNormalization extends Op {
    readonly type = "RMSNormalization";
    /** First of the axes normalised over, which go to the last: non-negative. */
    readonly axis: number;
    readonly epsilon: number;
    constructor(axis: number, epsilon: number);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** Square, add, divide, scale: 4 per element. */
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
