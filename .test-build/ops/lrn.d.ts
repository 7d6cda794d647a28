import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
export interface LRNAttributes {
    /** Channels in the window that is summed. */
    readonly size: number;
    readonly alpha: number;
    readonly beta: number;
    readonly bias: number;
}
/**
 * y[n, c, ...] = x[n, c, ...] / (bias + alpha / size * sum of x[n, i, ...]^2)^beta, with i over the channels from
 * c - floor((size - 1) / 2) to c + ceil((size - 1) / 2) that exist (Krizhevsky et al. 2012, section 3.3, but for
 * the division by size, which is ONNX's).
 */
export declare class LRN extends Op implements LRNAttributes {
    readonly type = "LRN";
    readonly size: number;
    readonly alpha: number;
    readonly beta: number;
    readonly bias: number;
    constructor({ size, alpha, beta, bias }: LRNAttributes);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** Square and add over the window; scale, add, power and divide once. */
    flops(inputs: InputTypes): number;
    reference(inputs: InputTensors): Tensor[];
}
