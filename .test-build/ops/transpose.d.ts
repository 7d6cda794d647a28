import { type Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** Axis i of y is axis perm[i] of x. */
export declare class Transpose extends Op {
    readonly type = "Transpose";
    readonly perm: readonly number[];
    /** @param perm each axis of x once */
    constructor(perm: readonly number[]);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
