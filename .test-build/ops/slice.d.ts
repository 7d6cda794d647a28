import { type Dims, type Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** y[i] = x[starts + i * steps] on every axis. */
export declare class Slice extends Op {
    #private;
    readonly type = "Slice";
    readonly starts: readonly number[];
    readonly steps: readonly number[];
    readonly dims: Dims;
    /**
     * @param starts index of the first element, per axis of x
     * @param steps distance between elements, per axis; negative walks backwards
     * @param dims number of elements, per axis: the output's dims
     */
    constructor(starts: readonly number[], steps: readonly number[], dims: Dims);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    bytes(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
