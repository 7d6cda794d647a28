/** An addition behind a convolution becomes part of it: the shortcut of residual networks. */
import { Binary } from '../../ops/binary.js';
import { add } from '../../ops/binary-functions.js';
import { Conv } from '../../ops/conv.js';
import { sameDims } from '../../tensor/index.js';
import type { Graph, Node, Value } from '../graph.js';
import { forEachNode, soleProducer, type Rewrite } from './rewrite.js';

/**
 * The convolution adds the other operand while its result is in registers: one write and one read of the whole tensor
 * are saved. An activation behind the addition can then be fused too.
 */
export const fuseResidual: Rewrite = {
  name: 'fuse residual',
  apply: (graph) => forEachNode(graph, (node) => fuse(graph, node)),
};

function fuse(graph: Graph, node: Node): boolean {
  if (!(node.op instanceof Binary) || node.op.fn !== add) return false;
  const [a, b] = node.inputs;
  return fuseInto(graph, node, a, b) || fuseInto(graph, node, b, a);
}

/** Fuses the addition into the convolution that computes `sum`, with `other` as its residual. */
function fuseInto(graph: Graph, node: Node, sum: Value | undefined, other: Value | undefined): boolean {
  const conv = soleProducer(sum);
  if (!conv || !other || !(conv.op instanceof Conv) || conv.op.activation || conv.inputs[3]) return false;
  const [y] = conv.outputs;
  if (!sameDims(other.type.dims, y.type.dims)) return false;
  const [x, w, bias] = conv.inputs;
  graph.replace(conv, conv.op, [x, w, bias, other]);
  graph.replaceUses(node.outputs[0], y);
  graph.remove(node);
  return true;
}
