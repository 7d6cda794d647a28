/**
 * Evaluating ops on constants while a graph is prepared. Bounded per op and per graph: a model file must not be able
 * to make its reader slow, or to fill its memory, with work that no run would ever need.
 */
import type { Op } from '../ops/op.js';
import { bytesOf, sizeOf, type Tensor, type TensorType } from '../tensor/index.js';
import type { Graph, Value } from './graph.js';

/** Bounds for one op. */
export interface FoldLimits {
  /** Largest input or output, in bytes. */
  readonly maxBytes: number;
  /** Most work: operations plus elements read and written. */
  readonly maxWork: number;
}

/** Enough for any shape arithmetic, which importers evaluate at once. */
export const SHAPE_ARITHMETIC: FoldLimits = { maxBytes: 1 << 16, maxWork: 1 << 20 };

/** Enough to transpose or dequantise the weights of a large layer. */
export const WEIGHTS: FoldLimits = { maxBytes: 1 << 27, maxWork: 1 << 26 };

/** All that may be spent on one graph: a few seconds at the references' 10 to 50 ns per operation. */
const GRAPH_WORK = 1 << 27;

/** Memory that folded tensors of one graph may take. */
const GRAPH_BYTES = 1 << 29;

/** Fills that are at most this large are worth materialising to fold what reads them. */
const LARGEST_FILL_BYTES = 1 << 16;

interface Budget {
  work: number;
  bytes: number;
}

const budgets = new WeakMap<Graph, Budget>();

/**
 * The outputs of an op whose inputs are all constants; undefined where some input is none, or the bounds forbid it.
 * @throws what the op's inference and reference throw
 */
export function foldOp(
  graph: Graph,
  op: Op,
  inputs: readonly (Value | undefined)[],
  limits: FoldLimits,
): Tensor[] | undefined {
  if (!inputs.every((value) => !value || isCheapConstant(value))) return undefined;
  const inputTypes = inputs.map((value) => value?.type);
  const outputTypes = op.infer(inputTypes);
  const types = [...inputTypes, ...outputTypes].filter((type) => type !== undefined);
  const work = op.flops(inputTypes, outputTypes) + sum(types, ({ dims }) => sizeOf(dims));
  if (types.some((type) => bytesOf(type) > limits.maxBytes) || !(work <= limits.maxWork)) return undefined;
  if (!spend(graph, work, sum(outputTypes, bytesOf))) return undefined;
  return op.reference(inputs.map((value) => value?.constant?.tensor));
}

function isCheapConstant({ constant }: Value): boolean {
  return constant !== undefined && (!constant.element || bytesOf(constant.type) <= LARGEST_FILL_BYTES);
}

/**
 * Takes work (operations plus elements) and bytes from what may be spent on preparing a graph.
 * @returns false, taking nothing, when too little is left
 */
export function spend(graph: Graph, work: number, bytes: number): boolean {
  const budget = budgets.get(graph) ?? { work: GRAPH_WORK, bytes: GRAPH_BYTES };
  if (work > budget.work || bytes > budget.bytes) return false;
  budgets.set(graph, { work: budget.work - work, bytes: budget.bytes - bytes });
  return true;
}

function sum(types: readonly TensorType[], measure: (type: TensorType) => number): number {
  return types.reduce((total, type) => total + measure(type), 0);
}
