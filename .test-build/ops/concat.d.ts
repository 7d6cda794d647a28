import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** The inputs one after the other along `axis`. They agree in all other dims. */
export declare class Concat extends Op {
    readonly type = "Concat";
    readonly axis: number;
    /** @param axis non-negative */
    constructor(axis: number);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
