/**
 * A plan as plain JSON. It names candidates; it does not hold kernels: who loads it makes them again, so that no file can
 * bring code or memory offsets of its own. What it says of steps and memory is for readers, and the hashes of the
 * kernels' texts tell whether they are still the same.
 */
import { codeOf, type GpuIdentity } from '../devices/gpu.js';
import { PlanError } from '../errors.js';
import type { Candidate } from '../candidates/candidate.js';
import { PRECISIONS, precisionOf, type Precision } from '../candidates/precision.js';
import { candidateNamed } from '../candidates/grid.js';
import type { Node } from '../graph/index.js';
import { identityKey } from '../tune/store/cost-key.js';
import { JsonValue } from '../tune/store/json-value.js';
import { identityOf } from '../tune/profile/parse-profile.js';
import { isAbsorbed, isAbsorbing } from './fusion.js';
import { digestOf, fingerprintOf } from './fingerprint.js';
import type { Network } from './network.js';
import type { Plan, PlanLaunch, PlanPreparation, PlanStep } from './plan.js';
import { POLICY_NAMES, type PolicyName } from './policies/index.js';

/** How costs were known: by the model alone, or by measuring where it mattered. */
export const TUNINGS = ['modelled', 'measured'] as const;
export type Tuning = (typeof TUNINGS)[number];

export interface DocumentLaunch {
  /** The kernel's id. */
  readonly kernel: string;
  /** Hash of its text. */
  readonly digest: string;
  readonly grid: readonly [number, number, number];
  readonly workgroup: readonly [number, number, number];
  /** Indices into the document's tensors. */
  readonly tensors: readonly number[];
}

export interface DocumentStep extends Omit<PlanStep, 'launches'> {
  readonly launches: readonly DocumentLaunch[];
}

export interface DocumentPreparation extends Omit<PlanPreparation, 'launches'> {
  readonly launches: readonly DocumentLaunch[];
}

export interface PlanDocument extends Omit<Plan, 'preparations' | 'steps'> {
  readonly format: 'lanewise-plan';
  readonly version: 1;
  readonly graph: { readonly name: string; readonly fingerprint: string };
  readonly device: GpuIdentity;
  /** How f32 tensors are stored and multiplied. */
  readonly dtype: Precision;
  readonly policy: PolicyName;
  readonly tuning: Tuning;
  /** The candidate of each node, in the graph's topological order. */
  readonly choices: readonly string[];
  /** Nanoseconds: what the network is expected to take, and what no choice under the policy goes below. */
  readonly predicted: number;
  readonly bound: number;
  /** Whether the choice was proved to be the cheapest. */
  readonly optimal: boolean;
  readonly preparations: readonly DocumentPreparation[];
  readonly steps: readonly DocumentStep[];
}

/** What a document says besides the plan itself. */
export type PlanFacts = Pick<
  PlanDocument,
  'device' | 'dtype' | 'policy' | 'tuning' | 'predicted' | 'bound' | 'optimal'
>;

export function documentOf(
  network: Network,
  chosen: ReadonlyMap<Node, Candidate>,
  plan: Plan,
  facts: PlanFacts,
): PlanDocument {
  const { graph, choices } = network;
  return {
    format: 'lanewise-plan',
    version: 1,
    graph: { name: graph.name, fingerprint: fingerprintOf(graph) },
    ...facts,
    choices: choices.map(({ node }) => chosen.get(node)?.id ?? ''),
    ...plan,
    preparations: plan.preparations.map(withDigests),
    steps: plan.steps.map(withDigests),
  };
}

function withDigests<T extends PlanPreparation | PlanStep>(
  part: T,
): Omit<T, 'launches'> & { readonly launches: readonly DocumentLaunch[] } {
  const launches = part.launches.map(({ source, tensors }: PlanLaunch) => {
    const { id, grid, workgroup } = source;
    return { kernel: id, digest: digestOf(codeOf(source)), grid, workgroup, tensors };
  });
  return { ...part, launches };
}

/** What of a document decides, checked. */
export interface LoadedPlan extends PlanFacts {
  readonly fingerprint: string;
  readonly choices: readonly string[];
  /** Hashes of the kernels' texts, in the order of the launches: those of preparations first. */
  readonly digests: readonly string[];
}

/**
 * Reads a document, such as `JSON.parse` returns it.
 * @throws PlanError naming what is wrong with it
 */
