/** A network and all the ways to run it; the choice among them under a policy. */
import { isCandidate, type Candidate, type CandidateContext } from '../candidates/candidate.js';
import { candidatesFor } from '../candidates/index.js';
import { DeviceError, InputError, UnsupportedError } from '../errors.js';
import { topologicalOrder, type Graph, type Node, type Value } from '../graph/index.js';
import { chooseLayouts, type LayoutSolution, type SearchBudget } from './assignment/index.js';
import type { Breather } from './breather.js';
import { classOf } from '../tune/profile/model.js';
import { layoutsOf, type CostBook, type CostQuery } from './costs/costs.js';
import { signatureOf } from './fingerprint.js';
import { fusedPairs, isInLayoutsOf, type FusedPair } from './fusion.js';
import { layoutProblem, type NodeChoices } from './layout-problem.js';
import type { Policy } from './policies/index.js';

/** A candidate other than the chosen one, and the least that the network takes with it, in nanoseconds. */
export interface Rival {
  readonly candidate: Candidate;
  readonly network: number;
}

/** One candidate for every node; times are nanoseconds for the whole network, transforms included. */
export interface Choice {
  readonly policy: Policy;
  readonly chosen: ReadonlyMap<Node, Candidate>;
  /** Conversions between them, and copies into assembled tensors. */
  readonly transforms: readonly CostQuery[];
  readonly cost: number;
  /** No choice that the policy allows costs less. */
  readonly lowerBound: number;
  /** Whether that is proved. */
  readonly optimal: boolean;
  /** The best of a node's other candidates that the policy allows; undefined where there is none. */
  rival(node: Node): Rival | undefined;
}

/** A node with all ways to run it. */
export interface NodeOptions extends NodeChoices {
  /** Kernels that do the work of the node before it too. */
  readonly fused: readonly FusedPair[];
}

/** The candidates of nodes; equal nodes share them, and what is known of them. */
class WaysToRun {
  readonly #context: CandidateContext;
  readonly #known = new Map<string, readonly Candidate[]>();

  constructor(context: CandidateContext) {
    this.#context = context;
  }

