import { type Dims, type Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** y = x, read in row-major order under `dims`. */
export declare class Reshape extends Op {
    readonly type = "Reshape";
    readonly dims: Dims;
    /** @param dims the output's dims, all of them numbers */
    constructor(dims: Dims);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** None: the output can be the input's memory. */
    bytes(): number;
    reference(inputs: InputTensors): Tensor[];
}
