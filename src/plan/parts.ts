/**
 * Concatenation without copies: a value whose only reader assembles it into a larger tensor is written there by its
 * own producer.
 */
import type { Candidate } from '../candidates/candidate.js';
import type { Graph, Node, Value } from '../graph/index.js';
import { samePlacement, type Layout } from '../tensor/index.js';

/** Where a value lies within the tensor that it becomes a part of. */
export interface Part {
  /** The node that assembles the larger tensor. */
  readonly node: Node;
  /** The axis along which it does. */
  readonly axis: number;
  /** Logical index of the part's first element in it. */
  readonly origin: readonly number[];
}

/**
 * The values that could become parts, as far as the graph tells.
 * @param axisOf the axis along which a node assembles its inputs; undefined if it does not
 */
export function possibleParts(graph: Graph, axisOf: (node: Node) => number | undefined): Map<Value, Part> {
  const parts = new Map<Value, Part>();
  for (const node of graph.nodes) {
    const axis = axisOf(node);
    if (axis === undefined) continue;
    let start = 0;
    for (const value of node.inputs) {
      if (!value) continue;
      const origin = value.type.dims.map((_, i) => (i === axis ? start : 0));
      start += value.type.dims[axis];
      const soleUse = value.consumers.size === 1 && value.outputNames.size === 0;
      const once = node.inputs.filter((other) => other === value).length === 1;
      if (soleUse && once && value.producer?.outputs[0] === value) parts.set(value, { node, axis, origin });
    }
  }
  return parts;
}

/** Whether a candidate can write its output 0 as a part of a larger tensor, if the layouts agree. */
export function writesParts({ partialOutput, assembles }: Candidate): boolean {
  // What is assembled itself has its own whole.
  return partialOutput === true && assembles === undefined;
}

/** Whether a value that is computed in one layout lies right in a whole of another. */
export function fitsInto(value: Value, { node, axis, origin }: Part, own: Layout, whole: Layout): boolean {
  if (!samePlacement(own, whole, node.outputs[0].type.dims)) return false;
  // Blocks must not be shared by two producers.
  const { block } = whole;
  return (
    block?.axis !== axis || (origin[axis] % block.size === 0 && value.type.dims[axis] % block.size === 0)
  );
}

/** The inputs that a node copies into the tensor that it assembles, each with its layout: those that are no parts. */
export function copiedInputs(
  node: Node,
  { inputs }: Candidate,
  parts: ReadonlyMap<Value, Part>,
): (readonly [Value, Layout])[] {
  return node.inputs.flatMap((value, i): (readonly [Value, Layout])[] => {
    const layout = inputs[i];
    return value && layout && !parts.has(value) ? [[value, layout]] : [];
  });
}

/** The values that their producers write in place, by value. */
export function findParts(graph: Graph, chosen: ReadonlyMap<Node, Candidate>): Map<Value, Part> {
  const parts = possibleParts(graph, (node) => chosen.get(node)?.assembles);
  for (const [value, part] of parts) {
    const producer = value.producer && chosen.get(value.producer);
    const whole = chosen.get(part.node)?.outputs[0];
    const inPlace =
      producer && whole && writesParts(producer) && fitsInto(value, part, producer.outputs[0], whole);
    if (!inPlace) parts.delete(value);
  }
  return parts;
}
