/** Max pooling. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { Pool, type PoolOptions } from './pool.js';
/** How the second output numbers the input's elements: within a plane, last or first spatial axis fastest. */
export type IndexOrder = 'row-major' | 'column-major';
export interface MaxPoolOptions extends PoolOptions {
    /** Order of the indices; without it there is no second output. */
    readonly indices?: IndexOrder | undefined;
}
/**
 * y[n, c, o] = the largest x[n, c, ...] under window o, padding left out; NaN if one of them is NaN. A window wholly in
 * the padding gives the element type's lowest value (-Infinity for floats) and index -1.
 *
 * Input: x [N, C, D...]. Outputs: y [N, C, O...]; with `indices`, also the i64 index in x of each maximum, the first one
 * of equals: (n * C + c) * D1 * ... * Dk plus the offset in its plane.
 */
export declare class MaxPool extends Pool {
    #private;
    readonly type = "MaxPool";
    readonly indices: IndexOrder | undefined;
    constructor(options: MaxPoolOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
