/** An ONNX file, parsed and checked, from which graphs are built: one per set of input shapes. */
import {
  ExternalDataError,
  FormatError,
  GraphError,
  InputError,
  LanewiseError,
  LimitError,
  UnsupportedError,
} from '../errors.js';
import {
  DEFAULT_LIMITS,
  Graph,
  ValueNeeded,
  type Binding,
  type Limits,
  type Model,
  type ModelDim,
  type ModelPort,
  type Value,
} from '../graph/index.js';
import { bytesOf, type Tensor } from '../tensor/index.js';
import { NodeImporter } from './node-importer.js';
import { importers } from './ops/index.js';
import {
  parseModelProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto.js';
import {
  dtypeOfCode,
  externalLocation,
  tensorFromProto,
  typeFromProto,
  type ExternalLocation,
} from './tensor-proto.js';

/** Reads a piece of a file that lies beside the model. */
export type ExternalDataReader = (location: ExternalLocation) => Promise<Uint8Array>;

/** Most inputs and outputs that one node may have. */
const MAX_PORTS = 8192;

/** Operator sets that the importers know. Newer ones are read too: what they add is refused by name. */
const OLDEST_OPSET = 7;

export class OnnxModel implements Model {
  readonly name: string;
  readonly producer: string;
  readonly opset: number;
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
  readonly limits: Limits;
  readonly #order: readonly NodeProto[];
  readonly #initializers: ReadonlyMap<string, Tensor>;

  private constructor(proto: ModelProto, initializers: ReadonlyMap<string, Tensor>, limits: Limits) {
    const graph = graphOf(proto);
    this.name = graph.name || 'model';
    this.producer = [proto.producerName, proto.producerVersion].filter(Boolean).join(' ');
    this.opset = opsetOf(proto);
    this.limits = limits;
    this.#initializers = initializers;
    // Old files list initializers among the inputs.
    this.inputs = graph.input.filter(({ name }) => !initializers.has(name)).map(portOf);
    this.outputs = graph.output.map(portOf);
    checkUnique(
      'input',
      this.inputs.map(({ name }) => name),
    );
    this.#order = sortNodes(graph, new Set([...initializers.keys(), ...this.inputs.map(({ name }) => name)]));
  }

  /**
   * Parses a model.
   * @param readExternal reads tensor data kept in other files; without it such a model is refused
   * @throws FormatError, GraphError, UnsupportedError, LimitError, ExternalDataError
   */
  static async parse(
    bytes: Uint8Array,
    readExternal?: ExternalDataReader,
    limits: Limits = DEFAULT_LIMITS,
  ): Promise<OnnxModel> {
    const proto = parseModelProto(bytes);
    if (graphOf(proto).node.length > limits.maxNodes) {
      throw new LimitError(`the graph has ${graphOf(proto).node.length} nodes`, {
        remedy: `The limit is ${limits.maxNodes}; raise limits.maxNodes if this is meant.`,
      });
    }
    return new OnnxModel(proto, await readInitializers(graphOf(proto), readExternal, limits), limits);
  }

  /** Names of the ONNX operators in the model with how often each occurs, and which of them have no importer. */
  get operators(): { readonly counts: ReadonlyMap<string, number>; readonly unsupported: readonly string[] } {
    const counts = new Map<string, number>();
    for (const node of this.#order) {
      const name = qualifiedName(node);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return { counts, unsupported: [...counts.keys()].filter((name) => !importers.has(name)) };
  }

  /**
   * The model's graph for given input shapes.
   * @throws ValueNeeded when a shape depends on the value of an input that is not bound
   * @throws InputError when dims are missing; ShapeError, UnsupportedError, GraphError naming the node
   */
  build({ dims, values }: Binding): Graph {
    const graph = new Graph(this.name, this.limits);
    const scope = new Map<string, Value>();
    for (const [name, tensor] of this.#initializers) scope.set(name, graph.constant(name, tensor));
    for (const { name, dtype } of this.inputs) {
      const bound = values?.get(name);
      const inputDims = dims.get(name);
      if (!inputDims) {
        throw new InputError(`the dims of input "${name}" are not known`, {
          remedy: `Give them: createSession(model, { dims: { ${JSON.stringify(name)}: [...] } }).`,
        });
      }
      scope.set(name, bound ? graph.constant(name, bound) : graph.input(name, { dtype, dims: inputDims }));
    }
    for (const node of this.#order) this.#importNode(graph, scope, node);
    for (const { name } of this.outputs) {
      const value = scope.get(name);
      if (!value) {
        throw new GraphError(`output "${name}" is not computed by any node`, {
          remedy: 'The model is damaged: export it again.',
        });
      }
      graph.output(name, value);
    }
    return graph;
  }

  #importNode(graph: Graph, scope: Map<string, Value>, proto: NodeProto): void {
    const label = labelOf(proto);
    try {
      const importer = importers.get(qualifiedName(proto));
      if (!importer) throw new UnsupportedError(`operator ${qualifiedName(proto)}`);
      const inputs = proto.input.map((name) => (name === '' ? undefined : lookUp(scope, name)));
      const node = new NodeImporter(graph, this.opset, proto, inputs);
      const result = importer(node);
      node.attributes.checkAllRead();
      const outputs = Array.isArray(result) ? (result as readonly (Value | undefined)[]) : [result as Value];
      for (const [i, name] of proto.output.entries()) {
        if (name === '') continue;
        const value = outputs[i];
        if (!value) throw new UnsupportedError(`output ${i} ("${name}") of ${proto.opType}`);
        scope.set(name, value);
      }
    } catch (error) {
      if (error instanceof LanewiseError) throw error.at(label);
      if (error instanceof ValueNeeded) throw error;
      throw new GraphError(`importing failed (${(error as Error).message})`, {
        node: label,
        remedy: 'Please report this with the model.',
        cause: error,
      });
    }
  }
}

function lookUp(scope: ReadonlyMap<string, Value>, name: string): Value {
  const value = scope.get(name);
  if (!value) throw undefinedInput(name);
  return value;
}

function undefinedInput(name: string): GraphError {
  return new GraphError(`input "${name}" is not defined`, {
    remedy: 'The model is damaged: export it again.',
  });
}

/** `Conv` for ONNX's own operators, `com.example:Thing` for others. */
function qualifiedName(node: NodeProto): string {
  return node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}:${node.opType}`;
}

/** How messages name a node: by its first output where it has no name. */
function labelOf(node: NodeProto): string {
  return `${qualifiedName(node)} "${node.name || (node.output[0] ?? '')}"`;
}

function graphOf(proto: ModelProto): GraphProto {
  if (!proto.graph) throw new FormatError('the file has no graph', { remedy: 'Export the model again.' });
  return proto.graph;
}

function opsetOf(proto: ModelProto): number {
  const own = proto.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  // A model of other domains alone names none of ONNX's own: its operators are refused by name.
  const opset = own ? Number(own.version) : OLDEST_OPSET;
  if (opset < OLDEST_OPSET) {
    throw new UnsupportedError(`operator set ${opset}`, {
      part: 'model',
      remedy: `Convert the model to operator set ${OLDEST_OPSET} or newer with onnx.version_converter.`,
    });
  }
  return opset;
}

function portOf(info: ValueInfoProto): ModelPort {
  const part = `value "${info.name}"`;
  const type = info.type?.value;
  if (type?.case !== 'tensorType') {
    throw new UnsupportedError(`value type ${type?.case?.replace('Type', '') ?? 'unknown'}`, { part });
  }
  const dims = type.value.shape?.dim.map(({ value }): ModelDim => {
    if (value.case === 'dimParam') return value.value || null;
    if (value.case !== 'dimValue') return null;
    // Some exporters write -1 where they mean "any".
    return value.value > 0n ? Number(value.value) : value.value === 0n ? 0 : null;
  });
  return { name: info.name, dtype: dtypeOfCode(type.value.elemType, part), dims };
}

function checkUnique(kind: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new GraphError(`${kind} "${name}" is defined twice`, { remedy: 'Export the model again.' });
    }
    seen.add(name);
  }
}

async function readInitializers(
  graph: GraphProto,
  readExternal: ExternalDataReader | undefined,
  limits: Limits,
): Promise<Map<string, Tensor>> {
  if (graph.sparseInitializer.length > 0)
    throw new UnsupportedError('sparse initializers', { part: 'model' });
  checkUnique(
    'initializer',
    graph.initializer.map(({ name }) => name),
  );
  const tensors = new Map<string, Tensor>();
  let total = 0;
  for (const proto of graph.initializer) {
    // Judged by its dims before any byte of it is read or made.
    const bytes = bytesOf(typeFromProto(proto, limits.maxTensorBytes));
    total += bytes;
    if (total > limits.maxTotalBytes) {
      throw new LimitError(`the weights take more than ${limits.maxTotalBytes} bytes`, {
        part: `initializer "${proto.name}"`,
        remedy: 'Raise limits.maxTotalBytes if this is meant.',
      });
    }
    tensors.set(proto.name, tensorFromProto(proto, await readExternalData(proto, bytes, readExternal)));
  }
  return tensors;
}

/** An initializer's bytes when they lie outside the model file. */
async function readExternalData(
  proto: TensorProto,
  expected: number,
  readExternal: ExternalDataReader | undefined,
): Promise<Uint8Array | undefined> {
  const location = externalLocation(proto);
  if (!location) return undefined;
  const part = `initializer "${proto.name}"`;
  if (!readExternal) {
    throw new ExternalDataError(`its data lies in the file "${location.location}"`, {
      part,
      remedy: 'Load the model by its path or URL, or pass readExternalData.',
    });
  }
  if (location.length !== undefined && location.length !== expected) {
    throw new ExternalDataError(
      `external data has length ${location.length} where ${expected} bytes are needed`,
      {
        part,
        remedy: 'The model is damaged: export it again.',
      },
    );
  }
  // The length is always asked for, so that a long file is never read whole for a short tensor.
  return readExternal({ ...location, length: expected });
}

/**
 * Nodes with producers first. ONNX asks for that order; files that break it are read all the same.
 * @throws GraphError for a cycle, a value defined twice or one that nothing defines; LimitError for huge nodes
 */
function sortNodes(graph: GraphProto, given: ReadonlySet<string>): NodeProto[] {
  const producer = new Map<string, NodeProto>();
  for (const node of graph.node) {
    if (Math.max(node.input.length, node.output.length) > MAX_PORTS) {
      throw new LimitError(`it has ${node.input.length} inputs and ${node.output.length} outputs`, {
        node: labelOf(node),
        remedy: `The limit is ${MAX_PORTS} each.`,
      });
    }
    for (const name of node.output) {
      if (name === '') continue;
      if (producer.has(name) || given.has(name)) {
        throw new GraphError(`value "${name}" is defined twice`, { remedy: 'Export the model again.' });
      }
      producer.set(name, node);
    }
  }
  const waiting = new Map<NodeProto, number>();
  const readers = new Map<NodeProto, NodeProto[]>();
  const order: NodeProto[] = [];
  for (const node of graph.node) {
    const undefinedName = node.input.find((name) => name !== '' && !producer.has(name) && !given.has(name));
    if (undefinedName !== undefined) throw undefinedInput(undefinedName).at(labelOf(node));
    const sources = new Set(node.input.flatMap((name) => producer.get(name) ?? []));
    waiting.set(node, sources.size);
    for (const source of sources) {
      const known = readers.get(source);
      if (known) known.push(node);
      else readers.set(source, [node]);
    }
    if (sources.size === 0) order.push(node);
  }
  for (let next = 0; next < order.length; next++) {
    for (const reader of readers.get(order[next]) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) order.push(reader);
    }
  }
  if (order.length < graph.node.length) {
    const stuck = graph.node.find((node) => (waiting.get(node) ?? 0) > 0);
    throw new GraphError('the graph has a cycle', {
      node: stuck && labelOf(stuck),
      remedy: 'A network must not feed back into itself: export the model again.',
    });
  }
  return order;
}