export function parsePlan(value: unknown): LoadedPlan {
  const origin = { source: 'the saved plan', remedy: 'Pass what `session.plan` was, unchanged.' };
  const document = new JsonValue(value, origin);
  document.field('format').oneOf(['lanewise-plan']);
  document.field('version').oneOf([1]);
  const time = (name: string): number => document.field(name).number({ least: 0 });
  return {
    fingerprint: document.field('graph').field('fingerprint').text(),
    device: identityOf(document.field('device')),
    dtype: document.field('dtype').oneOf(PRECISIONS),
    policy: document.field('policy').oneOf(POLICY_NAMES),
    tuning: document.field('tuning').oneOf(TUNINGS),
    predicted: time('predicted'),
    bound: time('bound'),
    optimal: document.field('optimal').raw === true,
    choices: textsOf(document.field('choices')),
    digests: [...document.field('preparations').items({}), ...document.field('steps').items({})]
      .flatMap((part) => part.field('launches').items({}))
      .map((launch) => launch.field('digest').text()),
  };
}

function textsOf(list: JsonValue): string[] {
  return list.items({}).map((item) => item.text());
}

/**
 * The candidates that the loaded plan for a graph names.
 * @throws PlanError when none is for this graph, or it names what this device cannot run
 */
export function chosenBy(
  plans: readonly LoadedPlan[],
  network: Network,
): { readonly loaded: LoadedPlan; readonly chosen: ReadonlyMap<Node, Candidate> } {
  const { graph, choices, context } = network;
  const fingerprint = fingerprintOf(graph);
  const fitting = plans.filter(
    (plan) => plan.fingerprint === fingerprint && plan.choices.length === choices.length,
  );
  // One graph may have a plan for each precision.
  const precision = precisionOf(context);
  const loaded = fitting.find(({ dtype }) => dtype === precision) ?? fitting[0];
  if (!loaded) throw unfit('is for another graph, or for other input shapes');
  if (loaded.dtype !== precision) {
    throw unfit(`computes in ${loaded.dtype}, and ${precision} is asked for`);
  }
  const ways = waysToRun(network);
  const chosen = new Map(
    choices.map(({ node }, i) => {
      const candidate = candidateNamed(ways.get(node) ?? [], loaded.choices[i]);
      if (candidate) return [node, candidate];
      throw unfit(`runs ${node.label} as ${loaded.choices[i]}, which is not to be had on this device`);
    }),
  );
  for (const [node, candidate] of chosen) {
    const partner = isAbsorbed(candidate)
      ? candidate.consumer
      : isAbsorbing(candidate)
        ? candidate.producer
        : node;
    const other = chosen.get(partner);
    const agree = partner === node || (other && isPairOf(candidate, other));
    if (!agree) throw unfit(`runs ${node.label} as ${candidate.id}, but not ${partner.label} with it`);
  }
  return { loaded, chosen };
}

/** Everything that a plan may name for each node, other sizes of its kernels apart. */
function waysToRun({ choices }: Network): Map<Node, Candidate[]> {
  const ways = new Map(choices.map(({ node, candidates }): [Node, Candidate[]] => [node, [...candidates]]));
  for (const { node, fused } of choices) {
    for (const { absorbed, absorbing } of fused) {
      ways.get(node)?.push(absorbing);
      ways.get(absorbing.producer)?.push(absorbed);
    }
  }
  return ways;
}

/** Whether two candidates are the two sides of one kernel: the value between them has one form. */
function isPairOf(a: Candidate, b: Candidate): boolean {
  const [first, second] = isAbsorbed(a) ? [a, b] : [b, a];
  return first.outputs[0].name === second.inputs[0]?.name;
}

/**
 * Checks that a plan made on this very device still means the same kernels. On another device the texts may differ for
 * its limits, and nothing is claimed about times.
 * @throws PlanError when a kernel has changed
 */
export function checkFresh(loaded: LoadedPlan, plan: Plan, device: GpuIdentity): void {
  if (identityKey(device) !== identityKey(loaded.device)) return;
  const launches = [...plan.preparations, ...plan.steps].flatMap((part) => part.launches);
  const stale = launches.find(({ source }, i) => digestOf(codeOf(source)) !== loaded.digests[i]);
  if (stale) throw unfit(`is stale: kernel ${stale.source.id} has changed since it was made`);
  if (launches.length !== loaded.digests.length) throw unfit('is stale: it has other launches');
}

function unfit(why: string): PlanError {
  return new PlanError(`the saved plan ${why}`, {
    remedy: 'Leave the plan out, and save the one that is made then.',
  });
}
