/**
 * The graph between a model file and a plan: static shapes, operators with static attributes, tensors as values.
 * A graph is built once by an importer or a network builder, rewritten in place, then only read.
 */
import { GraphError, LimitError, LanewiseError } from '../errors.js';
import type { Op } from '../ops/op.js';
import { Tensor, bytesOf, checkDims, formatType, sizeOf, type TensorType } from '../tensor/index.js';

/** Bounds that keep a hostile or mistaken model from taking the machine down. */
export interface Limits {
  /** Largest tensor, in bytes. */
  readonly maxTensorBytes: number;
  /** Largest sum of weights and live activations, in bytes. */
  readonly maxTotalBytes: number;
  /** Most nodes in a graph. */
  readonly maxNodes: number;
}

/** 2 GiB a tensor (WebGPU's largest binding on big GPUs), 8 GiB in all, 100,000 nodes. */
export const DEFAULT_LIMITS: Limits = {
  maxTensorBytes: 2 ** 31,
  maxTotalBytes: 2 ** 33,
  maxNodes: 100_000,
};

/** As in NumPy. What a model file says takes more is damaged or hostile. */
const MAX_RANK = 64;

/** A tensor known before the first run. Fills and computed constants stay unmaterialised until somebody reads them. */
export class Constant {
  readonly type: TensorType;
  /** The one element that all others equal, when that is how the constant was given. */
  readonly element: Tensor | undefined;
  readonly #make: () => Tensor;
  #tensor: Tensor | undefined;

  private constructor(type: TensorType, make: () => Tensor, element?: Tensor) {
    this.type = type;
    this.element = element;
    this.#make = make;
  }

  static of(tensor: Tensor): Constant {
    return new Constant({ dtype: tensor.dtype, dims: tensor.dims }, () => tensor);
  }

  /** A tensor whose elements all equal `scalar`'s one element. */
  static fill(scalar: Tensor, dims: readonly number[]): Constant {
    const make = (): Tensor => {
      const filled = new Tensor(scalar.dtype, dims);
      (filled.data as { fill(value: unknown): unknown }).fill(scalar.data[0]);
      return filled;
    };
    return new Constant({ dtype: scalar.dtype, dims }, make, scalar);
  }

  /** A tensor that `make` computes when it is first read. */
  static computed(type: TensorType, make: () => Tensor): Constant {
    return new Constant(type, make);
  }

  get tensor(): Tensor {
    this.#tensor ??= this.#make();
    return this.#tensor;
  }
}

/** A tensor in the graph: a graph input, a constant, or an output of one node. */
export class Value {
  readonly name: string;
  readonly type: TensorType;
  readonly constant: Constant | undefined;
  /** The node that computes it; undefined for graph inputs and constants. */
  producer: Node | undefined;
  /** Nodes that read it, each once. */
  readonly consumers = new Set<Node>();
  /** Names under which it is an output of the graph. */
  readonly outputNames = new Set<string>();

  constructor(name: string, type: TensorType, constant?: Constant) {
    this.name = name;
    this.type = type;
    this.constant = constant;
  }

  /** Whether no node reads it and it is no output of the graph. */
  get unread(): boolean {
    return this.consumers.size === 0 && this.outputNames.size === 0;
  }
}

/** One application of an op. Only `Graph` changes `op` and `inputs`, so that the values' consumers stay right. */
export class Node {
  readonly name: string;
  op: Op;
  inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];

  constructor(name: string, op: Op, inputs: readonly (Value | undefined)[], outputs: readonly Value[]) {
    this.name = name;
    this.op = op;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** How messages name it: `Conv "conv1"`. */
  get label(): string {
    return `${this.op.type} "${this.name}"`;
  }

  get inputTypes(): (TensorType | undefined)[] {
    return this.inputs.map((value) => value?.type);
  }

  get outputTypes(): TensorType[] {
    return this.outputs.map((value) => value.type);
  }

  get flops(): number {
    return this.op.flops(this.inputTypes, this.outputTypes);
  }

  /** Ideal bytes. */
  get bytes(): number {
    return this.op.bytes(this.inputTypes, this.outputTypes);
  }
}

