/** How a model would be planned for a GPU: its memory, whatever machine asks. */
import { LanewiseError } from '../errors.js';
import type { Model } from '../graph/index.js';
import { totalsOf, type Totals } from '../plan/explain.js';
import { Planner } from '../plan/planner.js';
import type { PolicyName } from '../plan/policies/index.js';
import { graphOf } from '../session/explain.js';
import { plannerOptions } from '../session/gpu-runner.js';
import type { DimBindings } from '../session/index.js';
import { absentDevice, sourceOf, standInProfile } from '../session/stand-in.js';
import type { ProfileSource } from '../tune/profile/profiles.js';
import { assumeDims } from './assumed-dims.js';
import { formatCount } from './format.js';

export interface PlanInfo {
  readonly policy: PolicyName;
  /** The device that it was planned for, by its profile. */
  readonly profile: string;
  readonly source: ProfileSource;
  /** Null where there is no plan. */
  readonly memory: Pick<Totals, 'arenaBytes' | 'liveBytes' | 'constantBytes'> | null;
  /** Why there is none. */
  readonly problem: string | null;
}

/** A description is to come at once; planning takes some ten milliseconds a node. */
const MAX_NODES = 500;

/**
 * Plans a model for a device that need not be there; the weights are not made.
 * @param given dims for symbolic dimensions or inputs; see `assumeDims`
 * @returns null where shapes are open
 */
export async function planInfo(model: Model, given: DimBindings = {}): Promise<PlanInfo | null> {
  const { dims, missing } = assumeDims(model.inputs, given);
  if (missing.length > 0) return null;
  const profile = standInProfile();
  const options = plannerOptions({});
  const { policy } = options;
  const facts = { policy, profile: profile.name, source: sourceOf(profile) };
  try {
    const graph = graphOf(model, dims);
    if (graph.nodes.size > MAX_NODES) {
      const problem = `not planned for: it has ${formatCount(graph.nodes.size)} nodes; see lanewise explain`;
      return { ...facts, memory: null, problem };
    }
    const { target, store } = await absentDevice(profile);
    const { built } = await new Planner(target, options, store).plan(graph);
    const { arenaBytes, liveBytes, constantBytes } = totalsOf(built.plan);
    return { ...facts, memory: { arenaBytes, liveBytes, constantBytes }, problem: null };
  } catch (error) {
    if (!(error instanceof LanewiseError)) throw error;
    return { ...facts, memory: null, problem: error.message };
  }
}