  of(node: Node): NodeOptions {
    // Pieces of memory are not for what may be a constant's: see `usable`.
    const signature = `${mayBeConstant(node.inputs[0])} ${signatureOf(node)}`;
    let candidates = this.#known.get(signature);
    if (!candidates) {
      candidates = usable(node, this.#context);
      this.#known.set(signature, candidates);
    }
    return { node, candidates, fused: fusedPairs(node, this.#context) };
  }
}

function optionsOf(graph: Graph, context: CandidateContext): NodeOptions[] {
  const ways = new WaysToRun(context);
  return topologicalOrder(graph).map((node) => ways.of(node));
}

export interface ChooseOptions {
  /** Of the search; about a second when left out. */
  readonly budget?: SearchBudget;
  /** Leave out candidates of which only the model knows the cost, where others are left. */
  readonly measured?: boolean;
  /** Nodes that are to run as some of their ways only, whatever the policy says of them. */
  readonly forced?: Forced;
}

/** By node, the ways to run it that are left. */
export type Forced = ReadonlyMap<Node, (candidate: Candidate) => boolean>;

export class Network {
  readonly graph: Graph;
  readonly context: CandidateContext;
  /** Every node with the candidates that apply, baselines apart, in topological order. */
  readonly choices: readonly NodeOptions[];

  /** @throws UnsupportedError naming a node that cannot run on a GPU */
  constructor(
    graph: Graph,
    context: CandidateContext,
    choices: readonly NodeOptions[] = optionsOf(graph, context),
  ) {
    this.graph = graph;
    this.context = context;
    this.choices = choices;
  }

  /**
   * The same in pieces, with the work that costs are told by: the kernels of every candidate.
   * @throws UnsupportedError naming a node that cannot run on a GPU
   */
  static async priced(graph: Graph, book: CostBook, breather: Breather): Promise<Network> {
    const ways = new WaysToRun(book.context);
    const choices: NodeOptions[] = [];
    for (const node of topologicalOrder(graph)) {
      const options = ways.of(node);
      choices.push(options);
      for (const candidate of options.candidates) book.candidateQuery(node, candidate);
      for (const { absorbing } of options.fused) book.candidateQuery(node, absorbing);
      await breather.breathe();
    }
    return new Network(graph, book.context, choices);
  }

  /**
   * What a model of costs is to learn from: of a node's candidates of one class in the same layouts the first, which is the
   * one that runs where nothing is measured, and fused kernels.
   */
  *typicalCandidates(): Generator<readonly [Node, Candidate]> {
    for (const { node, candidates, fused } of this.choices) {
      const firsts = new Map<string, Candidate>();
      for (const one of candidates) {
        const kind = `${layoutsOf(one)} ${classOf(one.id)}`;
        if (!firsts.has(kind)) firsts.set(kind, one);
      }
      for (const candidate of firsts.values()) yield [node, candidate];
      for (const { absorbing } of fused) yield [node, absorbing];
    }
  }

  /**
   * The cheapest choice that a policy allows.
   * @throws InputError for a node that is forced to run as it cannot
   */
  choose(
    policy: Policy,
    book: CostBook,
    { budget, measured = false, forced = new Map() }: ChooseOptions = {},
  ): Choice {
    const allowed = this.choices.map(({ node, candidates }) => {
      const ways = [...candidates, ...book.otherSizes(node, candidates)];
      if (forced.has(node)) return { node, candidates: ways };
      // A policy's layout with no kernel that works gives way to the next best.
      const possible = policy.allow(node, book.working(node, ways));
      const known = measured ? possible.filter((candidate) => book.isMeasuredFor(node, candidate)) : possible;
      return { node, candidates: known.length > 0 ? known : possible };
    });
    this.#addFused(allowed, book, { measured, forced });
    narrow(allowed, forced);
    const { problem, queriesOf, copiesOf } = layoutProblem(this.graph, allowed, book);
    const solution = chooseLayouts(problem, budget);
    if (solution.status === 'infeasible') throw this.#nothingWorks(solution.nodes, forced);
    // The search makes its first dive whatever its budget.
    if (solution.status !== 'solved') throw new TypeError(`the choice of layouts is ${solution.status}`);
    const choice = choiceOf(policy, allowed, solution);
    const copies = Array.from(choice.chosen).flatMap(([node, candidate]) => copiesOf(node, candidate));
    return { ...choice, transforms: [...solution.transforms.flatMap(queriesOf), ...copies] };
  }

  /** Every value can be transformed into every layout: there is no choice only where all kernels of a node have failed. */
  #nothingWorks(nodes: readonly number[], forced: Forced): DeviceError | InputError {
    const labels = nodes.map((node) => this.choices[node].node.label);
    if (forced.size > 0) {
      return new InputError(`the forced choices exclude each other at ${labels.join(' and ')}`, {
        remedy: 'Force less: one kernel may do the work of two nodes, and then both have to agree.',
      });
    }
    return new DeviceError(`no kernel for ${labels.join(' and ')} works on this device`, {
      remedy: 'Update its driver, or run the model on the CPU.',
    });
  }

  /** Adds the fused kernels in layouts that the policy allows to both of their nodes; to a forced node, all. */
  #addFused(
    allowed: NodeChoices[],
    book: CostBook,
    { measured, forced }: Required<Pick<ChooseOptions, 'measured' | 'forced'>>,
  ): void {
    const places = new Map(allowed.map(({ node }, i) => [node, i]));
    const add = (place: number, candidate: Candidate): void => {
      const { node, candidates } = allowed[place];
      allowed[place] = { node, candidates: [...candidates, candidate] };
    };
    for (const [place, { node, fused }] of this.choices.entries()) {
      for (const pair of fused) {
        const { absorbed, absorbing } = pair;
        const producer = places.get(absorbing.producer);
        if (producer === undefined) continue;
        const isKnown = !measured || book.isMeasuredFor(node, absorbing);
        const fits = isInLayoutsOf(pair, allowed[producer].candidates, allowed[place].candidates);
        if (!forced.has(node) && !(isKnown && fits)) continue;
        add(producer, absorbed);
        add(place, absorbing);
      }
    }
  }
}

/** Leaves of the forced nodes' candidates those that are wanted. @throws InputError where none is */
function narrow(allowed: NodeChoices[], forced: Forced): void {
  for (const [i, { node, candidates }] of allowed.entries()) {
    const wanted = forced.get(node);
    if (!wanted) continue;
    const left = candidates.filter(wanted);
    if (left.length === 0) {
      throw new InputError(`${node.label} cannot run as it is forced to`, {
        remedy: 'Take a kernel and a layout from its alternatives.',
      });
    }
    allowed[i] = { node, candidates: left };
  }
}

function choiceOf(
  policy: Policy,
  allowed: readonly NodeChoices[],
  solution: LayoutSolution,
): Omit<Choice, 'transforms'> {
  const { cost, lowerBound, optimal, options } = solution;
  const chosen = new Map(allowed.map(({ node, candidates }, i) => [node, candidates[options[i]]]));
  const places = new Map(allowed.map(({ node }, i) => [node, i]));
  return {
    policy,
    chosen,
    cost,
    lowerBound,
    optimal,
    rival: (node) => {
      const place = places.get(node);
      const next = place === undefined ? undefined : solution.runnerUp(place);
      if (place === undefined || !next) return undefined;
      return { candidate: allowed[place].candidates[next.option], network: next.cost };
    },
  };
}

/** Whether a value is a constant, or may be one's memory under another name. */
function mayBeConstant(value: Value | undefined): boolean {
  for (let at = value; at; at = at.producer?.inputs[0]) if (at.constant) return true;
  return false;
}

function usable(node: Node, context: CandidateContext): Candidate[] {
  try {
    const types = { inputs: node.inputTypes, outputs: node.outputTypes };
    const entries = candidatesFor(node.op, types, context);
    const candidates = entries
      .filter(isCandidate)
      // Constants are not in the arena, and have no pieces there.
      .filter(({ baseline, slices }) => !baseline && !(slices && mayBeConstant(node.inputs[0])));
    if (candidates.length > 0) return candidates;
    const reasons = entries.map((entry) => ('refused' in entry ? `${entry.id}: ${entry.refused}` : entry.id));
    throw new UnsupportedError(`${node.op.type} with these types on a GPU (${reasons.join('; ')})`);
  } catch (error) {
    throw error instanceof UnsupportedError ? error.at(node.label) : error;
  }
}
