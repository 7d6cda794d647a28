import { type CandidateEntry } from '../candidate.js';
export declare const elementwise: readonly CandidateEntry[];
