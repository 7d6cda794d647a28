import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type InputTensors, type InputTypes } from './op.js';
/**
 * output[i] = condition[i] ? x[i] : y[i].
 * Inputs: condition (bool), x and y (one type, any), whose shapes broadcast as in NumPy. Output: the common shape.
 */
export declare class Where extends Op {
    readonly type = "Where";
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
