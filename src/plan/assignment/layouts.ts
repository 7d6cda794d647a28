/**
 * The choice of an option, a kernel with its layouts, for every node of a network, so that kernels and transforms
 * together cost least.
 */
import { encode, statesOf, type OptionGroup } from './encoding.js';
import { priceOf, valuesOf, type LayoutProblem, type LayoutTransform } from './network.js';
import { solvePbqp, type CostRange, type PbqpSolution } from './pbqp.js';
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
  /** States tried by branch and bound; 0 if it did not have to branch. */
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
 * @param budget of branch and bound; by default 1.5 s
 * @throws TypeError if the problem contradicts itself
 * @throws LimitError if a value has too many layouts
 */
export function chooseLayouts(problem: LayoutProblem, budget?: SearchBudget): LayoutResult {
  const values = valuesOf(problem);
  const states = statesOf(problem, values);
  const result = solvePbqp(encode(problem, values, states), budget);
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

/** What the alternatives would cost. */
function explaining(
  problem: LayoutProblem,
  states: readonly OptionGroup[][],
  chosen: readonly number[],
  total: CostRange,
  solution: PbqpSolution,
): Pick<LayoutSolution, 'forceCost' | 'runnerUp'> {
  const find = (node: number, option: number): { state: number; cheapest: number; extra: number } => {
    const state = states[node]?.findIndex((group) => group.includes(option)) ?? -1;
    if (state < 0) throw new RangeError(`the problem has no option ${option} of a node ${node}`);
    const { options } = problem.nodes[node];
    const [cheapest] = states[node][state];
    const { cost } = options[option];
    return { state, cheapest, extra: cost === Infinity ? Infinity : cost - options[cheapest].cost };
  };
  const forceCost = (node: number, option: number, budget: SearchBudget = FORCING_BUDGET): CostRange => {
    const { state, cheapest, extra } = find(node, option);
    if (extra === Infinity) return { cost: Infinity, lowerBound: Infinity };
    const { cost, lowerBound } = cheapest === chosen[node] ? total : solution.forced(node, state, budget);
    return { cost: cost + extra, lowerBound: lowerBound + extra };
  };
  const runnerUp = (node: number, budget?: SearchBudget): RunnerUp | undefined => {
    // Of each group only the cheapest, and the second of the group that was chosen, can be next.
    const rivals = (states[node] ?? [])
      .map(([first, second]) => (first === chosen[node] ? second : first))
      .filter((option) => option !== undefined)
      .map((option) => {
        const { state, extra } = find(node, option);
        return { option, atLeast: solution.atLeast(node, state) + extra };
      })
      .sort((a, b) => a.atLeast - b.atLeast || a.option - b.option);
    let option: number | undefined;
    let best = Infinity;
    let proved = Infinity;
    for (const rival of rivals) {
      if (rival.atLeast >= best) break;
      const { cost, lowerBound } = forceCost(node, rival.option, budget);
      proved = Math.min(proved, lowerBound);
      if (cost < best) {
        best = cost;
        option = rival.option;
      }
    }
    return option === undefined ? undefined : { option, cost: best, lowerBound: Math.min(best, proved) };
  };
  return { forceCost, runnerUp };
}