/** A named output of the graph. */
export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}

export interface AddOptions {
  /** The node's name; made up from the op's type when left out. */
  readonly name?: string;
  /** Names of the outputs; made up from the node's name where one is left out or empty. */
  readonly outputNames?: readonly string[];
}

export class Graph {
  readonly name: string;
  readonly limits: Limits;
  readonly inputs: Value[] = [];
  readonly #outputs = new Map<string, Value>();
  readonly #nodes = new Set<Node>();
  #serial = 0;

  constructor(name = 'graph', limits: Limits = DEFAULT_LIMITS) {
    this.name = name;
    this.limits = limits;
  }

  /** Nodes in the order in which they were added; see `topologicalOrder`. */
  get nodes(): ReadonlySet<Node> {
    return this.#nodes;
  }

  /** The named outputs, in order. One value may have several names. */
  get outputs(): readonly GraphOutput[] {
    return Array.from(this.#outputs, ([name, value]) => ({ name, value }));
  }

  input(name: string, type: TensorType): Value {
    this.#check(name, type);
    const value = new Value(name, type);
    this.inputs.push(value);
    return value;
  }

  constant(name: string, source: Tensor | Constant): Value {
    const constant = source instanceof Constant ? source : Constant.of(source);
    this.#check(name, constant.type);
    return new Value(name, constant.type, constant);
  }

  /** @throws GraphError when the name is taken */
  output(name: string, value: Value): void {
    if (this.#outputs.has(name)) {
      throw new GraphError(`output "${name}" is named twice`, { remedy: 'Give every output its own name.' });
    }
    this.#outputs.set(name, value);
    value.outputNames.add(name);
  }

  /**
   * Adds a node and returns its outputs.
   * @throws ShapeError, UnsupportedError from the op's shape inference, naming the node
   * @throws LimitError when an output or the number of nodes passes the limits
   */
  add(op: Op, inputs: readonly (Value | undefined)[], options: AddOptions = {}): Value[] {
    if (this.#nodes.size >= this.limits.maxNodes) {
      throw new LimitError(`the graph has more than ${this.limits.maxNodes} nodes`, {
        remedy: 'Raise limits.maxNodes if the model is meant to be this large.',
      });
    }
    const name = options.name ?? `${op.type}_${this.#serial++}`;
    const types = this.#infer(op, inputs, name);
    const outputs = types.map((type, i) => {
      const outputName = options.outputNames?.[i] || (i === 0 ? name : `${name}:${i}`);
      this.#check(outputName, type);
      return new Value(outputName, type);
    });
    this.#insert(new Node(name, op, inputs, outputs));
    return outputs;
  }

  /**
   * Gives a node another op and other inputs, with the same outputs.
   * @throws GraphError when the new op's output types differ from the node's
   */
  replace(node: Node, op: Op, inputs: readonly (Value | undefined)[]): void {
    const types = this.#infer(op, inputs, node.name);
    const same =
      types.length >= node.outputs.length &&
      node.outputs.every((value, i) => formatType(value.type) === formatType(types[i]));
    if (!same) {
      throw new GraphError(`${op.type} cannot stand for ${node.label}: its outputs would be of other types`, {
        remedy: 'This is a fault in a graph rewrite: please report it with the model.',
      });
    }
    node.op = op;
    this.#connect(node, inputs);
  }

  /** Takes a node out. Its outputs lose their producer: replace their uses first, or drop them. */
  remove(node: Node): void {
    this.#nodes.delete(node);
    this.#connect(node, []);
    for (const value of node.outputs) value.producer = undefined;
  }

  /** Makes every reader of `from`, graph outputs included, read `to`. */
  replaceUses(from: Value, to: Value): void {
    if (from === to) return;
    for (const consumer of from.consumers) {
      consumer.inputs = consumer.inputs.map((value) => (value === from ? to : value));
      to.consumers.add(consumer);
    }
    from.consumers.clear();
    for (const name of from.outputNames) {
      this.#outputs.set(name, to);
      to.outputNames.add(name);
    }
    from.outputNames.clear();
  }

  /** Removes nodes whose outputs nobody reads; returns how many. */
  prune(): number {
    let removed = 0;
    const queue = [...this.#nodes].filter(isDead);
    for (let node = queue.pop(); node; node = queue.pop()) {
      if (!this.#nodes.has(node)) continue;
      const inputs = node.inputs;
      this.remove(node);
      removed++;
      for (const value of inputs) if (value?.producer && isDead(value.producer)) queue.push(value.producer);
    }
    return removed;
  }

  #insert(node: Node): void {
    this.#nodes.add(node);
    this.#connect(node, node.inputs);
    for (const value of node.outputs) value.producer = node;
  }

  #connect(node: Node, inputs: readonly (Value | undefined)[]): void {
    for (const value of node.inputs) value?.consumers.delete(node);
    node.inputs = inputs;
    for (const value of inputs) value?.consumers.add(node);
  }

  #infer(op: Op, inputs: readonly (Value | undefined)[], name: string): TensorType[] {
    try {
      return op.infer(inputs.map((value) => value?.type));
    } catch (error) {
      throw error instanceof LanewiseError ? error.at(`${op.type} "${name}"`) : error;
    }
  }

