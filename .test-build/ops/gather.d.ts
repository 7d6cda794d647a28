import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** y[a..., i..., b...] = data[a..., indices[i...], b...], with the indices on `axis` of data. */
export declare class Gather extends Op {
    readonly type = "Gather";
    readonly axis: number;
    /** @param axis of data, non-negative */
    constructor(axis: number);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    bytes(inputs: InputTypes, outputs: readonly TensorType[]): number;
    /** @throws InputError for an index outside the axis */
    reference(inputs: InputTensors): Tensor[];
}
/** y[i] = data[i with i[axis] replaced by indices[i]]; y has the dims of indices. */
export declare class GatherElements extends Op {
    readonly type = "GatherElements";
    readonly axis: number;
    /** @param axis non-negative */
    constructor(axis: number);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    bytes(inputs: InputTypes, outputs: readonly TensorType[]): number;
    /** @throws InputError for an index outside the axis */
    reference(inputs: InputTensors): Tensor[];
}
/**
 * y[b..., i..., rest...] = data[b..., indices[b..., i...], rest...], where the last axis of indices holds one
 * index for each of the axes of data after the `batchDims` first.
 */
export declare class GatherND extends Op {
    readonly type = "GatherND";
    readonly batchDims: number;
    /** @param batchDims how many leading axes data and indices share */
    constructor(batchDims: number);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    bytes(inputs: InputTypes, outputs: readonly TensorType[]): number;
    /** @throws InputError for an index outside its axis */
    reference(inputs: InputTensors): Tensor[];
}
