import { Tensor, type TensorType } from '../tensor/index.js';
import { type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { Pool, type PoolOptions } from './pool.js';
export interface LpPoolOptions extends PoolOptions {
    /** The order of the norm, at least 1; 2 when left out. */
    readonly p?: number;
}
/**
 * y[n, c, o] = (sum of |x[n, c, ...]|^p under window o)^(1/p). Padding counts as 0.
 *
 * Input: x [N, C, D...]. Output: [N, C, O...].
 */
export declare class LpPool extends Pool {
    readonly type = "LpPool";
    readonly p: number;
    /** @throws ShapeError as `Pool` does, and when p is below 1 or not finite */
    constructor(options: LpPoolOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** Magnitude, power and addition for each tap, and a root. */
    flops(_inputs: InputTypes, [y]: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
