/** What the importers of element-wise operators share. */
import { Binary, type BinaryFunction } from '../ops/binary.js';
import { Unary, type UnaryFunction } from '../ops/unary.js';
import type { Value } from '../graph/index.js';
import type { NodeImport, NodeImporter } from './node-importer.js';

/** Applies a function to the node's one input. */
export function emitUnary(node: NodeImporter, fn: UnaryFunction): Value {
  return node.emit1(new Unary(fn), [node.input(0, 'X')]);
}

/** Applies a function to the node's two inputs. */
export function emitBinary(node: NodeImporter, fn: BinaryFunction): Value {
  return node.emit1(new Binary(fn), [node.input(0, 'A'), node.input(1, 'B')]);
}

/** Applies a function to the first two inputs, then to the result and the third input, and so on. */
export function emitVariadic(node: NodeImporter, fn: BinaryFunction): Value {
  let result = node.input(0, 'data_0');
  for (let i = 1; i < node.inputs.length; i++) {
    result = node.emit1(new Binary(fn), [result, node.input(i, `data_${i}`)]);
  }
  return result;
}

/** The importer of an operator without attributes. */
export const unary = (fn: UnaryFunction): NodeImport => {
  return (node) => emitUnary(node, fn);
};

/** The importer of an operator without attributes. */
export const binary = (fn: BinaryFunction): NodeImport => {
  return (node) => emitBinary(node, fn);
};
