/**
 * The graph between a model file and a plan: static shapes, operators with static attributes, tensors as values.
 * A graph is built once by an importer or a network builder, rewritten in place, then only read.
 */
import { GraphError, LimitError, LanewiseError } from '../errors.js';
import { Tensor, bytesOf, checkDims, formatType, sizeOf } from '../tensor/index.js';
/** 2 GiB a tensor (WebGPU's largest binding on big GPUs), 8 GiB in all, 100,000 nodes. */
export const DEFAULT_LIMITS = {
    maxTensorBytes: 2 ** 31,
    maxTotalBytes: 2 ** 33,
    maxNodes: 100_000,
};
/** As in NumPy. What a model file says takes more is damaged or hostile. */
const MAX_RANK = 64;
/** A tensor known before the first run. Fills and computed constants stay unmaterialised until somebody reads them. */
export class Constant {
    type;
    /** The one element that all others equal, when that is how the constant was given. */
    element;
    #make;
    #tensor;
    constructor(type, make, element) {
        this.type = type;
        this.element = element;
        this.#make = make;
    }
    static of(tensor) {
        return new Constant({ dtype: tensor.dtype, dims: tensor.dims }, () => tensor);
    }
    /** A tensor whose elements all equal `scalar`'s one element. */
    static fill(scalar, dims) {
        const make = () => {
            const filled = new Tensor(scalar.dtype, dims);
            filled.data.fill(scalar.data[0]);
            return filled;
        };
        return new Constant({ dtype: scalar.dtype, dims }, make, scalar);
    }
    /** A tensor that `make` computes when it is first read. */
    static computed(type, make) {
        return new Constant(type, make);
    }
    get tensor() {
        this.#tensor ??= this.#make();
        return this.#tensor;
    }
}
/** A tensor in the graph: a graph input, a constant, or an output of one node. */
export class Value {
    name;
    type;
    constant;
    /** The node that computes it; undefined for graph inputs and constants. */
    producer;
    /** Nodes that read it, each once. */
    consumers = new Set();
    /** Names under which it is an output of the graph. */
    outputNames = new Set();
    constructor(name, type, constant) {
        this.name = name;
        this.type = type;
        this.constant = constant;
    }
    /** Whether no node reads it and it is no output of the graph. */
    get unread() {
        return this.consumers.size === 0 && this.outputNames.size === 0;
    }
}
/** One application of an op. Only `Graph` changes `op` and `inputs`, so that the values' consumers stay right. */
export class Node {
    name;
    op;
    inputs;
    outputs;
    constructor(name, op, inputs, outputs) {
        this.name = name;
        this.op = op;
        this.inputs = inputs;
        this.outputs = outputs;
    }
    /** How messages name it: `Conv "conv1"`. */
    get label() {
        return `${this.op.type} "${this.name}"`;
    }
    get inputTypes() {
        return this.inputs.map((value) => value?.type);
    }
    get outputTypes() {
        return this.outputs.map((value) => value.type);
    }
    get flops() {
        return this.op.flops(this.inputTypes, this.outputTypes);
    }
    /** Ideal bytes. */
    get bytes() {
        return this.op.bytes(this.inputTypes, this.outputTypes);
    }
}
export class Graph {
    name;
    limits;
    inputs = [];
    #outputs = new Map();
    #nodes = new Set();
    #serial = 0;
    constructor(name = 'graph', limits = DEFAULT_LIMITS) {
        this.name = name;
        this.limits = limits;
    }
    /** Nodes in the order in which they were added; see `topologicalOrder`. */
    get nodes() {
        return this.#nodes;
    }
    /** The named outputs, in order. One value may have several names. */
    get outputs() {
        return Array.from(this.#outputs, ([name, value]) => ({ name, value }));
    }
    input(name, type) {
        this.#check(name, type);
        const value = new Value(name, type);
        this.inputs.push(value);
        return value;
    }
    constant(name, source) {
        const constant = source instanceof Constant ? source : Constant.of(source);
        this.#check(name, constant.type);
        return new Value(name, constant.type, constant);
    }
    /** @throws GraphError when the name is taken */
    output(name, value) {
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
    add(op, inputs, options = {}) {
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
    replace(node, op, inputs) {
        const types = this.#infer(op, inputs, node.name);
        const same = types.length >= node.outputs.length &&
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
    remove(node) {
        this.#nodes.delete(node);
        this.#connect(node, []);
        for (const value of node.outputs)
            value.producer = undefined;
    }
    /** Makes every reader of `from`, graph outputs included, read `to`. */
    replaceUses(from, to) {
        if (from === to)
            return;
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
    prune() {
        let removed = 0;
        const queue = [...this.#nodes].filter(isDead);
        for (let node = queue.pop(); node; node = queue.pop()) {
            if (!this.#nodes.has(node))
                continue;
            const inputs = node.inputs;
            this.remove(node);
            removed++;
            for (const value of inputs)
                if (value?.producer && isDead(value.producer))
                    queue.push(value.producer);
        }
        return removed;
    }
    #insert(node) {
        this.#nodes.add(node);
        this.#connect(node, node.inputs);
        for (const value of node.outputs)
            value.producer = node;
    }
    #connect(node, inputs) {
        for (const value of node.inputs)
            value?.consumers.delete(node);
        node.inputs = inputs;
        for (const value of inputs)
            value?.consumers.add(node);
    }
    #infer(op, inputs, name) {
        try {
            return op.infer(inputs.map((value) => value?.type));
        }
        catch (error) {
            throw error instanceof LanewiseError ? error.at(`${op.type} "${name}"`) : error;
        }
    }
    #check(name, type) {
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
function isDead(node) {
    return node.outputs.every((value) => value.unread);
}
/** Nodes so that producers come before their readers; among free ones, in the order they were added. */
export function topologicalOrder(graph) {
    const waiting = new Map();
    const ready = [];
    for (const node of graph.nodes) {
        const producers = new Set(node.inputs.flatMap((value) => value?.producer ?? []));
        waiting.set(node, producers.size);
        if (producers.size === 0)
            ready.push(node);
    }
    const order = [];
    for (let next = 0; next < ready.length; next++) {
        const node = ready[next];
        order.push(node);
        const readers = new Set(node.outputs.flatMap((value) => [...value.consumers]));
        for (const reader of readers) {
            const left = (waiting.get(reader) ?? 0) - 1;
            waiting.set(reader, left);
            if (left === 0)
                ready.push(reader);
        }
    }
    if (order.length < graph.nodes.size) {
        throw new GraphError('the graph has a cycle', { remedy: 'A network must not feed back into itself.' });
    }
    return order;
}
/** Number of elements in all constants that nodes read: the network's parameters. */
export function countParameters(graph) {
    const constants = new Set();
    for (const node of graph.nodes)
        for (const value of node.inputs)
            if (value?.constant)
                constants.add(value);
    let elements = 0;
    let bytes = 0;
    for (const value of constants) {
        elements += sizeOf(value.type.dims);
        bytes += bytesOf(value.type);
    }
    return { elements, bytes };
}
//# sourceMappingURL=graph.js.map