/** Runs graphs by the ops' references, and compares a graph with its rewritten self. */
import { expect } from 'vitest';
import { Graph, topologicalOrder, type Value } from '../../src/graph/index.js';
import type { Rewrite } from '../../src/graph/rewrites/rewrite.js';
import { Tensor, difference, sizeOf, type DType, type Dims, type Tolerance } from '../../src/tensor/index.js';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A tensor of numbers from `low` to `high`. */
export function randomTensor(random: () => number, dtype: DType, dims: Dims, low = -1, high = 1): Tensor {
  return Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, () => low + (high - low) * random()),
  );
}

/** Outputs by name. */
export function evaluate(graph: Graph, inputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const tensors = new Map<Value, Tensor>();
  const tensorOf = (value: Value): Tensor => {
    const tensor = value.constant?.tensor ?? tensors.get(value) ?? inputs.get(value.name);
    if (!tensor) throw new Error(`no tensor for ${value.name}`);
    return tensor;
  };
  for (const node of topologicalOrder(graph)) {
    const outputs = node.op.reference(node.inputs.map((value) => value && tensorOf(value)));
    for (const [i, value] of node.outputs.entries()) tensors.set(value, outputs[i]);
  }
  return new Map(graph.outputs.map(({ name, value }) => [name, tensorOf(value)]));
}

/** Op types in topological order. */
export function opTypes(graph: Graph): string[] {
  return topologicalOrder(graph).map(({ op }) => op.type);
}

/** Adds nodes, inputs and outputs; must do the same for the same random numbers. */
export type Build = (graph: Graph, random: () => number) => void;

/** What a case expects of a rewrite. */
export interface Expected {
  /** How often the rewrite fits. */
  readonly count: number;
  /** Op types that are left, in topological order. */
  readonly ops?: readonly string[];
  readonly tolerance?: Tolerance;
  readonly seed?: number;
}

/** Rounding: the rewritten graph rounds to the element type in other places. */
const ROUNDING: Tolerance = { relative: 2e-6, absolute: 2e-6 };

/**
 * Builds a graph twice, rewrites one of the two, and expects the same outputs (names, types, values) for random
 * inputs.
 * @returns the rewritten graph
 */
export function expectSameResults(build: Build, rewrite: Rewrite, expected: Expected): Graph {
  const { seed = 1, tolerance = ROUNDING } = expected;
  const [plain, rewritten] = [new Graph(), new Graph()];
  build(plain, randomNumbers(seed));
  build(rewritten, randomNumbers(seed));
  expect(rewrite.apply(rewritten)).toBe(expected.count);
  if (expected.ops) expect(opTypes(rewritten)).toEqual(expected.ops);
  const random = randomNumbers(seed + 1);
  const inputs = new Map(
    plain.inputs.map(({ name, type }) => [name, randomTensor(random, type.dtype, type.dims, -2, 2)]),
  );
  const before = evaluate(plain, inputs);
  const after = evaluate(rewritten, inputs);
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [name, tensor] of before) {
    const found = after.get(name);
    expect(found && difference(found, tensor, tolerance)).toBeUndefined();
    expect(found).toBeDefined();
  }
  return rewritten;
}
