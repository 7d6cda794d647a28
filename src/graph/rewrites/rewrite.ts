/** What every rewrite is, and the questions that rewrites ask of a graph. */
import type { Op } from '../../ops/op.js';
import type { Graph, Node, Value } from '../graph.js';

/** One kind of simplification. */
export interface Rewrite {
  readonly name: string;
  /** Applies it wherever it fits; returns how often. */
  readonly apply: (graph: Graph) => number;
}

/** Applies a change to every node where it fits. @param change returns whether it did */
export function forEachNode(graph: Graph, change: (node: Node) => boolean): number {
  let count = 0;
  // Nodes that a change takes out before the iteration has reached them are not visited.
  for (const node of graph.nodes) if (change(node)) count++;
  return count;
}

/** The node that reads a value, when it reads it once, nobody else does, and the value is no output of the graph. */
export function soleConsumer(value: Value): Node | undefined {
  const [consumer, ...others] = value.consumers;
  if (!consumer || others.length > 0 || value.outputNames.size > 0) return undefined;
  return consumer.inputs.filter((input) => input === value).length === 1 ? consumer : undefined;
}

/** The node that computes an input, when nobody else reads what it computes, in any of its outputs. */
export function soleProducer(value: Value | undefined): Node | undefined {
  const node = value?.producer;
  if (!node || !soleConsumer(value)) return undefined;
  return node.outputs.every((output) => output === value || output.unread) ? node : undefined;
}

/** An op's attributes as its constructor takes them, with changes. Ops keep every option under the option's name. */
export function optionsOf<T extends Op, C extends object>(op: T, changes: C): Omit<T, keyof C> & C {
  return Object.assign({}, op, changes);
}
