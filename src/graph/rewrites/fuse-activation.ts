/** An activation function becomes part of the layer whose result it takes. */
import { BatchNormalization } from '../../ops/batch-normalization.js';
import { Conv } from '../../ops/conv.js';
import { ConvTranspose } from '../../ops/conv-transpose.js';
import { Gemm } from '../../ops/gemm.js';
import { MatMul } from '../../ops/matmul.js';
import type { Op } from '../../ops/op.js';
import { Unary, type UnaryFunction } from '../../ops/unary.js';
import { isFloat } from '../../tensor/index.js';
import type { Graph, Node } from '../graph.js';
import { forEachNode, optionsOf, soleProducer, type Rewrite } from './rewrite.js';

/** The layer's kernel applies the function while the result is in registers: one read and one write are saved. */
export const fuseActivation: Rewrite = {
  name: 'fuse activation',
  apply: (graph) => forEachNode(graph, (node) => fuse(graph, node)),
};

function fuse(graph: Graph, node: Node): boolean {
  const { op } = node;
  if (!(op instanceof Unary) || !op.fn.activation || op.fn.result) return false;
  const layer = soleProducer(node.inputs[0]);
  const [value] = layer?.outputs ?? [];
  // Integer results are exact only in the integer arithmetic of the function on its own.
  if (!layer || !isFloat(value.type.dtype)) return false;
  const fused = withActivation(layer.op, op.fn);
  if (!fused) return false;
  graph.replace(layer, fused, layer.inputs);
  graph.replaceUses(node.outputs[0], value);
  graph.remove(node);
  return true;
}

/** The op ending in an activation; undefined where it cannot, or has one already. */
function withActivation(op: Op, activation: UnaryFunction): Op | undefined {
  if (!('activation' in op) || op.activation !== undefined) return undefined;
  if (op instanceof Conv) return new Conv(optionsOf(op, { activation }));
  if (op instanceof ConvTranspose) return new ConvTranspose(optionsOf(op, { activation }));
  if (op instanceof Gemm) return new Gemm(optionsOf(op, { activation }));
  if (op instanceof MatMul) return new MatMul({ activation });
  if (op instanceof BatchNormalization) return new BatchNormalization(optionsOf(op, { activation }));
  return undefined;
}
