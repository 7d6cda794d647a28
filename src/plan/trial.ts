/**
 * The last word of a measured choice has the whole network: costs of kernels that were measured apart add up to within
 * some percent, and where policies' choices are closer than that, their runs are timed side by side.
 */
import type { Choice, Network } from './network.js';
import { codeOf } from '../devices/gpu.js';
import { digestOf, fingerprintOf } from './fingerprint.js';
import type { BuiltPlan } from './build.js';
import type { PolicyName } from './policies/index.js';
import { invocationsOf } from '../tune/profile/model.js';
import { MEASURE_VERSION } from '../tune/store/cost-key.js';
import { RUN_CLASS, type CostRecord } from '../tune/store/cost-record.js';
import { spreadOf, type Samples } from '../tune/timing/measure.js';

/**
 * Times whole runs of plans for the same graph in turn.
 * @returns nanoseconds, every sample of each plan; undefined for one that does not fit or run
 */
export type RunTimer = (plans: readonly BuiltPlan[]) => Promise<(Samples | undefined)[]>;

/** A policy's choice and the plan of it. */
export interface TrialEntrant {
  readonly choice: Choice;
  readonly built: BuiltPlan;
}

/** A policy's whole run, as it was timed in a trial. */
export interface TrialRun {
  readonly policy: PolicyName;
  /** Nanoseconds, the median; undefined where the plan did not fit into memory. */
  readonly nanoseconds: number | undefined;
}

export interface TrialResult {
  /** The place of the fastest among the entrants. */
  readonly winner: number;
  /** By entrant. */
  readonly runs: readonly TrialRun[];
  /** Whole runs that were timed now, to be kept. */
  readonly records: readonly CostRecord[];
}

/**
 * By how much a choice may be predicted to be slower and still be tried. Over 85 plans of the eight networks on an H200
 * predictions were off by 1.8 % in the median and 8.6 % at most.
 */
const CLOSE = 1.05;

/** By how much a run must be faster than the one that is predicted to be: less is noise. */
const CLEARLY = 0.995;

/** Choices that are worth a trial against the first, which is the cheapest: different ones that are nearly as cheap. */
export function rivalsOf(cheapest: Choice, others: readonly Choice[]): Choice[] {
  const tried = new Set([textOf(cheapest)]);
  return others.filter((other) => {
    const text = textOf(other);
    if (other.cost > CLOSE * cheapest.cost || tried.has(text)) return false;
    tried.add(text);
    return true;
  });
}

function textOf({ chosen }: Choice): string {
  return [...chosen.values()].map(({ id }) => id).join(' ');
}

/**
 * Times entrants that were not timed before, and says which is fastest.
 * @param entrants the one with the least expected time first
 * @param known costs by key
 */
export async function trial(
  network: Network,
  entrants: readonly TrialEntrant[],
  known: ReadonlyMap<string, CostRecord>,
  timer: RunTimer,
): Promise<TrialResult> {
  const fingerprint = fingerprintOf(network.graph);
  const keys = entrants.map(({ built }) => runKey(fingerprint, built));
  const kept = keys.map((key) => known.get(key)?.samples);
  // Runs are compared within one session of measuring only: if one is missing, all are timed again.
  if (kept.every((samples) => samples !== undefined)) return { ...resultOf(entrants, kept), records: [] };
  const samples = await timer(entrants.map(({ built }) => built));
  const day = new Date().toISOString().slice(0, 10);
  const records = entrants.flatMap(({ built, choice }, i) => {
    const own = samples[i];
    if (!own) return [];
    const what = `a run of ${network.graph.name || 'a network'} under ${choice.policy.name}`;
    return [recordOf(keys[i], what, built, own, day)];
  });
  return { ...resultOf(entrants, samples), records };
}

/** The fastest is the first, unless another is clearly faster. */
function resultOf(
  entrants: readonly TrialEntrant[],
  samples: readonly (Samples | undefined)[],
): Omit<TrialResult, 'records'> {
  const medians = samples.map((own) => (own ? spreadOf(own).median : Infinity));
  const best = medians.indexOf(Math.min(...medians));
  return {
    winner: medians[best] < CLEARLY * medians[0] ? best : 0,
    runs: entrants.map(({ choice }, i) => ({
      policy: choice.policy.name,
      nanoseconds: Number.isFinite(medians[i]) ? medians[i] : undefined,
    })),
  };
}

/** All that a run's time depends on, on one device: kernels, sizes, and where tensors lie. */
function runKey(fingerprint: string, { plan }: BuiltPlan): string {
  const launches = plan.steps.flatMap((step) =>
    step.launches.map(({ source, tensors }) => [digestOf(codeOf(source)), source.grid, tensors]),
  );
  const places = plan.tensors.map(({ place }) => place);
  return digestOf(JSON.stringify([RUN_CLASS, MEASURE_VERSION, fingerprint, launches, places]));
}

function recordOf(
  key: string,
  what: string,
  { plan }: BuiltPlan,
  samples: Samples,
  measured: string,
): CostRecord {
  const launches = plan.steps.flatMap((step) => step.launches);
  const sum = (of: 'bytes' | 'flops'): number => plan.steps.reduce((total, step) => total + step[of], 0);
  return {
    key,
    id: RUN_CLASS,
    what,
    kernelClass: RUN_CLASS,
    samples,
    bytes: sum('bytes'),
    flops: sum('flops'),
    launches: Math.max(1, launches.length),
    invocations: Math.max(1, ...launches.map(({ source }) => invocationsOf(source))),
    measured,
  };
}
