/** Which candidates each op has. One file per family; an op without an entry is refused by name. */
import { UnsupportedError } from '../errors.js';
import type { Op } from '../ops/op.js';
import type { Candidate, CandidateContext, CandidateEntry, NodeTypes, Refusal } from './candidate.js';
import { elementwise } from './elementwise.js';
import { storedAs } from './halves.js';
import { movement } from './movement.js';
import { transform } from './transform.js';
import { convolutions } from './conv.js';
import { convPools } from './conv-pool.js';
import type { FusionEntry, FusionTypes } from './fusion.js';
import { gemms } from './gemm.js';
import { pooling } from './pool.js';
import { normalizationOps } from './normalize.js';
import { reductionOps } from './reduce.js';
import { separables } from './separable.js';
import { softmaxes } from './softmax.js';

export type { FusionTypes } from './fusion.js';

const ENTRIES: readonly CandidateEntry[] = [
  ...elementwise,
  ...transform,
  ...movement,
  ...convolutions,
  ...gemms,
  ...softmaxes,
  ...normalizationOps,
  ...reductionOps,
  ...pooling,
];

const FUSIONS: readonly FusionEntry[] = [...convPools, ...separables];

/**
 * Ways to run an op on a GPU, best first.
 * @throws UnsupportedError naming an op that has none, or an element type that GPUs do not store
 */
export function candidatesFor(
  op: Op,
  types: NodeTypes,
  context: CandidateContext,
): readonly (Candidate | Refusal)[] {
  for (const { match } of ENTRIES) {
    const found = match(op, types, context);
    if (found) return storedAs(context.half, found);
  }
  throw new UnsupportedError(`operator ${op.type} on a GPU`, { remedy: 'Run the model on the CPU.' });
}

/**
 * Ways to run two ops of which the second reads what the first computes as one kernel, best first; their inputs are the
 * first op's and then what else the second reads, their outputs the second's. None for most.
 * @throws UnsupportedError naming an element type that GPUs do not store
 */
export function fusionsFor(
  producer: Op,
  consumer: Op,
  types: FusionTypes,
  context: CandidateContext,
): readonly (Candidate | Refusal)[] {
  for (const { match } of FUSIONS) {
    const found = match(producer, consumer, types, context);
    if (found) return storedAs(context.half, found);
  }
  return [];
}
