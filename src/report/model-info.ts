/** What there is to say about a model without running it. */
import { LanewiseError, UnsupportedError } from '../errors.js';
import {
  ValueNeeded,
  countParameters,
  peakActivationBytes,
  topologicalOrder,
  type Graph,
  type Model,
  type ModelDim,
  type ModelPort,
} from '../graph/index.js';
import { rewriteGraph } from '../graph/rewrites/index.js';
import { OnnxModel } from '../onnx/index.js';
import { bindDims, type DimBindings } from '../session/index.js';
import type { DType } from '../tensor/index.js';
import { assumeDims } from './assumed-dims.js';

/** An input or output as the model declares it; `dims` is null when not even the rank is declared. */
export interface PortInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly ModelDim[] | null;
}

/** What is known once the shapes are fixed. */
export interface GraphInfo {
  /** Dims of every input that the numbers below are for. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Elements of the weights. */
  readonly parameters: number;
  readonly weightBytes: number;
  /** Operations of one run, a multiply-add counting as two. */
  readonly flops: number;
  /** Bytes of the largest set of activations alive at once. */
  readonly peakActivationBytes: number;
  /** Nodes that run: after constant folding, fusion and the other rewrites. */
  readonly nodes: number;
}

export interface ModelInfo {
  readonly name: string;
  /** What wrote the file; `Lanewise` for networks by name. */
  readonly producer: string;
  /** Version of ONNX's operator set; null for networks by name, which are no ONNX files. */
  readonly opset: number | null;
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  /** How often each ONNX operator occurs, most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  /** Nodes in the file; of a network by name, before rewriting. */
  readonly fileNodes: number;
  /** Null when the shapes are not known or the graph cannot be built. */
  readonly graph: GraphInfo | null;
  /** What was assumed about open dimensions. */
  readonly assumed: readonly string[];
  /** Dimensions that have to be given for `graph`, as `--dims` takes them. */
  readonly missingDims: readonly string[];
  /** Operators without an importer, or else the first other reason why the model does not run. */
  readonly unsupported: readonly string[];
  /** The error that stopped the graph from being built, where it is none of "unsupported". */
  readonly problem: string | null;
}

/**
 * Describes a model. Weights are not touched: this is fast however large they are.
 * @param given dims for symbolic dimensions or inputs
 * @throws InputError for dims that the model does not have or that contradict it
 */
export function modelInfo(model: Model, given: DimBindings = {}): ModelInfo {
  const { dims, assumed, missing } = assumeDims(model.inputs, given);
  const shapes = bindDims(model.inputs, dims);
  const file = model instanceof OnnxModel ? model : undefined;
  const unsupported = file?.operators.unsupported ?? [];
  const built =
    missing.length === 0 && shapes && unsupported.length === 0 ? describeGraph(model, shapes) : undefined;
  const counts = file?.operators.counts ?? built?.operators ?? new Map<string, number>();
  return {
    name: model.name,
    producer: file?.producer ?? 'Lanewise',
    opset: file?.opset ?? null,
    inputs: model.inputs.map(portInfo),
    outputs: model.outputs.map(portInfo),
    operators: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
    fileNodes: [...counts.values()].reduce((sum, count) => sum + count, 0),
    graph: built?.graph ?? null,
    assumed,
    missingDims: missing,
    unsupported: [...unsupported.map((name) => `operator ${name}`), ...(built?.unsupported ?? [])],
    problem: built?.problem ?? null,
  };
}

interface Built {
  readonly graph?: GraphInfo;
  /** How often each operator occurs before rewriting. */
  readonly operators?: ReadonlyMap<string, number>;
  readonly unsupported?: readonly string[];
  readonly problem?: string;
}

function describeGraph(model: Model, dims: ReadonlyMap<string, readonly number[]>): Built {
  let graph: Graph;
  try {
    graph = model.build({ dims });
  } catch (error) {
    if (error instanceof ValueNeeded) {
      const names = error.inputs.map(({ name }) => name).join(', ');
      return {
        problem: `${error.label}: its ${error.purpose} depends on the data of ${names}: known only in a run`,
      };
    }
    if (error instanceof UnsupportedError) {
      return { unsupported: [error.node ? `${error.feature} (${error.node})` : error.feature] };
    }
    if (error instanceof LanewiseError) return { problem: error.message };
    throw error;
  }
  graph.prune();
  const { elements: parameters, bytes: weightBytes } = countParameters(graph);
  const operators = new Map<string, number>();
  for (const { op } of graph.nodes) operators.set(op.type, (operators.get(op.type) ?? 0) + 1);
  rewriteGraph(graph);
  const order = topologicalOrder(graph);
  return {
    operators,
    graph: {
      shapes: Object.fromEntries(dims),
      parameters,
      weightBytes,
      flops: order.reduce((sum, node) => sum + node.flops, 0),
      peakActivationBytes: peakActivationBytes(order, graph.inputs),
      nodes: order.length,
    },
  };
}

function portInfo({ name, dtype, dims }: ModelPort): PortInfo {
  return { name, dtype, dims: dims ?? null };
}
