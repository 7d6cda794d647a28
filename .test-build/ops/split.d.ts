import { type Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** Output i is the next sizes[i] indices of the input along `axis`. */
export declare class Split extends Op {
    readonly type = "Split";
    readonly axis: number;
    readonly sizes: readonly number[];
    /**
     * @param axis non-negative
     * @param sizes extent of each output along the axis; their sum is the input's
     */
    constructor(axis: number, sizes: readonly number[]);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
