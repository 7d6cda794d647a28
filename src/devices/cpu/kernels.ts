/** The CPU's kernels, best first; the last, the op's own reference, takes every node. */
import type { Node } from '../../graph/index.js';
import { convKernel } from './conv-kernel.js';
import type { CpuKernel } from './kernel.js';
import { gemmKernel, matmulKernel } from './product-kernels.js';

const reference: CpuKernel = {
  id: 'reference_f64',
  accepts: () => true,
  run: (node, inputs) => node.op.reference(inputs),
};

const CANDIDATES: readonly CpuKernel[] = [convKernel, gemmKernel, matmulKernel];

/** The first kernel that accepts the node. */
export function kernelFor(node: Node): CpuKernel {
  return CANDIDATES.find((kernel) => kernel.accepts(node)) ?? reference;
}
