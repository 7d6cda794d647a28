/**
 * Evaluating ops on constants while a graph is prepared. Bounded per op and per graph: a model file must not be able
 * to make its reader slow, or to fill its memory, with work that no run would ever need.
 */
import type { Op } from '../ops/op.js';
import { type Tensor } from '../tensor/index.js';
import type { Graph, Value } from './graph.js';
/** Bounds for one op. */
export interface FoldLimits {
    /** Largest input or output, in bytes. */
    readonly maxBytes: number;
    /** Most work: operations plus elements read and written. */
    readonly maxWork: number;
}
/** Enough for any shape arithmetic, which importers evaluate at once. */
export declare const SHAPE_ARITHMETIC: FoldLimits;
/** Enough to transpose or dequantise the weights of a large layer. */
export declare const WEIGHTS: FoldLimits;
/**
 * The outputs of an op whose inputs are all constants; undefined where some input is none, or the bounds forbid it.
 * @throws what the op's inference and reference throw
 */
export declare function foldOp(graph: Graph, op: Op, inputs: readonly (Value | undefined)[], limits: FoldLimits): Tensor[] | undefined;
/**
 * Takes work (operations plus elements) and bytes from what may be spent on preparing a graph.
 * @returns false, taking nothing, when too little is left
 */
export declare function spend(graph: Graph, work: number, bytes: number): boolean;
