/** Softmax and its logarithm. */
import { Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/**
 * Softmax over rows: exp(x) / sum(exp(x)), or, with `log`, x - log(sum(exp(x))). The row's maximum is subtracted
 * first, which changes nothing but keeps exp from overflowing.
 *
 * A row may span several axes (ONNX before operator set 13 has it span all from `axis` on). They are kept as a
 * list, not reshaped away, so that a tensor keeps its logical N, C, H, W and with them the choice of its layout.
 */
export declare class Softmax extends Op {
    /** Axes that a row spans: ascending, non-negative. */
    readonly axes: readonly number[];
    /** Whether the result is the logarithm. */
    readonly log: boolean;
    constructor(axes: readonly number[], log?: boolean);
    get type(): string;
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    /** Maximum, subtract, exp, sum, divide (with `log`, a second subtraction): 5 per element. */
    flops(_inputs: InputTypes, outputs: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
