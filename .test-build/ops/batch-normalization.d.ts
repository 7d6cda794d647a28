/** Batch normalisation: every channel shifted and scaled by statistics over batch and space. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { type Activated } from './fused-activation.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import type { UnaryFunction } from './unary.js';
/** Statistics and parameters of batch normalisation, one number per channel each. */
export interface BatchStatistics {
    readonly scale: ArrayLike<number>;
    readonly bias: ArrayLike<number>;
    readonly mean: ArrayLike<number>;
    readonly variance: ArrayLike<number>;
}
/**
 * The affine function that batch normalisation with known statistics is: y = x * scale + shift per channel, with
 * scale = s / sqrt(variance + epsilon) and shift = bias - mean * scale (Ioffe and Szegedy 2015, algorithm 2).
 * What folds the operator into a preceding convolution multiplies weights by `scale` and adds `shift` to the bias.
 */
export declare function batchNormalizationAffine({ scale, bias, mean, variance }: BatchStatistics, epsilon: number): {
    readonly scale: Float64Array;
    readonly shift: Float64Array;
};
export interface BatchNormalizationAttributes extends Activated {
    readonly epsilon: number;
    /**
     * Normalise by the batch's own statistics, and output running ones: running * momentum + batch * (1 - momentum).
     */
    readonly training?: {
        readonly momentum: number;
    } | undefined;
}
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel.
 *
 * Inputs: x [N, C, ...], scale [C], bias [C], mean [C], variance [C]; element types may differ. Outputs: y like x;
 * in training also the running mean and variance, of the types of the inputs `mean` and `variance`.
 */
export declare class BatchNormalization extends Op implements BatchNormalizationAttributes {
    #private;
    readonly type = "BatchNormalization";
    readonly epsilon: number;
    readonly training: {
        readonly momentum: number;
    } | undefined;
    readonly activation: UnaryFunction | undefined;
    constructor({ epsilon, training, activation }: BatchNormalizationAttributes);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** A multiply-add per element; in training 4 more for the statistics. */
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
