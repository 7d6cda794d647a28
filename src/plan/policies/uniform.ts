/** One layout for the whole network. */
import type { Candidate } from '../../candidates/candidate.js';
import type { Node } from '../../graph/index.js';
import {
  layoutOf,
  samePlacement,
  type Layout,
  type LayoutKind,
  type TensorType,
} from '../../tensor/index.js';
import type { Policy } from './policy.js';

/** Layouts that a whole network can be in. */
export type UniformName = 'nchw' | 'nhwc' | 'chwn';

/**
 * The candidates with the fewest activations in another layout. Transforms remain only where an op has no candidate
 * in the layout.
 */
export function uniformPolicy(name: UniformName): Policy {
  return {
    name,
    allow: (node, candidates) => nearest(node, candidates, name),
    reason: () => `policy ${name}`,
  };
}

/** The candidates that fit a layout best. */
export function nearest(node: Node, candidates: readonly Candidate[], kind: LayoutKind): Candidate[] {
  const misfits = candidates.map((candidate) => misfit(node, candidate, kind));
  const least = Math.min(...misfits);
  return candidates.filter((_, i) => misfits[i] === least);
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
