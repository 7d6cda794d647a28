/** Whole networks under every policy: how long they take, where the time goes, and what memory they need. */
import { precisionOf } from '../../candidates/precision.js';
import type { GpuDevice } from '../../devices/gpu.js';
import { DeviceError } from '../../errors.js';
import type { Graph } from '../../graph/index.js';
import { network } from '../../networks/index.js';
import { policyPlans, totalsOf, type PolicyPlan } from '../../plan/explain.js';
import { Planner, targetOf } from '../../plan/planner.js';
import { POLICY_NAMES } from '../../plan/policies/index.js';
import { graphOf } from '../../session/explain.js';
import { ConstantStore } from '../../session/gpu-constants.js';
import { GpuExecutable } from '../../session/gpu-executable.js';
import { randomInputs } from '../../session/random-inputs.js';
import { relativeError, type Tensor } from '../../tensor/index.js';
import type { CostStore } from '../../tune/store/cost-store.js';
import { WARM_UP_MS } from '../../tune/timing/measure.js';
import type { Tell } from '../bench.js';
import type { MemoryResult, NetworkResult, PolicyMemory, PolicyResult } from '../results.js';
import type { NetworkScale } from '../scale.js';
import type { Study } from '../study.js';

export interface NetworkStudy {
  readonly networks: readonly NetworkResult[];
  readonly memory: readonly MemoryResult[];
}

/** Which of the two experiments are wanted: they share their plans. */
export interface NetworkWishes {
  readonly networks: boolean;
  readonly memory: boolean;
}

/** The share of a network's time that planning takes. */
const PLANNING = 0.6;

export async function studyNetworks(
  study: Study,
  store: CostStore,
  wishes: NetworkWishes,
  tell: Tell,
): Promise<NetworkStudy> {
  const list = wishes.networks ? study.scale.networks : study.scale.memory;
  const networks: NetworkResult[] = [];
  const memory: MemoryResult[] = [];
  for (const [i, scale] of list.entries()) {
    const said: Tell = (what, share) => {
      tell(`${scale.name}, ${what}`, (i + share) / list.length);
    };
    const { graph, plans } = await plansOf(study, store, scale, wishes.networks, (what, share) => {
      said(what, PLANNING * share);
    });
    if (wishes.memory) memory.push({ ...scale, policies: plans.map(memoryOf) });
    if (!wishes.networks) continue;
    const timed = await timePolicies(study, graph, plans, (what, share) => {
      said(what, PLANNING + (1 - PLANNING) * share);
    });
    networks.push({ ...scale, ...timed });
  }
  return { networks, memory };
}

/** Every policy's plan, on costs that were measured if the plans are to be timed. */
async function plansOf(
  { device, context, signal }: Study,
  store: CostStore,
  { name, batch }: NetworkScale,
  measured: boolean,
  tell: Tell,
): Promise<{ readonly graph: Graph; readonly plans: readonly PolicyPlan[] }> {
  tell('building', 0);
  const graph = graphOf(network(name), { N: batch });
  const planner = new Planner(
    targetOf(device),
    {
      policy: 'optimal',
      dtype: precisionOf(context),
      tuning: measured && !device.software ? 'measured' : 'modelled',
      // What was measured before, by `lanewise tune` say, is known all the same.
      effort: 'low',
      compared: POLICY_NAMES,
      signal,
      onProgress: ({ what, done, total }) => {
        tell(`measuring its kernels: ${what}`, (0.8 * done) / Math.max(total, 1));
      },
    },
    store,
  );
  const planned = await planner.plan(graph);
  const plans = policyPlans(planned, (policy) => {
    signal?.throwIfAborted();
    tell(`planning for policy ${policy}`, 0.8 + (0.2 * POLICY_NAMES.indexOf(policy)) / POLICY_NAMES.length);
  });
  return { graph, plans };
}

function memoryOf({ policy, built: { plan } }: PolicyPlan): PolicyMemory {
  const { arenaBytes, liveBytes, constantBytes, movedBytes, bytes } = totalsOf(plan);
  return { policy, arenaBytes, liveBytes, constantBytes, movedBytes, idealBytes: bytes };
}

