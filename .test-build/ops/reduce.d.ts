/** Reductions: every row of a tensor becomes one number. */
import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** How a row becomes one number: finish(combine(... combine(identity, map(x0)) ..., map(xn)), n). */
export interface Fold<T extends number | bigint> {
    /** The neutral element of `combine`, which an empty row comes to. */
    readonly identity: (dtype: DType) => T;
    /** Applied to every element first; nothing when left out. */
    readonly map?: (x: T) => T;
    /** Associative and commutative, so that a row may be split among threads. */
    readonly combine: (a: T, b: T) => T;
    /** Applied to the result last, given the row's length; nothing when left out. */
    readonly finish?: (result: T, count: number) => T;
}
/** A reduction. */
export interface ReduceFunction {
    /** The ONNX operator's name. */
    readonly name: string;
    /** Element types that it takes. */
    readonly dtypes: readonly DType[];
    /** In double precision. */
    readonly float: Fold<number>;
    /** Exact, for integers and bool; where it is left out, they go through `float` and are truncated. */
    readonly integer?: Fold<bigint>;
    /** Operations per element, transcendental functions counting as one. */
    readonly flops: number;
}
/** y = function over the axes of x. An empty list of axes applies `map` and `finish` to every element. */
export declare class Reduce extends Op {
    readonly fn: ReduceFunction;
    /** Ascending, non-negative. */
    readonly axes: readonly number[];
    /** Whether the axes stay, with size 1. */
    readonly keepdims: boolean;
    constructor(fn: ReduceFunction, axes: readonly number[], keepdims: boolean);
    get type(): string;
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes): number;
    reference(inputs: InputTensors): Tensor[];
}
