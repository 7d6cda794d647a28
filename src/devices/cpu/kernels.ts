/** Ways to evaluate a node on the CPU, best first; the last, the op's own reference, takes every node. */
import type { Node } from '../../graph/index.js';
import type { InputTensors } from '../../ops/op.js';
import type { Tensor } from '../../tensor/index.js';

export interface CpuKernel {
  readonly id: string;
  /** Whether it can evaluate the node. */
  accepts(node: Node): boolean;
  run(node: Node, inputs: InputTensors): Tensor[];
}

const reference: CpuKernel = {
  id: 'reference_f64',
  accepts: () => true,
  run: (node, inputs) => node.op.reference(inputs),
};

const CANDIDATES: readonly CpuKernel[] = [];

/** The first kernel that accepts the node. */
export function kernelFor(node: Node): CpuKernel {
  return CANDIDATES.find((kernel) => kernel.accepts(node)) ?? reference;
}
