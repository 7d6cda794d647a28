/** A planned model that answers "what if": another policy, or a kernel or layout forced on some of its steps. */
import type { Candidate } from '../candidates/candidate.js';
import { InputError } from '../errors.js';
import type { Model, Node } from '../graph/index.js';
import { basisOf, type PlanBasis } from '../plan/basis.js';
import { buildPlan } from '../plan/build.js';
import { documentOf } from '../plan/document.js';
import { explain } from '../plan/explain.js';
import { isAbsorbed, isAbsorbing } from '../plan/fusion.js';
import type { Forced } from '../plan/network.js';
import type { PlannedNetwork } from '../plan/planner.js';
import { policyNamed, type PolicyName } from '../plan/policies/index.js';
import type { Cost } from '../tune/profile/model.js';
import { explainPlan, type ExplainOptions, type ExplainedPlan, type ModelExplanation } from './explain.js';
import { browserPlatform, type Platform } from './open-device.js';

/** How one node is to run. */
export interface ForcedStep {
  /** The node's place in topological order: `DocumentStep.node`. */
  readonly node: number;
  /** A candidate's id; any when left out. */
  readonly kernel?: string;
  /** Names of the layouts that it reads its activation in and writes; any when left out. */
  readonly inputLayout?: string;
  readonly outputLayout?: string;
}

/** What to plan instead. */
export interface WhatIf {
  /** The policy of the plan when left out. */
  readonly policy?: PolicyName;
  readonly forced?: readonly ForcedStep[];
}

/** One way to run a node. */
export interface Alternative {
  /** The candidate's id. */
  readonly kernel: string;
  readonly inputLayouts: readonly string[];
  readonly outputLayout: string;
  /** What it takes itself. */
  readonly cost: Cost;
  /** Whether it does the work of the node before it too. */
  readonly fused: boolean;
}

export class Inspection {
  /** Why the plan is as it is. */
  readonly explanation: ModelExplanation;
  readonly #explained: ExplainedPlan;

  constructor(explained: ExplainedPlan) {
    this.explanation = explained.explanation;
    this.#explained = explained;
  }

  /** What the plan rests on, as plain JSON: with it the same is planned and answered where the device is not. */
  get basis(): PlanBasis {
    return basisOf(this.#explained.planned);
  }

  /**
   * Every way to run a node, the cheapest first.
   * @param node its place in topological order: `DocumentStep.node`
   * @throws InputError for a node that is not there
   */
  alternatives(node: number): Alternative[] {
    const { network, book } = this.#explained.planned;
    const choices = network.choices[node] ?? missing(node, network.choices.length);
    const ways = [...choices.candidates, ...book.otherSizes(choices.node, choices.candidates)];
    const fused = choices.fused.map(({ absorbing }) => absorbing);
    return [...ways, ...fused]
      .map((candidate): Alternative => {
        const { inputs, outputs } = isAbsorbing(candidate) ? candidate.own : candidate;
        return {
          kernel: candidate.id,
          inputLayouts: inputs.map((layout) => layout?.name ?? ''),
          outputLayout: outputs[0].name,
          cost: book.ofCandidate(choices.node, candidate),
          fused: isAbsorbing(candidate),
        };
      })
      .filter(({ cost }) => Number.isFinite(cost.median))
      .sort((a, b) => a.cost.median - b.cost.median);
  }

  /**
   * Plans again on the costs that are known, for as long as a search takes: nothing is measured. To run what comes of it,
   * pass its `plan` to `createSession`.
   * @throws InputError for a node that is not there, or cannot run so
   */
  whatIf({ policy: name, forced = [] }: WhatIf): ModelExplanation {
    const { planned, plans, explanation } = this.#explained;
    const { network, book, profile } = planned;
    const { device, dtype, policy: own, tuning } = planned.document;
    const policy = policyNamed(name ?? own, profile.profile.thresholds);
    const wanted = this.#forcedOf(forced);
    const choice = network.choose(policy, book, { measured: tuning === 'measured', forced: wanted });
    const built = buildPlan(network.graph, network.context, choice.chosen, book);
    const { cost: predicted, lowerBound: bound, optimal } = choice;
    const facts = { device, dtype, policy: policy.name, tuning, predicted, bound, optimal };
    const document = documentOf(network, choice.chosen, built.plan, facts);
    const other: PlannedNetwork = { ...planned, choice, built, runs: [], document };
    const nodes = new Set(forced.map(({ node }) => node));
    const fresh = explain(other, [...plans]);
    return {
      ...fresh,
      profile: explanation.profile,
      device: explanation.device,
      policies: explanation.policies,
      why: fresh.why.map((why, i) => {
        const { node } = document.steps[i];
        return why && node !== null && nodes.has(node) ? { ...why, rule: 'forced' } : why;
      }),
    };
  }

  #forcedOf(forced: readonly ForcedStep[]): Forced {
    const { network } = this.#explained.planned;
    const wanted = new Map<Node, (candidate: Candidate) => boolean>();
    for (const step of forced) {
      const { node } = network.choices[step.node] ?? missing(step.node, network.choices.length);
      wanted.set(node, (candidate) => !isAbsorbed(candidate) && fits(candidate, step));
    }
    return wanted;
  }
}

/**
 * Plans a model, says why so, and answers what else there is.
 * @param platform what opens GPUs here
 * @throws what `explainModel` throws
 */
export async function inspectModel(
  model: Model,
  options: ExplainOptions = {},
  platform: Platform = browserPlatform,
): Promise<Inspection> {
  return new Inspection(await explainPlan(model, options, platform));
}

function fits(candidate: Candidate, { kernel, inputLayout, outputLayout }: ForcedStep): boolean {
  const { inputs, outputs } = isAbsorbing(candidate) ? candidate.own : candidate;
  return (
    (kernel === undefined || candidate.id === kernel) &&
    (inputLayout === undefined || inputs[0]?.name === inputLayout) &&
    (outputLayout === undefined || outputs[0].name === outputLayout)
  );
}

function missing(node: number, count: number): never {
  throw new InputError(`there is no node ${node}`, { remedy: `Nodes are numbered from 0 to ${count - 1}.` });
}
