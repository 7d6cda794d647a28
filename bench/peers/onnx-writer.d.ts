import type { Graph } from '../../src/graph/index.js';
import type { Tensor } from '../../src/tensor/index.js';

export function writeOnnx(
  graph: Graph,
  options?: { readonly halve?: (tensor: Tensor) => Tensor },
): Uint8Array<ArrayBuffer>;
