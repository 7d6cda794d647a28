/** Why a plan is as it is: for every step what else there was, and what it would have cost the network. */
import type { Candidate } from '../candidates/candidate.js';
import type { Node } from '../graph/index.js';
import type { Cost } from '../tune/profile/model.js';
import type { Spread } from '../tune/timing/measure.js';
import type { DeviceProfile, Roofs } from '../tune/profile/profile.js';
import type { ProfileSource } from '../tune/profile/profiles.js';
import { buildPlan, type BuiltPlan } from './build.js';
import { chosenBy, parsePlan, type PlanDocument } from './document.js';
import { lint, type Finding } from './lint/index.js';
import { isAbsorbing } from './fusion.js';
import type { Choice, Rival } from './network.js';
import type { Plan } from './plan.js';
import type { PlannedNetwork } from './planner.js';
import { POLICY_NAMES, policyNamed, type PolicyName } from './policies/index.js';
import type { TrialRun } from './trial.js';

/** The best other way to run a node. */
export interface RunnerUp {
  /** The candidate's id. */
  readonly kernel: string;
  readonly inputLayouts: readonly string[];
  readonly outputLayout: string;
  /** What it takes itself. */
  readonly cost: Cost;
  /** Nanoseconds that the whole network would take more, transforms included and everything else chosen anew. */
  readonly extra: number;
}

export interface Why {
  /** Ways to run the node that the policy allowed. */
  readonly allowed: number;
  /** Ways to run it at all. */
  readonly possible: number;
  /** What the policy says of it: `C = 3 < Ct = 128`; null where costs decided. */
  readonly rule: string | null;
  /** Null where there is no other way under the policy. */
  readonly runnerUp: RunnerUp | null;
}

/** Sums over a plan. Times are nanoseconds, expected. */
export interface Totals {
  readonly time: number;
  /** Of it, conversions between layouts. */
  readonly transforms: number;
  /** The part of the time that rests on measured costs, 0 to 1. */
  readonly measuredShare: number;
  /** What the roofline allows. */
  readonly floor: number;
  readonly launches: number;
  readonly transformCount: number;
  readonly flops: number;
  /** Ideal bytes. */
  readonly bytes: number;
  /** Bytes that the launches bind: see `PlanStep.movedBytes`. */
  readonly movedBytes: number;
  /** Memory of activations, and the least that this order of steps needs. */
  readonly arenaBytes: number;
  readonly liveBytes: number;
  readonly constantBytes: number;
}

export interface PolicySummary {
  readonly policy: PolicyName;
  readonly totals: Totals;
  /** Whether the choice was proved to be the cheapest that the policy allows. */
  readonly optimal: boolean;
  /** Nanoseconds of a run, where one was measured. */
  readonly measured: Spread | null;
}

export interface Explanation {
  readonly plan: PlanDocument;
  /** By step; null for transforms. */
  readonly why: readonly (Why | null)[];
  /** Nanoseconds of every step, each timed alone, where a run was measured. */
  readonly measured: readonly number[] | null;
  /** Nanoseconds of the whole run, where one was measured. */
  readonly run: Spread | null;
  readonly totals: Totals;
  /** Where roofs and modelled costs come from. */
  readonly profile: {
    readonly name: string;
    readonly source: ProfileSource;
    readonly measured: string | null;
    readonly roofs: Roofs;
  };
  /** Whole runs that decided where policies' choices were too close to be told apart by costs. */
  readonly trial: readonly TrialRun[];
  /** Every policy on the same costs. */
  readonly policies: readonly PolicySummary[];
  readonly findings: readonly Finding[];
  /** What its reader should know first, such as which kernels do not compile on the device: sentences. */
  readonly notes: readonly string[];
}

/** What a policy makes of a network. */
export interface PolicyPlan {
  readonly policy: PolicyName;
  readonly choice: Choice;
  readonly built: BuiltPlan;
}

/**
 * Every policy's choice, on the costs of a planned network.
 * @param onPolicy told of each before it is made: each takes as long as planning did
 */
export function policyPlans(
  planned: PlannedNetwork,
  onPolicy: (policy: PolicyName) => void = () => undefined,
): PolicyPlan[] {
  return POLICY_NAMES.map((policy): PolicyPlan => {
    if (!planned.choice || planned.document.policy !== policy) onPolicy(policy);
    return policyPlan(planned, policy);
  });
}

/** One policy's choice on the costs of a planned network: the plan itself, where it is of this policy. */
export function policyPlan(planned: PlannedNetwork, policy: PolicyName): PolicyPlan {
  const { network, book, profile, choice, built, document } = planned;
  if (choice && document.policy === policy) return { policy, choice, built };
  const named = policyNamed(policy, profile.profile.thresholds);
  const own = network.choose(named, book, { measured: isMeasured(planned) });
  return { policy, choice: own, built: buildPlan(network.graph, network.context, own.chosen, book) };
}

