import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { type Granularity } from './quantization.js';
/** Types that ONNX quantises to, as far as Lanewise has them. */
export declare const QUANTIZED: readonly DType[];
export interface QuantizeLinearAttributes extends Granularity {
    /** The quantised type. */
    readonly to: DType;
    /** The type in which x / scale is computed: the quotient is rounded to it before it is rounded to `to`. */
    readonly precision: DType;
    /** For 8-bit floats: whether overflow gives the largest number, rather than infinity or NaN. */
    readonly saturate: boolean;
}
/**
 * y = saturate(round(x / scale) + zero point), rounding ties to even; for quantised floats
 * y = round(x / scale + zero point), to the nearest of the type.
 * Inputs: x (float or i32, any shape); scale and, optionally, zero point of type `to` (see `Granularity` for their
 * shape). Output: x's shape, of type `to`.
 */
export declare class QuantizeLinear extends Op implements QuantizeLinearAttributes {
    #private;
    readonly type = "QuantizeLinear";
    readonly to: DType;
    readonly axis: number;
    readonly blockSize: number;
    readonly precision: DType;
    readonly saturate: boolean;
    constructor({ to, axis, blockSize, precision, saturate }: QuantizeLinearAttributes);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** Divide, round, add, clamp. */
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
