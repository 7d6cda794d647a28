/** Measures what the layers of networks cost on a device. */
import { type Precision } from '../candidates/precision.js';
import type { Progress } from '../devices/device.js';
import type { DeviceError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import { policyPlans } from '../plan/explain.js';
import type { Effort } from '../plan/costs/measure-costs.js';
import { Planner, type PlanTarget, type PlannedNetwork } from '../plan/planner.js';
import { POLICY_NAMES, type PolicyName } from '../plan/policies/index.js';
import { refitProfile, type ChosenNetwork } from '../plan/costs/refit.js';
import type { TunedNetwork } from '../report/index.js';
import { timeRuns } from '../session/measure-runs.js';
import { RUN_CLASS } from '../tune/store/cost-record.js';
import type { CostStore } from '../tune/store/cost-store.js';
import type { DeviceProfile } from '../tune/profile/profile.js';

export interface NetworkToTune {
  /** As it was asked for: a path or a name. */
  readonly name: string;
  /** As GPUs run it. */
  readonly graph: Graph;
}

export interface TuneNetworksOptions {
  readonly target: PlanTarget;
  /** Has the device's profile. */
  readonly store: CostStore;
  readonly profile: DeviceProfile;
  readonly networks: readonly NetworkToTune[];
  readonly dtype: Precision;
  readonly effort: Effort;
  readonly onProgress: (text: string) => void;
  /** Told of kernels that fail on this device: they are not chosen. */
  readonly onFailure: (id: string, error: DeviceError) => void;
}

/** All policies but the one that may choose anything, which comes last, when most is known. */
const POLICIES: readonly PolicyName[] = POLICY_NAMES.filter((name) => name !== 'optimal');

/**
 * Measures the costs on which the choices under every policy rest, keeps them, and fits the profile to them. Without
 * a device to measure on, the model's costs are all there is.
 * @throws UnsupportedError naming a node that cannot run on a GPU
 */
export async function tuneNetworks(
  options: TuneNetworksOptions,
): Promise<{ readonly networks: TunedNetwork[]; readonly profile: DeviceProfile }> {
  const { target, store, profile, networks, onProgress } = options;
  const tuned: TunedNetwork[] = [];
  const chosen: ChosenNetwork[] = [];
  for (const { name, graph } of networks) {
    const before = await countCosts(target, store);
    for (const policy of POLICIES) await plan(name, graph, policy, options);
    const planned = await plan(name, graph, 'optimal', options);
    const plans = policyPlans(planned, (policy) => onProgress(`${name}: planning for policy ${policy}`));
    chosen.push({ ...planned, choices: plans.map(({ choice }) => choice) });
    tuned.push({
      name,
      shapes: Object.fromEntries(graph.inputs.map((input) => [input.name, input.type.dims])),
      measured: (await countCosts(target, store)) - before,
      policies: plans.map(({ policy, choice: { cost, optimal } }) => ({
        policy,
        milliseconds: cost / 1e6,
        proved: optimal,
      })),
    });
  }
  if (networks.length === 0) return { networks: tuned, profile };
  const fitted = refitProfile(profile, (await store.load(target.identity)).costs, chosen);
  await store.save(target.identity, { profile: fitted });
  return { networks: tuned, profile: fitted };
}

/** Plans under a policy, after what the choice rests on was measured and kept. */
function plan(
  name: string,
  graph: Graph,
  policy: PolicyName,
  { target, store, dtype, effort, onProgress: tell, onFailure }: TuneNetworksOptions,
): Promise<PlannedNetwork> {
  const doing = `${name}, policy ${policy}`;
  tell(`${doing}: planning`);
  const onProgress = ({ what, done, total }: Progress): void => {
    tell(`${doing}: ${done} of ${total}, ${what}`);
  };
  const { device } = target;
  const planner = new Planner(
    target,
    {
      policy,
      dtype,
      tuning: 'measured',
      effort,
      onProgress,
      onFailure,
      timeRuns: device && ((of, plans) => timeRuns(device, of, plans, { onProgress })),
    },
    store,
  );
  return planner.plan(graph);
}

/** How many kernels and transforms are kept: runs that were timed apart. */
async function countCosts(target: PlanTarget, store: CostStore): Promise<number> {
  const { costs } = await store.load(target.identity);
  return [...costs.values()].filter(({ kernelClass }) => kernelClass !== RUN_CLASS).length;
}
