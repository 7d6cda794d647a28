/** Hardmax: 1 at each row's first maximum, 0 elsewhere. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
export declare class Hardmax extends Op {
    readonly type = "Hardmax";
    /** Axes that a row spans, as in `Softmax`: ascending, non-negative. */
    readonly axes: readonly number[];
    constructor(axes: readonly number[]);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
