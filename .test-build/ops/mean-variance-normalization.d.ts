/** Mean-variance normalisation over any axes, without parameters. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** Added to the standard deviation: fixed by ONNX's definition of the operator. */
export declare const MVN_EPSILON = 1e-9;
/** y = (x - mean) / (sqrt(variance) + 1e-9), with mean and variance over `axes`. */
export declare class MeanVarianceNormalization extends Op {
    readonly type = "MeanVarianceNormalization";
    /** Ascending, non-negative. */
    readonly axes: readonly number[];
    constructor(axes: readonly number[]);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
