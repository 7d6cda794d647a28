import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
export interface TopKAttributes {
    readonly k: number;
    /** Non-negative. */
    readonly axis: number;
    /** The largest elements, or the smallest. */
    readonly largest: boolean;
}
/**
 * Outputs values (of the input's type) and indices (i64), best first; of equal elements the one with the lower
 * index comes first, and NaN counts as larger than any number, as in NumPy. ONNX's `sorted=0` leaves the order
 * open, so this order serves it too.
 */
export declare class TopK extends Op implements TopKAttributes {
    readonly type = "TopK";
    readonly k: number;
    readonly axis: number;
    readonly largest: boolean;
    constructor({ k, axis, largest }: TopKAttributes);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** As of a heap of k elements: log2(k + 1) comparisons per element. */
    flops(inputs: InputTypes): number;
    reference(inputs: InputTensors): Tensor[];
}
