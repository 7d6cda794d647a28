/**
 * The choice of an option, a kernel with its layouts, for every node of a network, so that kernels and transforms
 * together cost least: a PBQP, as Anderson and Gregg pose it (CGO 2018).
 *
 * A value that one node reads is an edge between its producer's options and its reader's. A value that several nodes
 * read is converted once per distinct layout, however many of them ask for it, and a sum over pairs of nodes cannot
 * say that: such a value becomes a node of its own, whose states are the sets of layouts that it may be asked for in.
 * Its producer's option and the set decide which transforms run; a reader's option is possible if the set holds its
 * layouts.
 */
import { LimitError } from '../../errors.js';
import {
  priceOf,
  transformsFrom,
  valuesOf,
  type LayoutProblem,
  type LayoutSet,
  type LayoutTransform,
  type NetworkValue,
} from './network.js';
import { solvePbqp, type CostRange, type PbqpEdge, type PbqpSolution } from './pbqp.js';
import type { SearchBudget } from './search.js';

/** An option other than the chosen one, and the least that the network costs with it, in nanoseconds. */
export interface RunnerUp extends CostRange {
  readonly option: number;
}

/** A choice; `cost` and `lowerBound` are in nanoseconds for the whole network. */
export interface LayoutSolution extends CostRange {
  readonly status: 'solved';
  /** The index of each node's option. */
  readonly options: readonly number[];
  readonly transforms: readonly LayoutTransform[];
  /** Whether the choice is proved to be the cheapest, to a part in 10^9. */
  readonly optimal: boolean;
  /** How far above the lower bound the cost is, as a part of the cost: 0 when optimal. */
  readonly gap: number;
  /** States tried by branch and bound; 0 if reductions were enough. */
  readonly steps: number;
  /**
   * The least that the network costs if a node runs as a given option. Exact and at once where reductions were
   * enough; else within the budget, which is 0.1 s by default.
   * @throws RangeError for a node or option that the problem does not have
   */
  readonly forceCost: (node: number, option: number, budget?: SearchBudget) => CostRange;
  /** The best of a node's other options; undefined if it has none that is possible. The budget is for each of them. */
  readonly runnerUp: (node: number, budget?: SearchBudget) => RunnerUp | undefined;
}

export type LayoutResult =
  | LayoutSolution
  /** There is no possible choice; `nodes` are those that contradict each other. */
  | { readonly status: 'infeasible'; readonly nodes: readonly number[] }
  /** The budget was spent before any choice was found. */
  | { readonly status: 'unknown'; readonly lowerBound: number };

/** For a forced cost where reductions are not enough: there may be hundreds of them. */
const FORCING_BUDGET: SearchBudget = { milliseconds: 100 };

/**
 * Chooses an option for every node. The same problem gives the same choice, unless time runs out.
 * @param budget of branch and bound; by default 2 s
 * @throws TypeError if the problem contradicts itself
 * @throws LimitError if a value has too many layouts
 */
export function chooseLayouts(problem: LayoutProblem, budget?: SearchBudget): LayoutResult {
  const values = valuesOf(problem);
  const states = statesOf(problem, values);
  const result = solvePbqp(encoded(problem, values, states), budget);
  if (result.status === 'infeasible') {
    return { status: 'infeasible', nodes: result.nodes.filter((node) => node < problem.nodes.length) };
  }
  if (result.status === 'unknown') return result;
  const options = problem.nodes.map((_, node) => states[node][result.choice[node]][0]);
  const { cost, transforms } = priceOf(problem, options, values);
  const lowerBound = result.optimal ? cost : Math.min(cost, result.lowerBound);
  const { optimal, steps } = result;
  const gap = cost > 0 ? (cost - lowerBound) / cost : 0;
  const explanations = explaining(problem, states, options, { cost, lowerBound }, result);
  return { status: 'solved', options, transforms, cost, lowerBound, optimal, gap, steps, ...explanations };
}

/** A node's options that no neighbour can tell apart, the cheapest first. */
type OptionGroup = readonly number[];

/** The states of each node: one for all options in the same layouts. Layouts that nobody asks for do not matter. */
function statesOf(problem: LayoutProblem, values: readonly NetworkValue[]): OptionGroup[][] {
  const traits = problem.nodes.map(({ options }) => options.map((): number[] => []));
  for (const { producer, sources, readers } of values) {
    if (producer !== undefined) for (const [i, source] of sources.entries()) traits[producer][i].push(source);
    for (const [node, sets] of readers) for (const [i, set] of sets.entries()) traits[node][i].push(set);
  }
  return problem.nodes.map(({ options }, node) => {
    const groups = new Map<string, number[]>();
    for (const [i, trait] of traits[node].entries()) {
      const key = trait.join();
      groups.set(key, [...(groups.get(key) ?? []), i]);
    }
    // Infinite costs compare equal.
    const byCost = (i: number, j: number): number => options[i].cost - options[j].cost || i - j;
    return Array.from(groups.values(), (group) => group.sort(byCost));
  });
}

