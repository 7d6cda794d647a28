/** Rewrites that simplify a graph without changing what it computes. One file each. */
import type { Graph } from '../graph.js';
import { dropIdentity } from './drop-identity.js';
import { foldBatchNormalization } from './fold-batch-normalization.js';
import { foldConstants } from './fold-constants.js';
import { foldPad } from './fold-pad.js';
import { fuseActivation } from './fuse-activation.js';
import { fuseElementwise } from './fuse-elementwise.js';
import { fuseResidual } from './fuse-residual.js';
import type { Rewrite } from './rewrite.js';

/**
 * Identities go first, so that they stand between no two nodes that fit each other; constants next, so that
 * parameters are known; activations last, because a layer that ends in one takes no normalisation or residual any more.
 */
const REWRITES: readonly Rewrite[] = [
  dropIdentity,
  foldConstants,
  foldBatchNormalization,
  foldPad,
  fuseResidual,
  fuseActivation,
];

/** What one rewrite uncovers another finds in the next round. A model that needs more is not meant to be fast. */
const MAX_ROUNDS = 8;

/** What only devices gain from that launch a kernel per node: the CPU's references would not be faster. */
const GPU_REWRITES: readonly Rewrite[] = [fuseElementwise];

/** Applies the rewrites for GPUs, in place; after `rewriteGraph`. */
export function rewriteForGpu(graph: Graph): void {
  for (const { apply } of GPU_REWRITES) apply(graph);
  graph.prune();
}

/** Applies all rewrites, in place, until none finds anything more; returns how often each one fitted. */
export function rewriteGraph(graph: Graph): Map<string, number> {
  const counts = new Map(REWRITES.map(({ name }) => [name, 0]));
  graph.prune();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let changes = 0;
    for (const { name, apply } of REWRITES) {
      const count = apply(graph);
      changes += count;
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    graph.prune();
    if (changes === 0) break;
  }
  return counts;
}
