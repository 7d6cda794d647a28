/** Times of whole networks, each policy's beside the others'. */
import type { GpuDevice } from '../devices/gpu.js';
import { DeviceError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import type { BuiltPlan } from '../plan/build.js';
import type { PolicyPlan } from '../plan/explain.js';
import type { Progress } from '../devices/device.js';
import type { PlannedNetwork } from '../plan/planner.js';
import type { PolicyName } from '../plan/policies/index.js';
import type { Tensor } from '../tensor/index.js';
import { spreadOf, type Samples, type Spread } from '../tune/timing/measure.js';
import { ConstantStore } from './gpu-constants.js';
import { GpuExecutable } from './gpu-executable.js';
import { randomInputs } from './random-inputs.js';

/** What was measured, in nanoseconds. */
export interface MeasuredRuns {
  /** Each step of the plan alone, the median over the rounds. */
  readonly steps: readonly number[];
  /** The whole plan. */
  readonly run: Spread;
  readonly policies: ReadonlyMap<PolicyName, Spread>;
  /** What could not be measured, and why: sentences. */
  readonly failures: readonly string[];
}

export interface MeasureRunsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Rounds that count. */
const ROUNDS = 7;
/** Fewer rounds are enough when they take longer than this. */
const FEW_ROUNDS = 3;
const LONG_MS = 30_000;
/** How long a GPU takes to raise its clock; rounds before that do not count. */
const WARM_UP_MS = 1000;

/**
 * Times whole runs of plans for one graph in turn, on seeded random inputs.
 * @returns nanoseconds, every sample of each; undefined for a plan that does not fit into the device's memory
 */
export async function timeRuns(
  gpu: GpuDevice,
  graph: Graph,
  plans: readonly BuiltPlan[],
  { signal, onProgress }: MeasureRunsOptions = {},
): Promise<(Samples | undefined)[]> {
  const store = new ConstantStore(gpu);
  const executables: (GpuExecutable | undefined)[] = [];
  try {
    for (const built of plans) {
      signal?.throwIfAborted();
      executables.push(await executableIfItFits(gpu, built, store, { signal, onProgress }));
    }
    const inputs = new Map<string, Tensor>(Object.entries(randomInputs(graph.inputs)));
    for (const executable of executables) await executable?.run(inputs, { signal });
    const samples = plans.map((): number[] => []);
    let done = 0;
    await inRounds(gpu, async (counts) => {
      if (counts) onProgress?.({ what: 'whole runs, side by side', done: done++, total: ROUNDS });
      for (const [i, executable] of executables.entries()) {
        signal?.throwIfAborted();
        const nanoseconds = await executable?.time(signal);
        if (counts && nanoseconds !== undefined) samples[i].push(nanoseconds);
      }
    });
    return samples.map((list) => (list.length > 0 ? list : undefined));
  } finally {
    for (const executable of executables) await executable?.dispose();
  }
}

/** Does the same again and again: until the GPU has raised its clock, which does not count, and then for the samples. */
async function inRounds({ software }: GpuDevice, round: (counts: boolean) => Promise<void>): Promise<void> {
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  do await round(false);
  while (elapsed() < (software ? 0 : WARM_UP_MS));
  for (let i = 0; i < ROUNDS && (i < FEW_ROUNDS || elapsed() < LONG_MS); i++) await round(true);
}

async function executableIfItFits(
  gpu: GpuDevice,
  built: BuiltPlan,
  store: ConstantStore,
  options: MeasureRunsOptions,
): Promise<GpuExecutable | undefined> {
  try {
    return await GpuExecutable.create(gpu, built, store, options);
  } catch (error) {
    if (!(error instanceof DeviceError) || gpu.lost) throw error;
    return undefined;
  }
}

/** A choice that runs, and its samples. */
interface Runner {
  readonly executable: GpuExecutable;
  /** Of whom it is. */
  readonly policies: PolicyName[];
  readonly runs: number[];
  readonly steps: number[][];
}

/**
 * Runs a plan and the other policies' plans of the same graph in turn, so that drift of the clock hits all alike, on
 * seeded random inputs. Policies that choose alike share their runs.
 * @throws DeviceError when the plan itself does not fit into the device's memory
 */
export async function measureRuns(
  gpu: GpuDevice,
  planned: PlannedNetwork,
  plans: readonly PolicyPlan[],
  options: MeasureRunsOptions = {},
): Promise<MeasuredRuns> {
  const store = new ConstantStore(gpu);
  const runners = new Map<string, Runner>();
  const failures: string[] = [];
  try {
    const own = await addRunner(runners, gpu, planned.built, store, options);
    for (const { policy, built } of plans) {
      options.signal?.throwIfAborted();
      try {
        const runner = await addRunner(runners, gpu, built, store, options);
        runner.policies.push(policy);
      } catch (error) {
        if (!(error instanceof DeviceError) || gpu.lost) throw error;
        failures.push(`Policy ${policy} could not be measured: ${error.message}`);
      }
    }
    await profileRuns(gpu, [...runners.values()], planned.network.graph, options);
    const policies = new Map<PolicyName, Spread>();
    for (const { policies: names, runs } of runners.values()) {
      for (const name of names) policies.set(name, spreadOf(runs));
    }
    const steps = own.steps[0].map((_, i) => spreadOf(own.steps.map((round) => round[i])).median);
    return { steps, run: spreadOf(own.runs), policies, failures };
  } finally {
    for (const { executable } of runners.values()) await executable.dispose();
  }
}

async function addRunner(
  runners: Map<string, Runner>,
  gpu: GpuDevice,
  built: BuiltPlan,
  store: ConstantStore,
  options: MeasureRunsOptions,
): Promise<Runner> {
  const key = built.plan.steps.map(({ kernel, inputLayouts }) => [kernel, ...inputLayouts].join()).join(';');
  let runner = runners.get(key);
  if (!runner) {
    const executable = await GpuExecutable.create(gpu, built, store, options);
    runners.set(key, (runner = { executable, policies: [], runs: [], steps: [] }));
  }
  return runner;
}

async function profileRuns(
  gpu: GpuDevice,
  runners: readonly Runner[],
  graph: Graph,
  { signal, onProgress }: MeasureRunsOptions,
): Promise<void> {
  const inputs = new Map<string, Tensor>(Object.entries(randomInputs(graph.inputs)));
  const total = ROUNDS * runners.length;
  let done = 0;
  await inRounds(gpu, async (counts) => {
    for (const { executable, policies, runs, steps } of runners) {
      onProgress?.({
        done,
        total,
        what: counts ? `the run under ${policies.join(', ') || 'the plan'}` : 'warming up',
      });
      const { milliseconds = 0, steps: profile = [] } = await executable.run(inputs, {
        profile: true,
        signal,
      });
      if (!counts) continue;
      done++;
      runs.push(milliseconds * 1e6);
      steps.push(profile.map((step) => step.milliseconds * 1e6));
    }
  });
}
