/** Ways to choose among a node's candidates. */
import type { Node } from '../graph/index.js';
import type { Candidate } from './candidate.js';
export interface Policy {
    readonly name: string;
    /** One of `candidates`, which are not empty and all apply. */
    choose(node: Node, candidates: readonly Candidate[]): Candidate;
}
/** Policies by name. */
export declare const POLICY_NAMES: readonly ['nchw', 'nhwc', 'chwn'];
export type PolicyName = (typeof POLICY_NAMES)[number];
/**
 * One layout for the whole network: the first candidate with the fewest activations in another layout. Transforms
 * remain only where an op has no candidate in the layout.
 */
export declare function uniformPolicy(name: PolicyName): Policy;
