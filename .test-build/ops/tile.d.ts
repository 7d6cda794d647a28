import { type Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** y[i] = x[i mod dims of x], with dims(y) = dims(x) * repeats. */
export declare class Tile extends Op {
    #private;
    readonly type = "Tile";
    readonly repeats: readonly number[];
    /** @param repeats how often x is laid out along each of its axes */
    constructor(repeats: readonly number[]);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
