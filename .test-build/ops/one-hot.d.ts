import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/**
 * A new axis of extent `depth`, on along it where its position is the index and off elsewhere; off and on are
 * the two elements of the second input. Indices count from the end where negative; others match nowhere.
 */
export declare class OneHot extends Op {
    readonly type = "OneHot";
    readonly axis: number;
    readonly depth: number;
    /** @param axis of the output, non-negative */
    constructor(axis: number, depth: number);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
