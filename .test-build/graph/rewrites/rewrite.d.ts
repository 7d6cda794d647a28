/** What every rewrite is, and the questions that rewrites ask of a graph. */
import type { Op } from '../../ops/op.js';
import type { Graph, Node, Value } from '../graph.js';
/** One kind of simplification. */
export interface Rewrite {
    readonly name: string;
    /** Applies it wherever it fits; returns how often. */
    readonly apply: (graph: Graph) => number;
}
/** Applies a change to every node where it fits. @param change returns whether it did */
export declare function forEachNode(graph: Graph, change: (node: Node) => boolean): number;
/** The node that reads a value, when it reads it once, nobody else does, and the value is no output of the graph. */
export declare function soleConsumer(value: Value): Node | undefined;
/** The node that computes an input, when nobody else reads what it computes, in any of its outputs. */
export declare function soleProducer(value: Value | undefined): Node | undefined;
/** An op's attributes as its constructor takes them, with changes. Ops keep every option under the option's name. */
export declare function optionsOf<T extends Op, C extends object>(op: T, changes: C): Omit<T, keyof C> & C;