  #check(name: string, type: TensorType): void {
    checkDims(type.dims);
    if (type.dims.length > MAX_RANK) {
      throw new LimitError(`tensor "${name}" has rank ${type.dims.length}`, {
        remedy: `Tensors may have up to ${MAX_RANK} dimensions.`,
      });
    }
    // Empty tensors too: an op may walk the dimensions that are not 0.
    const extent = { dtype: type.dtype, dims: type.dims.map((dim) => Math.max(dim, 1)) };
    if (bytesOf(extent) > this.limits.maxTensorBytes && bytesOf(type) === 0) {
      throw new LimitError(`tensor "${name}" (${formatType(type)}) is empty but has huge dimensions`, {
        remedy: 'Export the model again with the shapes that it is meant for.',
      });
    }
    if (bytesOf(type) > this.limits.maxTensorBytes) {
      throw new LimitError(`tensor "${name}" (${formatType(type)}) takes ${bytesOf(type)} bytes`, {
        remedy: `The limit is ${this.limits.maxTensorBytes}; raise limits.maxTensorBytes if this is meant.`,
      });
    }
  }
}

function isDead(node: Node): boolean {
  return node.outputs.every((value) => value.unread);
}

/** Nodes so that producers come before their readers; among free ones, in the order they were added. */
export function topologicalOrder(graph: Graph): Node[] {
  const waiting = new Map<Node, number>();
  const ready: Node[] = [];
  for (const node of graph.nodes) {
    const producers = new Set(node.inputs.flatMap((value) => value?.producer ?? []));
    waiting.set(node, producers.size);
    if (producers.size === 0) ready.push(node);
  }
  const order: Node[] = [];
  for (let next = 0; next < ready.length; next++) {
    const node = ready[next];
    order.push(node);
    const readers = new Set(node.outputs.flatMap((value) => [...value.consumers]));
    for (const reader of readers) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (order.length < graph.nodes.size) {
    throw new GraphError('the graph has a cycle', { remedy: 'A network must not feed back into itself.' });
  }
  return order;
}

/** Number of elements in all constants that nodes read: the network's parameters. */
export function countParameters(graph: Graph): { elements: number; bytes: number } {
  const constants = new Set<Value>();
  for (const node of graph.nodes) for (const value of node.inputs) if (value?.constant) constants.add(value);
  let elements = 0;
  let bytes = 0;
  for (const value of constants) {
    elements += sizeOf(value.type.dims);
    bytes += bytesOf(value.type);
  }
  return { elements, bytes };
}
