import { Tensor, type Dims, type TensorType } from '../tensor/index.js';
import { type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { WindowOp } from './window-op.js';
/** Attributes of the pooling that is undone. The kernel tells how many spatial axes there are. */
export interface MaxUnpoolOptions {
    readonly kernel: readonly number[];
    readonly strides?: readonly number[] | undefined;
    readonly padsBegin?: readonly number[] | undefined;
    readonly padsEnd?: readonly number[] | undefined;
    /** Spatial dims of the output, where they are larger than what the window gives. */
    readonly outputDims?: readonly number[] | undefined;
}
/**
 * Puts x's elements where the indices say, 0 elsewhere. Indices count in a tensor [N, C, U...] with U =
 * stride * (D - 1) + kernel - padBegin - padEnd (`unpooledDims`); with larger `outputDims`, that tensor lies in the
 * first corner of the output, as in ONNX's reference implementation and node tests. (ONNX Runtime takes the indices
 * as counting in the output, which is another tensor when the dims differ.)
 *
 * Inputs: x [N, C, D...], indices i64 of the same dims. Output: [N, C, U...] or [N, C, outputDims...].
 */
export declare class MaxUnpool extends WindowOp {
    #private;
    readonly type = "MaxUnpool";
    readonly kernel: readonly number[];
    readonly outputDims: readonly number[] | undefined;
    /** @throws ShapeError for lists of different lengths, zero kernels or strides, negative pads */
    constructor(options: MaxUnpoolOptions);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    /** Shape of the tensor that the indices count in. @throws ShapeError when nothing of it is left */
    unpooledDims([batch, channels, ...spatial]: Dims): number[];
    infer(inputs: InputTypes): TensorType[];
    /** @throws ShapeError for an index outside the unpooled tensor */
    reference(inputs: InputTensors): Tensor[];
}
