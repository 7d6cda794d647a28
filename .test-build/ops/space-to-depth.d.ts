import { type Tensor, type TensorType } from '../tensor/index.js';
import { type BlockOrder } from './depth-to-space.js';
import { Op, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
/** [N, C, H * b, W * b] -> [N, C * b * b, H, W]. */
export declare class SpaceToDepth extends Op {
    #private;
    readonly type = "SpaceToDepth";
    readonly blockSize: number;
    readonly mode: BlockOrder;
    constructor(blockSize: number, mode: BlockOrder);
    get attributes(): Readonly<Record<string, AttributeValue>>;
    infer(inputs: InputTypes): TensorType[];
    reference(inputs: InputTensors): Tensor[];
}
