/** A plan with what it was chosen from: what each finding looks at. */
import type { Candidate } from '../../candidates/candidate.js';
import type { Node, Value } from '../../graph/index.js';
import { LAYOUT_KINDS, layoutOf, type Layout, type LayoutKind } from '../../tensor/index.js';
import type { Roofs } from '../../tune/profile/profile.js';
import type { CostBook } from '../costs/costs.js';
import { isAbsorbed, isAbsorbing } from '../fusion.js';
import type { Network } from '../network.js';
import type { Plan, PlanStep } from '../plan.js';
import { OPTIMAL } from '../policies/index.js';
import { nearest } from '../policies/uniform.js';

/** A step and where it stands in the plan. */
export interface PlacedStep {
  readonly step: PlanStep;
  readonly place: number;
}

/** For a question on the way; the whole network's choice has its own. */
const BUDGET = { milliseconds: 50 };

export interface LintInput {
  /** With costs. */
  readonly plan: Plan;
  readonly network: Network;
  /** The candidates that the plan was built from. */
  readonly chosen: ReadonlyMap<Node, Candidate>;
  /** The costs that it was built with. */
  readonly book: CostBook;
  /** Whether only candidates whose costs were measured had a chance: see `ChooseOptions`. */
  readonly measured: boolean;
}

export class LintSubject implements LintInput {
  readonly plan: Plan;
  readonly network: Network;
  readonly chosen: ReadonlyMap<Node, Candidate>;
  readonly book: CostBook;
  readonly measured: boolean;
  readonly roofs: Roofs;
  /** Nanoseconds of all steps. */
  readonly total: number;
  readonly #places = new Map<Node, number>();
  readonly #transforms = new Map<string, number[]>();

  constructor({ plan, network, chosen, book, measured }: LintInput) {
    this.plan = plan;
    this.network = network;
    this.chosen = chosen;
    this.book = book;
    this.measured = measured;
    this.roofs = book.estimator.profile.roofs;
    this.total = plan.steps.reduce((sum, { cost }) => sum + (cost?.median ?? 0), 0);
    for (const [place, { node, name }] of plan.steps.entries()) {
      if (node !== null) this.#places.set(network.choices[node].node, place);
      else this.#transforms.set(name, [...(this.#transforms.get(name) ?? []), place]);
    }
  }

  get steps(): readonly PlanStep[] {
    return this.plan.steps;
  }

  /** The node that a step runs; undefined for transforms. */
  nodeOf({ node }: PlanStep): Node | undefined {
    return node === null ? undefined : this.network.choices[node].node;
  }

  candidateOf(node: Node): Candidate {
    const candidate = this.chosen.get(node);
    if (!candidate) throw new TypeError(`${node.label} has no candidate`);
    return candidate;
  }

  /** The step that runs a node; undefined for one that launches nothing. */
  stepOf(node: Node): PlacedStep | undefined {
    const place = this.#places.get(node);
    return place === undefined ? undefined : { step: this.steps[place], place };
  }

  /** The steps that convert a value. */
  conversionsOf({ name }: Value): PlacedStep[] {
    return (this.#transforms.get(name) ?? []).map((place) => ({ step: this.steps[place], place }));
  }

  /**
   * The least that the network takes, in nanoseconds, if some of its nodes stay as near to a layout as they can and all
   * others as they are. Transforms follow.
   */
  timeWith(nodes: ReadonlySet<Node>, kind: LayoutKind): number {
    const free = new Set([...nodes, ...Array.from(nodes).flatMap((node) => this.#partnerOf(node) ?? [])]);
    const allow = (node: Node, candidates: readonly Candidate[]): readonly Candidate[] =>
      free.has(node) ? nearest(node, candidates, kind) : [this.candidateOf(node)];
    return this.network.choose({ ...OPTIMAL, allow }, this.book, { budget: BUDGET, measured: this.measured })
      .cost;
  }

  /** The node that runs in one kernel with another. */
  #partnerOf(node: Node): Node | undefined {
    const candidate = this.candidateOf(node);
    if (isAbsorbed(candidate)) return candidate.consumer;
    return isAbsorbing(candidate) ? candidate.producer : undefined;
  }

  /** What the network takes as it is, in nanoseconds. */
  get time(): number {
    return this.timeWith(new Set(), 'nchw');
  }
}

/** The family that a layout is of; undefined for weights' and the row-major ones of odd ranks. */
export function kindOf({ name, order }: Layout): LayoutKind | undefined {
  return LAYOUT_KINDS.find((kind) => layoutOf(kind, order.length).name === name);
}
