/** The input itself: ONNX's Identity, and Dropout at inference. */
import type { Tensor, TensorType } from '../tensor/index.js';
import { Op, type InputTensors, type InputTypes } from './op.js';
/** y = x. */
export declare class Identity extends Op {
    readonly type = "Identity";
    infer(inputs: InputTypes): TensorType[];
    /** None: the output can be the input's memory. */
    bytes(): number;
    reference(inputs: InputTensors): Tensor[];
}
