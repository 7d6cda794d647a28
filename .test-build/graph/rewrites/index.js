import { dropIdentity } from './drop-identity.js';
import { foldBatchNormalization } from './fold-batch-normalization.js';
import { foldConstants } from './fold-constants.js';
import { foldPad } from './fold-pad.js';
import { fuseActivation } from './fuse-activation.js';
/**
 * Identities go first, so that they stand between no two nodes that fit each other; constants next, so that
 * parameters are known; activations last, because a layer that ends in one takes no normalisation any more.
 */
const REWRITES = [
    dropIdentity,
    foldConstants,
    foldBatchNormalization,
    foldPad,
    fuseActivation,
];
/** What one rewrite uncovers another finds in the next round. A model that needs more is not meant to be fast. */
const MAX_ROUNDS = 8;
/** Applies all rewrites, in place, until none finds anything more; returns how often each one fitted. */
export function rewriteGraph(graph) {
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
        if (changes === 0)
            break;
    }
    return counts;
}
//# sourceMappingURL=index.js.map