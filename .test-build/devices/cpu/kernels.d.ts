/** The CPU's kernels, best first; the last, the op's own reference, takes every node. */
import type { Node } from '../../graph/index.js';
import type { CpuKernel } from './kernel.js';
/** The first kernel that accepts the node. */
export declare function kernelFor(node: Node): CpuKernel;
