/** What an importer function sees of one ONNX node: its inputs, attributes, and a way to add ops to the graph. */
import { UnsupportedError } from '../errors.js';
import { type Graph, type Value } from '../graph/index.js';
import type { Op } from '../ops/op.js';
import { type Tensor } from '../tensor/index.js';
import { Attributes } from './attributes.js';
import type { NodeProto } from './proto.js';
/**
 * Translates one ONNX node: adds ops to the graph and returns the values of the node's outputs, in order. An
 * optional output that nobody may ask for can be left undefined.
 */
export type NodeImport = (node: NodeImporter) => Value | readonly (Value | undefined)[];
export declare class NodeImporter {
    #private;
    readonly graph: Graph;
    /** Version of the operator set that the model uses. */
    readonly opset: number;
    readonly attributes: Attributes;
    readonly opType: string;
    /** The node's name, or its first output's where it has none. */
    readonly name: string;
    /** Names of the node's outputs; '' where one is not wanted. */
    readonly outputNames: readonly string[];
    constructor(graph: Graph, opset: number, proto: NodeProto, inputs: readonly (Value | undefined)[]);
    get label(): string;
    /** All inputs, for variadic operators. */
    get inputs(): readonly (Value | undefined)[];
    /** A required input. @throws GraphError when it is missing */
    input(index: number, name: string): Value;
    /** An optional input. */
    optional(index: number): Value | undefined;
    /** Whether the model uses output `index`. */
    wants(index: number): boolean;
    /**
     * The tensor behind an input whose value the shapes depend on.
     * @throws ValueNeeded when it depends on graph inputs whose values are not bound
     * @throws LimitError when it is absurdly large for what shapes are made of
     */
    known(value: Value, purpose: string): Tensor;
    /** The value of an optional input as numbers; undefined when it is left out. */
    knownNumbers(index: number, purpose: string): number[] | undefined;
    /** A constant value. */
    constant(tensor: Tensor, suffix?: string): Value;
    /** A constant whose elements all equal the scalar, kept unmaterialised. */
    fill(scalar: Tensor, dims: readonly number[]): Value;
    /**
     * Adds an op and returns its outputs. When all inputs are constants and the result is small, it is evaluated
     * now instead, so that shape arithmetic never reaches the graph.
     */
    emit(op: Op, inputs: readonly (Value | undefined)[]): Value[];
    /** `emit` for ops with one output. */
    emit1(op: Op, inputs: readonly (Value | undefined)[]): Value;
    /** Refuses an operator, type, attribute or combination by name. */
    unsupported(feature: string): UnsupportedError;
}
