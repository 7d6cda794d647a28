import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { type Granularity } from './quantization.js';
export interface DequantizeLinearAttributes extends Granularity {
    /** The floating-point type of the output. */
    readonly to: DType;
}
/**
 * y = (x - zero point) * scale.
 * Inputs: x (a quantised type or i32, any shape); scale (float); optionally the zero point, of x's type (see
 * `Granularity` for their shape). Output: x's shape, of type `to`.
 */
export declare class DequantizeLinear extends Op implements DequantizeLinearAttributes {
    readonly type = "DequantizeLinear";
    readonly to: DType;
    readonly axis: number;
    readonly blockSize: number;
    constructor({ to, axis, blockSize }: DequantizeLinearAttributes);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