function encoded(
  problem: LayoutProblem,
  values: readonly NetworkValue[],
  states: readonly OptionGroup[][],
): { nodes: Float64Array[]; edges: PbqpEdge[] } {
  const nodes = problem.nodes.map(({ options }, node) =>
    Float64Array.from(states[node], ([cheapest]) => options[cheapest].cost),
  );
  const edges: PbqpEdge[] = [];
  const addNode = (size: number): number => nodes.push(new Float64Array(size)) - 1;
  for (const value of values) {
    const { producer, sources, wanted, readers } = value;
    const from = producer === undefined ? sources : states[producer].map(([option]) => sources[option]);
    const asked = Array.from(readers, ([node, sets]) => ({
      node,
      sets: states[node].map(([option]) => sets[option]),
    }));
    const source = producer ?? addNode(1);
    const [only] = asked;
    if (asked.length === 1) {
      const sets = only.sets.map((set) => set | wanted);
      edges.push({ a: source, b: only.node, costs: conversions(value, from, sets) });
      continue;
    }
    const unions = possibleUnions(value, wanted, asked);
    const shared = addNode(unions.length);
    edges.push({ a: source, b: shared, costs: conversions(value, from, unions) });
    for (const { node, sets } of asked) {
      const costs = unions.flatMap((union) => sets.map((set) => ((set & ~union) === 0 ? 0 : Infinity)));
      edges.push({ a: shared, b: node, costs });
    }
  }
  return { nodes, edges };
}

/** What it costs to have a value in each set of layouts, by the layout it is computed in. */
function conversions(value: NetworkValue, from: readonly number[], sets: readonly LayoutSet[]): number[] {
  const priced = (source: number, set: LayoutSet): number =>
    transformsFrom(value, source, set).reduce((sum, { cost }) => sum + cost, 0);
  return from.flatMap((source) => sets.map((set) => priced(source, set)));
}

/** Sets of layouts that one value may be asked for in. */
const MAX_SETS = 4096;

/** The sets that readers can ask for together. */
function possibleUnions(
  { id }: NetworkValue,
  wanted: LayoutSet,
  asked: readonly { readonly sets: readonly LayoutSet[] }[],
): LayoutSet[] {
  let unions = [wanted];
  for (const { sets } of asked) {
    const grown = new Set<LayoutSet>();
    for (const union of unions) for (const set of sets) grown.add(union | set);
    if (grown.size > MAX_SETS) {
      throw new LimitError(
        `value ${id} of the plan may be asked for in more than ${MAX_SETS} sets of layouts`,
        {
          remedy: 'Offer fewer layouts to the nodes that read it.',
        },
      );
    }
    unions = [...grown];
  }
  return unions.sort((a, b) => a - b);
}

/** What the alternatives would cost; each state's least cost is kept. */
function explaining(
  problem: LayoutProblem,
  states: readonly OptionGroup[][],
  chosen: readonly number[],
  total: CostRange,
  solution: PbqpSolution,
): Pick<LayoutSolution, 'forceCost' | 'runnerUp'> {
  const forceCost = (node: number, option: number, budget: SearchBudget = FORCING_BUDGET): CostRange => {
    const state = states[node]?.findIndex((group) => group.includes(option)) ?? -1;
    if (state < 0) throw new RangeError(`the problem has no option ${option} of a node ${node}`);
    const { options } = problem.nodes[node];
    const [cheapest] = states[node][state];
    const extra = options[option].cost - options[cheapest].cost;
    if (options[option].cost === Infinity) return { cost: Infinity, lowerBound: Infinity };
    const { cost, lowerBound } = cheapest === chosen[node] ? total : solution.forced(node, state, budget);
    return { cost: cost + extra, lowerBound: lowerBound + extra };
  };
  const runnerUp = (node: number, budget?: SearchBudget): RunnerUp | undefined => {
    const groups = states[node] ?? [];
    // Of each group only the cheapest, and the second of the group that was chosen, can be next.
    const rivals = groups.map(([first, second]) => (first === chosen[node] ? second : first));
    const forced = rivals
      .filter((option) => option !== undefined)
      .map((option) => ({ option, ...forceCost(node, option, budget) }));
    const cost = Math.min(...forced.map((rival) => rival.cost));
    const best = forced.find((rival) => rival.cost === cost);
    if (!best || cost === Infinity) return undefined;
    return { option: best.option, cost, lowerBound: Math.min(...forced.map((rival) => rival.lowerBound)) };
  };
  return { forceCost, runnerUp };
}
