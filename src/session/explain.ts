/** Why a model is planned as it is, on a device or for one of which only the profile is there. */
import { checkPrecision } from '../candidates/precision.js';
import type { GpuIdentity } from '../devices/gpu.js';
import { DeviceError, InputError } from '../errors.js';
import { ValueNeeded, type Graph, type Model } from '../graph/index.js';
import { rewriteForGpu, rewriteGraph } from '../graph/rewrites/index.js';
import { noteFailures, type PlanBasis } from '../plan/basis.js';
import { Breather } from '../plan/breather.js';
import { explain, policyPlan, sourceOfCosts, type Explanation, type PolicyPlan } from '../plan/explain.js';
import type { Progress } from '../devices/device.js';
import { Planner, targetOf, type PlannedNetwork } from '../plan/planner.js';
import { POLICY_NAMES } from '../plan/policies/index.js';
import type { CostRecord } from '../tune/store/cost-store.js';
import type { DeviceProfile } from '../tune/profile/profile.js';
import { bindDims, type DimBindings } from './binding.js';
import { compilablePlan } from './compilable-plan.js';
import { checkMemory, plannerOptions, type GpuOptions } from './gpu-runner.js';
import { measureRuns } from './measure-runs.js';
import {
  SharedPlatform,
  browserPlatform,
  openDevice,
  openGpu,
  type DeviceName,
  type DeviceOptions,
  type Platform,
} from './open-device.js';
import { absentDevice, sourceOf, standInProfile } from './stand-in.js';

export interface ExplainOptions extends GpuOptions {
  /** Shapes, where the model leaves them open. */
  readonly dims?: DimBindings;
  /**
   * The device to plan for; `auto` (the default) is a hardware GPU where there is one, else a device of which only the
   * profile is there.
   */
  readonly device?: DeviceName;
  /** With the device `cuda`: which of the machine's; 0 when left out. */
  readonly ordinal?: number;
  /** Plan for the device of this profile instead, which need not be there. */
  readonly profile?: DeviceProfile;
  /** Costs measured on the profile's device. */
  readonly costs?: readonly CostRecord[];
  /**
   * What another plan rested on (`Inspection.basis`), in place of `profile` and `costs`: plan again for its device, which need
   * not be there. With its `plan` too, that is the plan.
   */
  readonly basis?: PlanBasis;
  /** Run the network under every policy and time it. */
  readonly measure?: boolean;
  /** Ends planning, comparing, compiling and measuring: what is under way then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told how far all that has come. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ModelExplanation extends Explanation {
  /** The device that was planned for, for people. */
  readonly device: string;
}

/** A planned model with what its explanation rests on. */
export interface ExplainedPlan {
  readonly planned: PlannedNetwork;
  /** Every policy's choice. */
  readonly plans: readonly PolicyPlan[];
  readonly explanation: ModelExplanation;
}

/**
 * Plans a model and says why so. With a profile no device is opened.
 * @param platform what opens GPUs here
 * @throws InputError for open shapes; DeviceError for a device that is not to be had, the CPU (which has no plan), and
 * where there is nothing to measure on; UnsupportedError for what cannot run on a GPU
 */
export async function explainModel(
  model: Model,
  options: ExplainOptions = {},
  platform: Platform = browserPlatform,
): Promise<ModelExplanation> {
  return (await explainPlan(model, options, platform)).explanation;
}

/** What `explainModel` does, with what the explanation was made of. */
export async function explainPlan(
  model: Model,
  options: ExplainOptions,
  platform: Platform,
): Promise<ExplainedPlan> {
  const profile = options.basis?.profile ?? options.profile;
  if (profile) {
    if (wantsTimes(options)) throw nothingToMeasure(`only the profile ${profile.name} is here`);
    return explainFor(profile, model, options, []);
  }
  if (options.device === 'cpu') {
    throw new DeviceError('the CPU runs without a plan, so that there is nothing to explain', {
      remedy: 'Name a GPU (--device webgpu), or the profile of one to plan for (--profile NAME).',
    });
  }
  const shared = new SharedPlatform(platform);
  try {
    const { device, reason } = await openDevice(shared, deviceOptions(options));
    if (device.kind === 'cpu') {
      const lack = reason.replace(/^no GPU: /, '');
      if (wantsTimes(options)) throw nothingToMeasure(lack);
      const standIn = standInProfile();
      const what = sourceOf(standIn) === 'shipped' ? `the profile ${standIn.name}` : standIn.device.name;
      return await explainFor(standIn, model, options, [`No GPU here (${lack}): planned for ${what}.`]);
    }
    return await explainOn(shared, device.kind, model, options);
  } finally {
    await shared.close();
  }
}

/** Half precision is looked at later: it is for the device that is planned for, which `auto` may not find. */
function deviceOptions({ device, ordinal, policy, tuning, effort }: ExplainOptions): DeviceOptions {
  return {
    ...(device && { device }),
    ...(ordinal !== undefined && { ordinal }),
    ...(policy && { policy }),
    ...(tuning && { tuning }),
    ...(effort && { effort }),
  };
}

