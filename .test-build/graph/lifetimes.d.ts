import type { Node, Value } from './graph.js';
/**
 * For each position in `order`, the values that no later node reads and that are no graph outputs. Constants
 * and graph inputs are not listed: they live through the whole run.
 */
export declare function lastUses(order: readonly Node[]): Value[][];
/**
 * Bytes of the largest set of activations alive at once, graph inputs and outputs included: the least memory
 * that any order-preserving plan without in-place steps can do with, weights apart.
 */
export declare function peakActivationBytes(order: readonly Node[], inputs: readonly Value[]): number;
