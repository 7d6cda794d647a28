/** What an importer function sees of one ONNX node: its inputs, attributes, and a way to add ops to the graph. */
import { GraphError, LimitError, UnsupportedError } from '../errors.js';
import { Constant, SHAPE_ARITHMETIC, ValueNeeded, foldOp } from '../graph/index.js';
import { formatType, sizeOf } from '../tensor/index.js';
import { Attributes } from './attributes.js';
/** Most elements of a tensor that shapes may depend on. */
const MAX_KNOWN_ELEMENTS = 1 << 20;
export class NodeImporter {
    graph;
    /** Version of the operator set that the model uses. */
    opset;
    attributes;
    opType;
    /** The node's name, or its first output's where it has none. */
    name;
    /** Names of the node's outputs; '' where one is not wanted. */
    outputNames;
    #inputs;
    #added = 0;
    constructor(graph, opset, proto, inputs) {
        this.graph = graph;
        this.opset = opset;
        this.attributes = new Attributes(proto);
        this.opType = proto.opType;
        this.name = proto.name || proto.output[0] || proto.opType;
        this.outputNames = proto.output;
        this.#inputs = inputs;
    }
    get label() {
        return `${this.opType} "${this.name}"`;
    }
    /** All inputs, for variadic operators. */
    get inputs() {
        return this.#inputs;
    }
    /** A required input. @throws GraphError when it is missing */
    input(index, name) {
        const value = this.#inputs[index];
        if (!value) {
            throw new GraphError(`input ${index} (${name}) is missing`, {
                remedy: `${this.opType} needs it: export the model again.`,
            });
        }
        return value;
    }
    /** An optional input. */
    optional(index) {
        return this.#inputs[index];
    }
    /** Whether the model uses output `index`. */
    wants(index) {
        return Boolean(this.outputNames[index]);
    }
    /**
     * The tensor behind an input whose value the shapes depend on.
     * @throws ValueNeeded when it depends on graph inputs whose values are not bound
     * @throws LimitError when it is absurdly large for what shapes are made of
     */
    known(value, purpose) {
        if (sizeOf(value.type.dims) > MAX_KNOWN_ELEMENTS) {
            throw new LimitError(`its ${purpose} is ${formatType(value.type)}`, {
                node: this.label,
                remedy: `What decides about shapes may have up to ${MAX_KNOWN_ELEMENTS} elements.`,
            });
        }
        if (value.constant)
            return value.constant.tensor;
        throw new ValueNeeded(graphInputsOf(value), this.label, purpose);
    }
    /** The value of an optional input as numbers; undefined when it is left out. */
    knownNumbers(index, purpose) {
        const value = this.optional(index);
        return value && this.known(value, purpose).toNumbers();
    }
    /** A constant value. */
    constant(tensor, suffix = 'constant') {
        return this.graph.constant(`${this.name}/${suffix}`, tensor);
    }
    /** A constant whose elements all equal the scalar, kept unmaterialised. */
    fill(scalar, dims) {
        return this.graph.constant(this.outputNames[0] || this.name, Constant.fill(scalar, dims));
    }
    /**
     * Adds an op and returns its outputs. When all inputs are constants and the result is small, it is evaluated
     * now instead, so that shape arithmetic never reaches the graph.
     */
    emit(op, inputs) {
        const folded = this.#evaluate(op, inputs);
        if (folded)
            return folded;
        const first = this.#added++ === 0;
        const name = first ? this.name : `${this.name}/${op.type.toLowerCase()}${this.#added}`;
        const outputNames = first ? this.outputNames : [];
        return this.graph.add(op, inputs, { name, outputNames });
    }
    /** `emit` for ops with one output. */
    emit1(op, inputs) {
        return this.emit(op, inputs)[0];
    }
    /** Refuses an operator, type, attribute or combination by name. */
    unsupported(feature) {
        return new UnsupportedError(feature, { node: this.label });
    }
    #evaluate(op, inputs) {
        const tensors = foldOp(this.graph, op, inputs, SHAPE_ARITHMETIC);
        return tensors?.map((tensor, i) => this.graph.constant(this.outputNames[i] || `${this.name}:${i}`, tensor));
    }
}
/** The graph inputs that a value is computed from. */
function graphInputsOf(value) {
    const seen = new Set();
    const queue = [value];
    for (let next = queue.pop(); next; next = queue.pop()) {
        if (seen.has(next))
            continue;
        seen.add(next);
        for (const input of next.producer?.inputs ?? [])
            if (input)
                queue.push(input);
    }
    return [...seen].filter((candidate) => !candidate.producer && !candidate.constant);
}
//# sourceMappingURL=node-importer.js.map