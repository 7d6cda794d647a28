import type { Op } from '../../ops/op.js';
import type { Candidate, CandidateContext, NodeTypes, Refusal } from '../candidate.js';
/**
 * Ways to run an op on a GPU, best first.
 * @throws UnsupportedError naming an op that has none, or an element type that GPUs do not store
 */
export declare function candidatesFor(op: Op, types: NodeTypes, context: CandidateContext): readonly (Candidate | Refusal)[];
