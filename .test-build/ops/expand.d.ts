import { type Dims, type Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** x repeated along its dimensions of extent 1, and along new outer ones, until it has `dims`. */
export declare class Expand extends Op {
    readonly type = "Expand";
    readonly dims: Dims;
    /** @param dims the output's dims, to which x's dims broadcast */
    constructor(dims: Dims);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