/** Explains a planned network. @param plans what it is compared with */
export function explain(planned: PlannedNetwork, plans = policyPlans(planned)): Explanation {
  const { network, book, profile, built, document } = planned;
  const nodes = network.choices.map((_, i) => whyOf(planned, i));
  return {
    plan: document,
    why: built.plan.steps.map(({ node }) => (node === null ? null : nodes[node])),
    measured: null,
    run: null,
    trial: planned.runs,
    totals: totalsOf(built.plan),
    profile: sourceOfCosts(profile.profile, profile.source),
    policies: plans.map(({ policy, choice, built: { plan } }): PolicySummary => ({
      policy,
      totals: totalsOf(plan),
      optimal: choice.optimal,
      measured: null,
    })),
    findings: lint({
      plan: built.plan,
      network,
      chosen: chosenOf(planned),
      book,
      measured: isMeasured(planned),
    }),
    notes: planned.notes,
  };
}

/** Where costs come from, as an explanation says it. */
export function sourceOfCosts(
  { name, measured, roofs }: DeviceProfile,
  source: ProfileSource,
): Explanation['profile'] {
  return { name, source, measured, roofs };
}

/** Whether the plan was chosen among what was measured alone. */
function isMeasured({ document }: PlannedNetwork): boolean {
  return document.tuning === 'measured';
}

/** The candidates of a plan; of a saved one, those that it names. */
function chosenOf({ network, choice, document }: PlannedNetwork): ReadonlyMap<Node, Candidate> {
  return choice?.chosen ?? chosenBy([parsePlan(document)], network).chosen;
}

function whyOf(planned: PlannedNetwork, place: number): Why {
  const { network, choice } = planned;
  const { node, candidates } = network.choices[place];
  const rival = choice?.rival(node);
  return {
    allowed: choice ? choice.policy.allow(node, candidates).length : candidates.length,
    possible: candidates.length,
    rule: choice ? ruleOf(choice, node) : 'saved plan',
    // What failed on this device costs infinitely much: it is no other way.
    runnerUp:
      choice && rival && Number.isFinite(rival.network) ? runnerUpOf(planned, node, rival, choice) : null,
  };
}

/** What a policy says of a node, and of the node whose work its kernel does too. */
function ruleOf({ policy, chosen }: Choice, node: Node): string | null {
  const candidate = chosen.get(node);
  const nodes = candidate && isAbsorbing(candidate) ? [candidate.producer, node] : [node];
  const rules = new Set(nodes.flatMap((one) => policy.reason(one) ?? []));
  return rules.size > 0 ? [...rules].join(', ') : null;
}

function runnerUpOf(
  { network, book }: PlannedNetwork,
  node: Node,
  { candidate, network: time }: Rival,
  choice: Choice,
): RunnerUp {
  const pair = network.choices
    .flatMap(({ node: consumer, fused }) => fused.map((sides) => ({ consumer, ...sides })))
    .find(({ absorbed, absorbing }) => absorbed === candidate || absorbing === candidate);
  // One kernel for two nodes is named as itself, whichever of them asks.
  const kernel = pair ? pair.absorbing.own : candidate;
  return {
    kernel: kernel.id,
    inputLayouts: kernel.inputs.map((layout) => layout?.name ?? ''),
    outputLayout: kernel.outputs[0].name,
    cost: pair ? book.ofCandidate(pair.consumer, pair.absorbing) : book.ofCandidate(node, candidate),
    extra: time - choice.cost,
  };
}

export function totalsOf(plan: Plan): Totals {
  const totals = {
    time: 0,
    transforms: 0,
    floor: 0,
    launches: 0,
    transformCount: 0,
    flops: 0,
    bytes: 0,
    movedBytes: 0,
  };
  let measured = 0;
  for (const { node, cost, launches, flops, bytes, movedBytes } of plan.steps) {
    const time = cost?.median ?? 0;
    totals.time += time;
    totals.floor += cost?.floor ?? 0;
    totals.launches += launches.length;
    totals.flops += flops;
    totals.movedBytes += movedBytes;
    if (cost?.origin === 'measured') measured += time;
    if (node === null) {
      totals.transforms += time;
      totals.transformCount++;
    } else {
      totals.bytes += bytes;
    }
  }
  return {
    ...totals,
    measuredShare: totals.time > 0 ? measured / totals.time : 0,
    arenaBytes: plan.banks.reduce((sum, bytes) => sum + bytes, 0),
    liveBytes: plan.lowerBound,
    constantBytes: plan.constantBytes,
  };
}
