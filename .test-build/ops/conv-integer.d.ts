import { Tensor, type TensorType } from '../tensor/index.js';
import { Convolution } from './conv.js';
import { type InputTensors, type InputTypes } from './op.js';
/**
 * `Conv` of x - xZeroPoint and w - wZeroPoint, exact in 32-bit integers (wrapping around on overflow). Padding stands
 * for xZeroPoint, so it adds nothing.
 *
 * Inputs: x [N, C, D...] and w [M, C / group, K...] of u8 or i8; xZeroPoint (one element, optional) of x's type;
 * wZeroPoint (one element or [M], optional) of w's type; bias i32 [M] (optional). Output: i32 [N, M, O...].
 */
export declare class ConvInteger extends Convolution {
    readonly type = "ConvInteger";
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
