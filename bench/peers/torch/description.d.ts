import type { Graph } from '../../../src/graph/index.js';
import type { Tensor } from '../../../src/tensor/index.js';

export interface DescribedNode {
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: readonly number[];
  readonly weights: readonly { readonly offset: number; readonly dims: readonly number[] }[];
  readonly output: number;
  readonly last: readonly number[];
}

export function writeDescription(folder: string, graph: Graph, image: Tensor): void;
export function describe(graph: Graph): {
  readonly plan: { readonly output: number; readonly nodes: readonly DescribedNode[] };
  readonly weights: readonly Tensor[];
};
