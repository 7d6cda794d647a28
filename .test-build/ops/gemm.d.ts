import { Tensor } from '../tensor/index.js';
import type { TensorType } from '../tensor/index.js';
import { type Activated } from './fused-activation.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import type { UnaryFunction } from './unary.js';
export interface GemmOptions extends Activated {
    /** Factor of the product; 1 when left out. */
    readonly alpha?: number;
    /** Factor of c; 1 when left out. With 0, c is not read, as in BLAS. */
    readonly beta?: number;
    /** Whether a is [K, M]; off when left out. */
    readonly transA?: boolean;
    /** Whether b is [N, K]; off when left out. */
    readonly transB?: boolean;
}
/** Sizes of a Gemm. */
export interface GemmShape {
    readonly m: number;
    readonly n: number;
    readonly k: number;
}
/**
 * y = activation(alpha * A * B + beta * c), where A is a or its transpose and B is b or its transpose. Integers wrap
 * around, take whole numbers for alpha and beta, and no activation.
 *
 * Inputs: a [M, K] (or [K, M]), b [K, N] (or [N, K]), c broadcasting to [M, N] (optional). Output: [M, N].
 */
export declare class Gemm extends Op {
    #private;
    readonly type = "Gemm";
    readonly alpha: number;
    readonly beta: number;
    readonly transA: boolean;
    readonly transB: boolean;
    readonly activation: UnaryFunction | undefined;
    constructor(options?: GemmOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    /** M, N and K for a's and b's dims. @throws ShapeError when they are no matrices or do not fit */
    shape(a: TensorType, b: TensorType): GemmShape;
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes, [y]: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
