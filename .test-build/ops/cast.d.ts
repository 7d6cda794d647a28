/** Conversion between element types. */
import { Tensor, type DType, type Dims, type TensorType } from '../tensor/index.js';
import { type ScaleRounding } from '../tensor/floats.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** How numbers become 8-bit floats; other types know one way only. */
export interface NarrowFloatRounding {
    /** Whether overflow gives the largest number, rather than infinity or NaN. */
    readonly saturate: boolean;
    /** Rounding to a power of two, for f8e8m0. */
    readonly scaleRounding: ScaleRounding;
}
/** ONNX's defaults. */
export declare const SATURATING: NarrowFloatRounding;
/**
 * y = x as another element type. Inputs: x, of any shape and type. Output: the same shape.
 *
 * Floats become the nearest float (ties to even), or their integer part; integers that are too large lose their
 * high bits; all that is not zero is true. A float beyond the range of an integer type is undefined in ONNX: it
 * becomes what C, and so NumPy and ONNX's own reference, give on x86 (see `integerPart`).
 */
export declare class Cast extends Op {
    readonly type = "Cast";
    readonly to: DType;
    readonly rounding: NarrowFloatRounding;
    constructor(to: DType, rounding?: NarrowFloatRounding);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(): number;
    reference(inputs: InputTensors): Tensor[];
}
/** A tensor of floats from doubles, each rounded once. Like `Tensor.from`, but 8-bit floats are rounded as told. */
export declare function floatsFrom(dtype: DType, dims: Dims, values: Float64Array, { saturate, scaleRounding }: NarrowFloatRounding): Tensor;
