import { Tensor } from '../tensor/index.js';
import type { TensorType } from '../tensor/index.js';
import { Op, type InputTensors, type InputTypes } from './op.js';
/**
 * `numpy.matmul` of a - aZeroPoint and b - bZeroPoint, exact in 32-bit integers (wrapping around on overflow).
 *
 * Inputs: a [..., M, K] or [K] and b [..., K, N] or [K] of u8 or i8; aZeroPoint (optional; one element, [M] or
 * [..., M, 1]) of a's type; bZeroPoint (optional; one element, [N] or [..., 1, N]) of b's type.
 * Output: i32, of the shape that `matmulShape` gives.
 */
export declare class MatMulInteger extends Op {
    readonly type = "MatMulInteger";
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes): number;
    reference(inputs: InputTensors): Tensor[];
}
