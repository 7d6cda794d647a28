import { Tensor, type TensorType } from '../tensor/index.js';
import { type ConvOptions } from './conv.js';
import { type Activated } from './fused-activation.js';
import { type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import type { UnaryFunction } from './unary.js';
import { WindowOp } from './window-op.js';
/** Attributes of a transposed convolution. */
export interface ConvTransposeOptions extends ConvOptions, Activated {
    /** Positions added to the end of every spatial axis of the output; 0 when left out. */
    readonly outputPadding?: readonly number[];
}
/**
 * The adjoint of `Conv` in x: every x[n, c, i] adds x[n, c, i] * w[c, m, t] to output position
 * i * stride - padBegin + t * dilation of channel g * M/group + m, g being c's group; what falls outside is cut away.
 * Then bias and activation are applied.
 *
 * Inputs: x [N, C, D...], w [C, M / group, K...], bias [M] (optional).
 * Output: [N, M, O...], with O by `transposedExtent`.
 */
export declare class ConvTranspose extends WindowOp {
    #private;
    readonly type = "ConvTranspose";
    readonly outputPadding: readonly number[];
    readonly group: number;
    readonly activation: UnaryFunction | undefined;
    /** @throws ShapeError for lists of different lengths, zero strides or dilations, negative pads, a bad group */
    constructor(options: ConvTransposeOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    flops(inputs: InputTypes, [y]: readonly TensorType[]): number;
    reference(inputs: InputTensors): Tensor[];
}
