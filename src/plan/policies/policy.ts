/** What a policy is: a rule for which layouts a network may use. Among what it allows, costs decide. */
import type { Candidate } from '../../candidates/candidate.js';
import type { Node } from '../../graph/index.js';

/** Policies by name: one layout for all, the paper's rule, or whatever costs least. */
export const POLICY_NAMES = ['optimal', 'heuristic', 'nchw', 'nhwc', 'chwn'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

export interface Policy {
  readonly name: PolicyName;
  /** Of a node's candidates, which are not empty and all apply, those that may run it: at least one, in their order. */
  allow(node: Node, candidates: readonly Candidate[]): readonly Candidate[];
  /** Why only those: a phrase. Undefined where the policy has no say. */
  reason(node: Node): string | undefined;
}
