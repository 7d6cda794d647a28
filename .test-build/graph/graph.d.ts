import type { Op } from '../ops/op.js';
import { Tensor, type TensorType } from '../tensor/index.js';
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
export declare const DEFAULT_LIMITS: Limits;
/** A tensor known before the first run. Fills and computed constants stay unmaterialised until somebody reads them. */
export declare class Constant {
    #private;
    readonly type: TensorType;
    /** The one element that all others equal, when that is how the constant was given. */
    readonly element: Tensor | undefined;
    private constructor();
    static of(tensor: Tensor): Constant;
    /** A tensor whose elements all equal `scalar`'s one element. */
    static fill(scalar: Tensor, dims: readonly number[]): Constant;
    /** A tensor that `make` computes when it is first read. */
    static computed(type: TensorType, make: () => Tensor): Constant;
    get tensor(): Tensor;
}
/** A tensor in the graph: a graph input, a constant, or an output of one node. */
export declare class Value {
    readonly name: string;
    readonly type: TensorType;
    readonly constant: Constant | undefined;
    /** The node that computes it; undefined for graph inputs and constants. */
    producer: Node | undefined;
    /** Nodes that read it, each once. */
    readonly consumers: Set<Node>;
    /** Names under which it is an output of the graph. */
    readonly outputNames: Set<string>;
    constructor(name: string, type: TensorType, constant?: Constant);
    /** Whether no node reads it and it is no output of the graph. */
    get unread(): boolean;
}
/** One application of an op. Only `Graph` changes `op` and `inputs`, so that the values' consumers stay right. */
export declare class Node {
    readonly name: string;
    op: Op;
    inputs: readonly (Value | undefined)[];
    readonly outputs: readonly Value[];
    constructor(name: string, op: Op, inputs: readonly (Value | undefined)[], outputs: readonly Value[]);
    /** How messages name it: `Conv "conv1"`. */
    get label(): string;
    get inputTypes(): (TensorType | undefined)[];
    get outputTypes(): TensorType[];
    get flops(): number;
    /** Ideal bytes. */
    get bytes(): number;
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
export declare class Graph {
    #private;
    readonly name: string;
    readonly limits: Limits;
    readonly inputs: Value[];
    constructor(name?: string, limits?: Limits);
    /** Nodes in the order in which they were added; see `topologicalOrder`. */
    get nodes(): ReadonlySet<Node>;
    /** The named outputs, in order. One value may have several names. */
    get outputs(): readonly GraphOutput[];
    input(name: string, type: TensorType): Value;
    constant(name: string, source: Tensor | Constant): Value;
    /** @throws GraphError when the name is taken */
    output(name: string, value: Value): void;
    /**
     * Adds a node and returns its outputs.
     * @throws ShapeError, UnsupportedError from the op's shape inference, naming the node
     * @throws LimitError when an output or the number of nodes passes the limits
     */
    add(op: Op, inputs: readonly (Value | undefined)[], options?: AddOptions): Value[];
    /**
     * Gives a node another op and other inputs, with the same outputs.
     * @throws GraphError when the new op's output types differ from the node's
     */
    replace(node: Node, op: Op, inputs: readonly (Value | undefined)[]): void;
    /** Takes a node out. Its outputs lose their producer: replace their uses first, or drop them. */
    remove(node: Node): void;
    /** Makes every reader of `from`, graph outputs included, read `to`. */
    replaceUses(from: Value, to: Value): void;
    /** Removes nodes whose outputs nobody reads; returns how many. */
    prune(): number;
}
/** Nodes so that producers come before their readers; among free ones, in the order they were added. */
export declare function topologicalOrder(graph: Graph): Node[];
/** Number of elements in all constants that nodes read: the network's parameters. */
export declare function countParameters(graph: Graph): {
    elements: number;
    bytes: number;
};
