/**
 * Concatenation without copies: a value whose only reader assembles it into a larger tensor is written there by its
 * own producer.
 */
import type { Graph, Node, Value } from '../graph/index.js';
import { samePlacement } from '../tensor/index.js';
import type { Candidate } from '../candidates/candidate.js';

/** Where a value lies within the tensor that it becomes a part of. */
export interface Part {
  /** The node that assembles the larger tensor. */
  readonly node: Node;
  /** Logical index of the part's first element in it. */
  readonly origin: readonly number[];
}

/** The values that their producers can write in place, by value. */
export function findParts(graph: Graph, chosen: ReadonlyMap<Node, Candidate>): Map<Value, Part> {
  const parts = new Map<Value, Part>();
  for (const node of graph.nodes) {
    const candidate = chosen.get(node);
    if (!candidate || candidate.assembles === undefined) continue;
    const axis = candidate.assembles;
    const [layout] = candidate.outputs;
    const [whole] = node.outputs;
    let start = 0;
    for (const value of node.inputs) {
      if (!value) continue;
      const origin = value.type.dims.map((_, i) => (i === axis ? start : 0));
      start += value.type.dims[axis];
      const producer = value.producer && chosen.get(value.producer);
      const fits =
        producer?.partialOutput &&
        // What is assembled itself has its own whole.
        producer.assembles === undefined &&
        value.producer?.outputs[0] === value &&
        samePlacement(producer.outputs[0], layout, whole.type.dims) &&
        // Blocks must not be shared by two producers.
        (layout.block?.axis !== axis ||
          (origin[axis] % layout.block.size === 0 && value.type.dims[axis] % layout.block.size === 0));
      const soleUse = value.consumers.size === 1 && value.outputNames.size === 0;
      const once = node.inputs.filter((other) => other === value).length === 1;
      if (fits && soleUse && once) parts.set(value, { node, origin });
    }
  }
  return parts;
}
