/** Ways to choose among a node's candidates. */
import type { Node } from '../graph/index.js';
import { layoutOf, samePlacement, type Layout, type LayoutKind, type TensorType } from '../tensor/index.js';
import type { Candidate } from '../candidates/candidate.js';

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
      const misfits = candidates.map((candidate) => misfit(node, candidate, name));
      return candidates[misfits.indexOf(Math.min(...misfits))];
    },
  };
}

/** A transform costs more than any number of other names for the same placement. */
const TRANSFORM = 1000;

/**
 * How little a candidate fits the kind: one for every activation in another layout, and much more where that places
 * elements elsewhere. The names count because kernels are made for them: with N = 1, CHWN and NCHW are one placement,
 * but a kernel for CHWN puts its lanes along N.
 */
function misfit(node: Node, candidate: Candidate, kind: LayoutKind): number {
  const cost = (type: TensorType, layout: Layout): number => {
    const wanted = layoutOf(kind, type.dims.length);
    if (layout.name === wanted.name) return 0;
    return samePlacement(layout, wanted, type.dims) ? 1 : TRANSFORM;
  };
  let total = 0;
  for (const [i, value] of node.inputs.entries()) {
    const layout = candidate.inputs[i];
    if (value && !value.constant && layout) total += cost(value.type, layout);
  }
  for (const [i, value] of node.outputs.entries()) total += cost(value.type, candidate.outputs[i]);
  return total;
}
