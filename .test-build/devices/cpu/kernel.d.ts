/** One way to evaluate nodes on the CPU. */
import type { Node } from '../../graph/index.js';
import type { InputTensors } from '../../ops/op.js';
import type { Tensor } from '../../tensor/index.js';
export interface CpuKernel {
    readonly id: string;
    /** Whether it can evaluate the node. */
    accepts(node: Node): boolean;
    run(node: Node, inputs: InputTensors): Tensor[];
}
/** Whether all inputs that are there are f32. */
export declare function allF32(node: Node): boolean;
