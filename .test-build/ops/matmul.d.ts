import { Tensor, type DType, type TensorType } from '../tensor/index.js';
import { type Activated } from './fused-activation.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import type { UnaryFunction } from './unary.js';
/**
 * y = activation(numpy.matmul(a, b)). Integers wrap around and take no activation.
 *
 * Inputs: a [..., M, K] or [K], b [..., K, N] or [K]. Output: see `matmulShape`.
 */
export declare class MatMul extends Op {
    readonly type = "MatMul";
    readonly activation: UnaryFunction | undefined;
    constructor(options?: Activated);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes, [y]: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
/** @throws UnsupportedError for a type that matrix products do not do, or an activation on integers */
export declare function expectProductType(operator: string, dtype: DType, activation: UnaryFunction | undefined): void;