/** A plan that runs, and its samples. Policies that choose alike share one. */
interface Runner {
  readonly executable: GpuExecutable;
  readonly members: readonly PolicyPlan[];
  readonly samples: number[];
  readonly kinds: Map<string, number[]>;
  answers: Float64Array | undefined;
}

async function timePolicies(
  study: Study,
  graph: Graph,
  plans: readonly PolicyPlan[],
  tell: Tell,
): Promise<Pick<NetworkResult, 'policies' | 'failures'>> {
  const { device } = study;
  const store = new ConstantStore(device);
  const runners: Runner[] = [];
  const failures: string[] = [];
  try {
    for (const members of alike(plans)) {
      const names = members.map(({ policy }) => policy).join(', ');
      tell(`preparing ${names}`, 0);
      try {
        const executable = await GpuExecutable.create(device, members[0].built, store);
        runners.push({ executable, members, samples: [], kinds: new Map(), answers: undefined });
      } catch (error) {
        failures.push(`${names}: ${messageOf(error, device)}`);
      }
    }
    await runInTurn(study, graph, runners, tell);
  } finally {
    for (const { executable } of runners) await executable.dispose();
  }
  const reference = runners.find(({ answers }) => answers)?.answers;
  const results = runners.flatMap((runner) =>
    runner.members.map((plan) => resultOf(plan, runner, reference)),
  );
  return { policies: results.sort((a, b) => placeOf(a) - placeOf(b)), failures };
}

function placeOf({ policy }: PolicyResult): number {
  return POLICY_NAMES.indexOf(policy);
}

/** Plans that launch the same kernels in the same layouts, together. */
function alike(plans: readonly PolicyPlan[]): PolicyPlan[][] {
  const groups = new Map<string, PolicyPlan[]>();
  for (const one of plans) {
    const { steps } = one.built.plan;
    const key = steps.map(({ kernel, inputLayouts }) => [kernel, ...inputLayouts].join()).join(';');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

/** Rounds in which each has its turn; those in the first second, while the GPU raises its clock, do not count. */
async function runInTurn(
  { device, scale, signal }: Study,
  graph: Graph,
  runners: readonly Runner[],
  tell: Tell,
): Promise<void> {
  const inputs = new Map<string, Tensor>(Object.entries(randomInputs(graph.inputs)));
  const start = performance.now();
  const round = async (counts: boolean): Promise<void> => {
    for (const runner of runners) {
      const run = await runner.executable.run(inputs, { profile: true, signal });
      const [answers] = run.outputs.values();
      runner.answers = answers.toFloat64();
      if (counts) note(runner, run);
    }
  };
  tell('warming up', 0.1);
  do await round(false);
  while (!device.software && performance.now() - start < WARM_UP_MS);
  for (let i = 0; i < scale.networkRounds; i++) {
    tell(`round ${i + 1}`, 0.2 + (0.8 * i) / scale.networkRounds);
    await round(true);
  }
}

/** Takes in a run: the whole of it, and its steps by kind. */
function note(
  { samples, kinds }: Runner,
  {
    milliseconds = 0,
    steps = [],
  }: {
    readonly milliseconds?: number;
    readonly steps?: readonly { readonly op: string; readonly milliseconds: number }[];
  },
): void {
  samples.push(milliseconds * 1e6);
  const sums = new Map<string, number>();
  for (const { op, milliseconds: own } of steps) {
    const kind = kindOf(op);
    sums.set(kind, (sums.get(kind) ?? 0) + own * 1e6);
  }
  for (const [kind, sum] of sums) kinds.set(kind, [...(kinds.get(kind) ?? []), sum]);
}

/** The kind of a step: its operator without what is fused into it; a convolution with its pooling is one. */
export function kindOf(op: string): string {
  return op.split('+', 1)[0];
}

function resultOf(
  { policy, choice, built: { plan } }: PolicyPlan,
  { samples, kinds, answers }: Runner,
  reference: Float64Array | undefined,
): PolicyResult {
  return {
    policy,
    samples,
    predicted: choice.cost,
    proved: choice.optimal,
    error: answers && reference ? relativeError(answers, reference) : 0,
    kinds: Object.fromEntries(kinds),
    transforms: totalsOf(plan).transformCount,
  };
}

function messageOf(error: unknown, device: GpuDevice): string {
  if (!(error instanceof DeviceError) || device.lost) throw error;
  return error.message;
}
