/** Average pooling. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { Pool, type PoolOptions } from './pool.js';
export interface AveragePoolOptions extends PoolOptions {
    /** Whether padding counts in what the sum is divided by; see `paddedTapCount`. Off when left out. */
    readonly countIncludePad?: boolean;
}
/**
 * y[n, c, o] = sum of x[n, c, ...] under window o, divided by how many these are (with `countIncludePad`, explicit
 * padding counted too). A window wholly in the padding gives 0.
 *
 * Input: x [N, C, D...]. Output: [N, C, O...].
 */
export declare class AveragePool extends Pool {
    #private;
    readonly type = "AveragePool";
    readonly countIncludePad: boolean;
    constructor(options: AveragePoolOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
