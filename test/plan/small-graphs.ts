/** What tests of plans make graphs of. */
import type { Graph, Value } from '../../src/graph/index.js';
import { Unary } from '../../src/ops/unary.js';
import { neg } from '../../src/ops/unary-functions.js';
import { Tensor, sizeOf, type Dims } from '../../src/tensor/index.js';

/** A graph input of f32. */
export function image(graph: Graph, dims: Dims = [2, 4, 6, 6], name = 'x'): Value {
  return graph.input(name, { dtype: 'f32', dims });
}

/** -x. */
export function unary(graph: Graph, x: Value, name: string): Value {
  return graph.add(new Unary(neg), [x], { name })[0];
}

export function constant(graph: Graph, name: string, dims: Dims): Value {
  const values = Array.from({ length: sizeOf(dims) }, (_, i) => ((i * 7) % 11) / 5 - 1);
  return graph.constant(name, Tensor.from('f32', dims, values));
}
