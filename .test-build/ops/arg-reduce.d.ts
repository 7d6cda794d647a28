import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** Which end of the order is looked for. */
export type Extreme = 'max' | 'min';
/**
 * Index of a row's largest or smallest element; 0 for an empty row. NaN counts as the extreme, as in NumPy.
 * @param last among equals, take the last instead of the first
 */
export declare function indexOfExtreme(row: readonly (number | bigint)[], extreme: Extreme, last: boolean): number;
export interface ArgReduceAttributes {
    /** The axis searched: non-negative. */
    readonly axis: number;
    /** Whether the axis stays, with size 1. */
    readonly keepdims: boolean;
    /** Among equal elements, whether the last is taken instead of the first. */
    readonly selectLastIndex: boolean;
}
/** y = argmax(x) or argmin(x) along an axis, as i64. */
export declare class ArgReduce extends Op implements ArgReduceAttributes {
    readonly extreme: Extreme;
    readonly axis: number;
    readonly keepdims: boolean;
    readonly selectLastIndex: boolean;
    constructor(extreme: Extreme, { axis, keepdims, selectLastIndex }: ArgReduceAttributes);
    get type(): string;
    get attributes(): Readonly<Record<string, AttributeValue>>;
    /** @throws ShapeError when the axis has size 0: it holds no element to point at */
    infer(inputs: InputTypes): TensorType[];
    /** One comparison per element. */
    flops(inputs: InputTypes): number;
    reference(inputs: InputTensors): Tensor[];
}
