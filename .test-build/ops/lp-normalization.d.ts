/** Division of every row by its norm. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** y = x / norm along an axis, with the norm sum(|x|) or sqrt(sum(x^2)); a row of zeros stays zero. */
export declare class LpNormalization extends Op {
    readonly type = "LpNormalization";
    /** Non-negative. */
    readonly axis: number;
    /** The order of the norm. */
    readonly p: 1 | 2;
    constructor(axis: number, p: 1 | 2);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** Square or magnitude, add, divide: 3 per element. */
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