function wantsTimes({ measure, tuning }: ExplainOptions): boolean {
  return measure === true || tuning === 'measured';
}

function nothingToMeasure(why: string): DeviceError {
  return new DeviceError(`there is no GPU to measure on (${why})`, {
    remedy: 'Leave the measuring out, or name a GPU that is there (--device webgpu).',
  });
}

/** Plans for a device that is not there. */
async function explainFor(
  profile: DeviceProfile,
  model: Model,
  options: ExplainOptions,
  notes: readonly string[],
): Promise<ExplainedPlan> {
  const { basis } = options;
  const { target, store } = await absentDevice(profile, basis?.costs ?? options.costs);
  checkPrecision(options.dtype ?? 'f32', target.features, nameOf(profile.device));
  const planner = new Planner(target, { ...plannerOptions(options), compared: POLICY_NAMES }, store);
  const planned = await planner.plan(graphOf(model, options.dims));
  if (basis) noteFailures(planned.book, basis);
  const plans = await comparisons(planned, options);
  const explanation = explain(planned, plans);
  const source = sourceOfCosts(profile, sourceOf(profile));
  const device = nameOf(profile.device);
  return { planned, plans, explanation: { ...explanation, profile: source, device, notes } };
}

/** Plans for a device that has been opened, and measures there. */
async function explainOn(
  shared: SharedPlatform,
  kind: 'webgpu' | 'cuda',
  model: Model,
  options: ExplainOptions,
): Promise<ExplainedPlan> {
  const { signal, onProgress, measure } = options;
  const name = options.device === 'webgpu:software' ? options.device : kind;
  const { gpu } = await openGpu(shared, name, options.ordinal);
  checkPrecision(options.dtype ?? 'f32', gpu.features, gpu.description);
  const planning = plannerOptions(options, gpu);
  // Every policy is shown beside the one asked for: none may look better for being less known.
  const planner = new Planner(targetOf(gpu), { ...planning, compared: POLICY_NAMES }, shared.costs);
  const graph = graphOf(model, options.dims);
  const planned =
    measure && !gpu.software
      ? await compilablePlan(gpu, planner, graph, { signal, onProgress })
      : await planner.plan(graph);
  const plans = await comparisons(planned, options);
  const explanation = explain(planned, plans);
  const device = gpu.description;
  if (gpu.software) {
    const notes = wantsTimes(options)
      ? [`The times of ${device}, which computes on the CPU, mean nothing: none was measured.`]
      : [];
    return { planned, plans, explanation: { ...explanation, device, notes } };
  }
  if (!measure) return { planned, plans, explanation: { ...explanation, device } };
  checkMemory(planned.built.plan, graph);
  const { steps, run, policies, failures } = await measureRuns(gpu, planned, plans, { signal, onProgress });
  const measured: ModelExplanation = {
    ...explanation,
    measured: steps,
    run,
    policies: explanation.policies.map((summary) => ({
      ...summary,
      measured: policies.get(summary.policy) ?? null,
    })),
    device,
    notes: [...explanation.notes, ...failures],
  };
  return { planned, plans, explanation: measured };
}

/** The policies' plans, one after the other. @throws the signal's reason */
async function comparisons(
  planned: PlannedNetwork,
  { signal, onProgress }: ExplainOptions,
): Promise<PolicyPlan[]> {
  const breather = new Breather(signal);
  const plans: PolicyPlan[] = [];
  for (const [done, policy] of POLICY_NAMES.entries()) {
    onProgress?.({ what: `policy ${policy}`, done, total: POLICY_NAMES.length });
    await breather.breathe();
    plans.push(policyPlan(planned, policy));
  }
  return plans;
}

/**
 * A model's graph as GPUs run it.
 * @throws InputError for open shapes, and shapes that depend on the data of an input
 */
export function graphOf(model: Model, given: DimBindings = {}): Graph {
  const dims = bindDims(model.inputs, given);
  if (!dims) {
    throw new InputError('the input shapes are not known', {
      remedy: 'Pass dims for the symbolic dimensions or the inputs.',
    });
  }
  const graph = build(model, dims);
  rewriteGraph(graph);
  rewriteForGpu(graph);
  return graph;
}

function build(model: Model, dims: ReadonlyMap<string, readonly number[]>): Graph {
  try {
    return model.build({ dims });
  } catch (error) {
    if (!(error instanceof ValueNeeded)) throw error;
    const names = error.inputs.map(({ name }) => `"${name}"`).join(', ') || 'large constants';
    throw new InputError(`its ${error.purpose} depends on the data of ${names}`, {
      node: error.label,
      remedy: 'A plan exists only for given data: run the model with a profile to see its steps.',
      cause: error,
    });
  }
}

function nameOf({ name, vendor, architecture }: GpuIdentity): string {
  return name || [vendor, architecture].filter(Boolean).join(' ') || 'a GPU';
}
