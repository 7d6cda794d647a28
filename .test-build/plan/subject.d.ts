import type { Subject } from '../tune/measure.js';
import { type Candidate, type CandidateContext, type NodeTypes } from './candidate.js';
/** What a candidate launches for tensors of these types, on buffers of its own. */
export declare function candidateSubject(candidate: Candidate, types: NodeTypes, { storage }: CandidateContext): Subject;
