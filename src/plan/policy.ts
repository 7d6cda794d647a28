/** Ways to choose among a node's candidates. */
import type { Node } from '../graph/index.js';
import { layoutOf, samePlacement, type Layout, type LayoutKind, type TensorType } from '../tensor/index.js';
import type { Candidate } from './candidate.js';

export interface Policy {
  readonly name: string;
  /** One of `candidates`, which are not empty and all apply. */
  choose(node: Node, candidates: readonly Candidate[]): Candidate;
}

/** Policies by name. */
export const POLICY_NAMES = ['nchw', 'nhwc', 'chwn'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/**
 * One layout for the whole network: the first candidate with the fewest activations in another layout. Transforms
 * remain only where an op has no candidate in the layout.
 */
export function uniformPolicy(name: PolicyName): Policy {
  return {
    name,
    choose: (node, candidates) => {
      const misfits = candidates.map((candidate) => countMisfits(node, candidate, name));
      return candidates[misfits.indexOf(Math.min(...misfits))];
    },
  };
}

/** How many of the node's activations a candidate wants in another layout than the kind's. */
function countMisfits(node: Node, candidate: Candidate, kind: LayoutKind): number {
  const misfit = (type: TensorType, layout: Layout): boolean =>
    !samePlacement(layout, layoutOf(kind, type.dims.length), type.dims);
  const inputs = node.inputs.filter((value, i) => {
    const layout = candidate.inputs[i];
    return value && !value.constant && layout && misfit(value.type, layout);
  });
  const outputs = node.outputs.filter((value, i) => misfit(value.type, candidate.outputs[i]));
  return inputs.length + outputs.length;
}
