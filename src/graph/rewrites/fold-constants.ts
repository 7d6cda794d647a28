/** Nodes whose inputs are all constants become constants. */
import { LanewiseError } from '../../errors.js';
import type { Tensor } from '../../tensor/index.js';
import { WEIGHTS, foldOp } from '../folding.js';
import type { Graph, Node } from '../graph.js';
import { forEachNode, type Rewrite } from './rewrite.js';

/**
 * Evaluates them by their references, within the bounds of `foldOp`. Large fills stay fills: materialising them
 * here would cost more memory than the run saves time.
 */
export const foldConstants: Rewrite = {
  name: 'fold constants',
  apply: (graph) => forEachNode(graph, (node) => fold(graph, node)),
};

function fold(graph: Graph, node: Node): boolean {
  const tensors = evaluate(graph, node);
  if (!tensors) return false;
  for (const [i, value] of node.outputs.entries()) {
    graph.replaceUses(value, graph.constant(value.name, tensors[i]));
  }
  graph.remove(node);
  return true;
}

function evaluate(graph: Graph, node: Node): Tensor[] | undefined {
  try {
    return foldOp(graph, node.op, node.inputs, WEIGHTS);
  } catch (error) {
    throw error instanceof LanewiseError ? error.at(node.label) : error;
  }
}
