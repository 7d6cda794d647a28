/** Loads, builds, rewrites, prepares and runs whatever bytes a test makes up, and says what came of it. */
import { CpuDevice } from '../../src/devices/cpu/index.js';
import { DeviceError, LanewiseError } from '../../src/errors.js';
import { ValueNeeded, type Graph, type Limits, type Model, type ModelPort } from '../../src/graph/index.js';
import { rewriteGraph } from '../../src/graph/rewrites/index.js';
import { loadModel } from '../../src/session/index.js';
import { Tensor, formatType, sizeOf, type Dims } from '../../src/tensor/index.js';

/** Larger graphs are prepared but not run: the references are slow, and rightly so. */
const MAX_RUN_FLOPS = 1e6;
const MAX_RUN_ELEMENTS = 1e6;

/** Inputs larger than this are not made up. */
const MAX_INPUT_ELEMENTS = 1e6;

export type Attempt =
  /** Prepared, and run unless too large. */
  | { readonly kind: 'accepted'; readonly ran: boolean }
  /** Refused by an error of ours, as it should be. */
  | { readonly kind: 'refused'; readonly error: LanewiseError }
  /** Anything else. */
  | { readonly kind: 'fault'; readonly what: string };

/** Never throws. */
export async function attempt(bytes: Uint8Array, limits: Partial<Limits>): Promise<Attempt> {
  try {
    const model = await loadModel(bytes, { limits });
    const { graph, inputs } = build(model);
    rewriteGraph(graph);
    const executable = await new CpuDevice().prepare(graph);
    if (!isSmall(graph)) return { kind: 'accepted', ran: false };
    const { outputs } = await executable.run(inputs, {});
    return checkOutputs(graph, outputs) ?? { kind: 'accepted', ran: true };
  } catch (error) {
    return judge(error);
  }
}

function judge(error: unknown): Attempt {
  if (!(error instanceof LanewiseError)) {
    return { kind: 'fault', what: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  // An importer or a kernel that trips over its input is a fault too, though the user sees an error of ours.
  const { cause } = error;
  const tripped = error.what.startsWith('importing failed') || error instanceof DeviceError;
  if (tripped && cause instanceof Error) {
    return { kind: 'fault', what: `${error.message}\n${cause.stack}` };
  }
  if (/undefined|\[object|NaN elements/.test(error.message))
    return { kind: 'fault', what: `message: ${error.message}` };
  return { kind: 'refused', error };
}

/** Builds, binding the values of inputs where shapes depend on them. */
function build(model: Model): { graph: Graph; inputs: Map<string, Tensor> } {
  const dims = new Map(model.inputs.map((port) => [port.name, dimsOf(port)]));
  const inputs = new Map<string, Tensor>();
  for (const { name, dtype } of model.inputs) {
    const size = sizeOf(dims.get(name) ?? []);
    if (size <= MAX_INPUT_ELEMENTS) inputs.set(name, someTensor(dtype, dims.get(name) ?? []));
  }
  const values = new Map<string, Tensor>();
  for (;;) {
    try {
      return { graph: model.build({ dims, values }), inputs };
    } catch (error) {
      if (!(error instanceof ValueNeeded)) throw error;
      const fresh = error.inputs.filter(({ name }) => !values.has(name) && inputs.has(name));
      if (fresh.length === 0) throw new LanewiseError(error.message, { remedy: 'The data is not known.' });
      for (const { name } of fresh) values.set(name, inputs.get(name) ?? someTensor('i64', []));
    }
  }
}

/** The declared dims; open ones become small numbers. */
function dimsOf({ dims }: ModelPort): Dims {
  return (dims ?? [2, 3]).map((dim) => (typeof dim === 'number' ? dim : 2));
}

/** 0, -1, 2, 0, 1, 2, 0, ...: also good as indices, and as a shape of two dims. */
function someTensor(dtype: Tensor['dtype'], dims: Dims): Tensor {
  return Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => (i === 1 ? -1 : i % 3)),
  );
}

function isSmall(graph: Graph): boolean {
  let [flops, elements] = [0, 0];
  for (const node of graph.nodes) {
    if (!(node.flops >= 0 && node.bytes >= 0))
      throw new Error(`${node.label} has cost ${node.flops}, ${node.bytes}`);
    flops += node.flops;
    for (const type of [...node.inputTypes, ...node.outputTypes]) if (type) elements += sizeOf(type.dims);
  }
  for (const { value } of graph.outputs) elements += sizeOf(value.type.dims);
  return flops <= MAX_RUN_FLOPS && elements <= MAX_RUN_ELEMENTS;
}

/** Outputs must be of the types that were inferred for them. */
function checkOutputs(graph: Graph, outputs: ReadonlyMap<string, Tensor>): Attempt | undefined {
  for (const { name, value } of graph.outputs) {
    const tensor = outputs.get(name);
    if (!tensor || formatType(tensor) !== formatType(value.type)) {
      const found = tensor ? formatType(tensor) : 'nothing';
      return {
        kind: 'fault',
        what: `output "${name}" is ${found} where ${formatType(value.type)} was inferred`,
      };
    }
  }
  return undefined;
}
