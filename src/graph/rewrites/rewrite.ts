/** What every rewrite is, and the questions that rewrites ask of a graph. */
import type { Graph, Node, Value } from '../graph.js';

/** One kind of simplification. */
export interface Rewrite {
  readonly name: string;
  /** Applies it wherever it fits; returns how often. */
  apply(graph: Graph): number;
}

/** Applies a change to every node where it fits. @param change returns whether it did */
export function forEachNode(graph: Graph, change: (node: Node) => boolean): number {
  let count = 0;
  // A change may take out nodes that the iteration has not reached yet: those no longer count.
  for (const node of [...graph.nodes]) if (graph.nodes.has(node) && change(node)) count++;
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
  const unread = (output: Value): boolean => output.consumers.size === 0 && output.outputNames.size === 0;
  return node.outputs.every((output) => output === value || unread(output)) ? node : undefined;
}

/** Whether only output 0 of a node is used. */
export function onlyFirstOutput(node: Node): boolean {
  return node.outputs.slice(1).every(({ consumers, outputNames }) => consumers.size === 0 && outputNames.size === 0);
}
