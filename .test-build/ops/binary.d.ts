import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** A function of two numbers. */
export interface BinaryFunction {
    /** The ONNX operator's name. Together with the parameters it says all about the function. */
    readonly name: string;
    /** The operator's attributes, by ONNX's names. */
    readonly parameters?: Readonly<Record<string, number | string>>;
    /** Element types that it takes. */
    readonly dtypes: readonly DType[];
    /** Element type of the result; the first input's when left out. */
    readonly result?: 'bool';
    /** Whether the inputs may differ in element type. */
    readonly mixed?: boolean;
    /** Whether only the second input may be broadcast. */
    readonly unidirectional?: boolean;
    /** Operations per element; 1 when left out. */
    readonly flops?: number;
    /** The function in doubles; booleans are 0 and 1. The result is rounded once, to the element type. */
    readonly apply: (a: number, b: number) => number;
    /** The function on integers of any width, exact; the result is wrapped to the type, as in C. */
    readonly applyInteger?: (a: bigint, b: bigint) => bigint;
}
/**
 * y = f(a, b), element by element.
 * Inputs: a and b, whose shapes broadcast as in NumPy. Output: the common shape.
 */
export declare class Binary extends Op {
    readonly fn: BinaryFunction;
    constructor(fn: BinaryFunction);
    get type(): string;
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
