/** Element-wise operators of one tensor; the functions themselves are the table in `unary-functions.ts`. */
import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** A function of one number, with its parameters. */
export interface UnaryFunction {
    /** The ONNX operator's name. Together with the parameters it says all about the function. */
    readonly name: string;
    /** The operator's attributes, by ONNX's names. */
    readonly parameters?: Readonly<Record<string, number | string>>;
    /** Element types that it takes. */
    readonly dtypes: readonly DType[];
    /** Element type of the result; the input's when left out. */
    readonly result?: 'bool';
    /** Whether networks use it as the non-linearity behind a layer, into whose kernel it can be fused. */
    readonly activation?: boolean;
    /** Operations per element, transcendental functions counting as one; 1 when left out. */
    readonly flops?: number;
    /** The function in doubles; booleans are 0 and 1. The result is rounded once, to the element type. */
    readonly apply: (x: number) => number;
    /** The function on integers of any width, where doubles would not do; the result is wrapped to the type. */
    readonly applyInteger?: (x: bigint) => bigint;
}
/** y[i] = f(x[i]). Inputs: x, of any shape. Output: the same shape. */
export declare class Unary extends Op {
    readonly fn: UnaryFunction;
    constructor(fn: UnaryFunction);
    get type(): string;
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
