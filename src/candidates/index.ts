/** Which candidates each op has. One file per family; an op without an entry is refused by name. */
import { UnsupportedError } from '../errors.js';
import type { Op } from '../ops/op.js';
import type { Candidate, CandidateContext, CandidateEntry, NodeTypes, Refusal } from './candidate.js';
import { elementwise } from './elementwise.js';
import { movement } from './movement.js';
import { transform } from './transform.js';
import { convolutions } from './conv.js';
import { gemms } from './gemm.js';
import { pooling } from './pool.js';
import { normalizationOps } from './normalize.js';
import { reductionOps } from './reduce.js';
import { softmaxes } from './softmax.js';

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
    if (found) return found;
  }
  throw new UnsupportedError(`operator ${op.type} on a GPU`, { remedy: 'Run the model on the CPU.' });
}

/** Types around two ops of which the second reads what the first computes. */
export interface FusionTypes {
  readonly inputs: NodeTypes['inputs'];
  /** What is computed between them. */
  readonly middle: NodeTypes['outputs'][number];
  readonly outputs: NodeTypes['outputs'];
}

/** Ways to run two ops as one kernel; their inputs are the first op's, their outputs the second's. */
export function fusionsFor(
  _producer: Op,
  _consumer: Op,
  _types: FusionTypes,
  _context: CandidateContext,
): readonly (Candidate | Refusal)[] {
  return [];
}
