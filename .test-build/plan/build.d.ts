import { type Constant, type Graph } from '../graph/index.js';
import { type CandidateContext } from './candidate.js';
import type { Plan } from './plan.js';
import type { Policy } from './policy.js';
/** A plan, and the constants that its constant tensors hold, in the same order. */
export interface BuiltPlan {
    readonly plan: Plan;
    readonly constants: readonly Constant[];
}
/**
 * Plans a graph for a device.
 * @throws UnsupportedError naming an op or element type that cannot run on a GPU
 */
export declare function buildPlan(graph: Graph, context: CandidateContext, policy: Policy): BuiltPlan;
