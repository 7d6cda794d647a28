import { type Tensor, type TensorType } from '../tensor/index.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/**
 * Which part of the channel index is the place in the block: the outer one (`DCR`: depth, column, row as ONNX
 * names it) or the inner one (`CRD`, PyTorch's pixel shuffle).
 */
export type BlockOrder = 'DCR' | 'CRD';
/** Checks a block size. @throws ShapeError unless it is a positive integer */
export declare function expectBlockSize(blockSize: number): void;
/** [N, C * b * b, H, W] -> [N, C, H * b, W * b]. */
export declare class DepthToSpace extends Op {
    #private;
    readonly type = "DepthToSpace";
    readonly blockSize: number;
    readonly mode: BlockOrder;
    constructor(blockSize: number, mode: BlockOrder);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
