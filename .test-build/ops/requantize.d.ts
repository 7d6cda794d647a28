/** From 32-bit sums of products to 8-bit quantised numbers. */
import { Tensor } from '../tensor/index.js';
import type { DType, TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** The element types of quantised convolutions and matrix products. */
export declare const EIGHT_BIT: readonly DType[];
/** Axes of x along which vectors of scales run; without one, the scale is no vector. */
export interface RequantizeOptions {
    readonly aAxis?: number | undefined;
    readonly bAxis?: number | undefined;
}
/**
 * y = saturate(round(x * aScale * bScale / yScale) + yZeroPoint), rounding ties to even: the last step of ONNX's
 * QLinearConv and QLinearMatMul.
 *
 * Inputs: x i32; aScale and bScale, floats (one element; or a vector along `aAxis` or `bAxis` of x; or of x's rank
 * and broadcasting to it); yScale and yZeroPoint (one element each), the latter of u8 or i8. Output: x's dims, of
 * yZeroPoint's type.
 */
export declare class Requantize extends Op {
    readonly type = "Requantize";
    readonly aAxis: number | undefined;
    readonly bAxis: number | undefined;
    constructor({ aAxis, bAxis }: RequantizeOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, [y]: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
