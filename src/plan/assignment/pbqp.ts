/**
 * Partitioned boolean quadratic problems (PBQP): every node takes one of its states; a state has a cost, and so has
 * each pair of states at an edge; the sum is to be least. Finding it is NP-hard, but most problems that come from
 * networks reduce to nothing. Scholz and Eckstein (LCTES 2002) solved register allocation so, Anderson and Gregg
 * (Optimal DNN primitive selection with partitioned boolean quadratic programming, CGO 2018) the choice of layouts.
 */
import { tighten, withoutSeparable } from './bound.js';
import { components, costOf, fix, mergeEdges, type Component, type CostGraph } from './cost-graph.js';
import {
  eliminate,
  eliminationOrder,
  minMarginals,
  type EliminationLimits,
  type EliminationStep,
} from './elimination.js';
import { improvesBelow, Search, type SearchBudget } from './search.js';

export interface PbqpProblem {
  /** For each node, the cost of each of its states: finite, or Infinity where it is impossible. */
  readonly nodes: readonly ArrayLike<number>[];
  /** Between the same two nodes there may be several. */
  readonly edges: readonly PbqpEdge[];
}

/** Costs of the pairs of states of two different nodes. */
export interface PbqpEdge {
  readonly a: number;
  readonly b: number;
  /** Row-major, the rows being the states of `a`: `costs[i * |b| + j]`; finite or Infinity. */
  readonly costs: ArrayLike<number>;
}

/** A least cost, between what is proved and what was found: equal, unless the budget was spent. */
export interface CostRange {
  /** Cost of an assignment that was found; Infinity if there is none, or none was found. */
  readonly cost: number;
  /** No assignment costs less, to rounding. */
  readonly lowerBound: number;
}

export interface PbqpSolution extends CostRange {
  readonly status: 'solved';
  /** The state of each node. */
  readonly choice: readonly number[];
  /** Whether the choice is proved to be the cheapest, to a part in 10^9. */
  readonly optimal: boolean;
  /** States tried by branch and bound; 0 if it did not have to branch. */
  readonly steps: number;
  /**
   * The least cost with a node in a state. At once where reductions were enough, else by another search.
   * @throws RangeError for a node or state that the problem does not have
   */
  readonly forced: (node: number, state: number, budget?: SearchBudget) => CostRange;
  /** A lower bound on it, without another search. */
  readonly atLeast: (node: number, state: number) => number;
}

export type PbqpResult =
  | PbqpSolution
  /** No assignment of these nodes has a finite cost. */
  | { readonly status: 'infeasible'; readonly nodes: readonly number[] }
  /** The budget was spent before any assignment was found. */
  | { readonly status: 'unknown'; readonly lowerBound: number };

/** Leaves some of two seconds for what comes before and after the search. */
export const DEFAULT_BUDGET: SearchBudget = { milliseconds: 1500 };

/** Elimination of whole components: well under a second's work, and tables of up to 8 MB. */
const LIMITS: EliminationLimits = { maxDegree: Infinity, maxTable: 2 ** 20, maxTotal: 2 ** 25 };

/** Sweeps that tighten the bounds on the states' prices. */
const PRICING_SWEEPS = 50;

/** A component's result. */
interface Part extends Component, CostRange {
  /** States of its nodes; undefined if no assignment was found. */
  readonly assignment: readonly number[] | undefined;
  /** The elimination that solved it; undefined if a search did. */
  readonly steps: readonly EliminationStep[] | undefined;
}

/**
 * Solves a problem. The same problem gives the same choice, unless time runs out.
 * @param budget of branch and bound, which only the parts that are too dense for reductions need
 * @throws TypeError if the problem contradicts itself
 */
export function solvePbqp(problem: PbqpProblem, budget: SearchBudget = DEFAULT_BUDGET): PbqpResult {
  const graph = checked(problem);
  const search = new Search(budget);
  const parts = components(withoutSeparable(graph)).map((component) => solvePart(component, search));
  const lowerBound = parts.reduce((sum, part) => sum + part.lowerBound, 0);
  const hopeless = parts.find((part) => part.lowerBound === Infinity);
  if (hopeless) return { status: 'infeasible', nodes: hopeless.nodes };
  const choice = new Array<number>(graph.vectors.length);
  for (const { nodes, assignment } of parts) {
    if (!assignment) return { status: 'unknown', lowerBound };
    for (const [i, node] of nodes.entries()) choice[node] = assignment[i];
  }
  const cost = costOf(graph, choice);
  const optimal = lowerBound >= improvesBelow(cost);
  const total = { cost, lowerBound: optimal ? cost : lowerBound };
  const prices = pricing(graph, parts, choice, total);
  return { status: 'solved', choice, ...total, optimal, steps: search.steps, ...prices };
}

function solvePart(component: Component, search: Search): Part {
  const { graph } = component;
  const order = eliminationOrder(graph, LIMITS);
  if (order.length < graph.vectors.length) {
    const { best, lowerBound } = search.solve(graph);
    const { cost = Infinity, assignment } = best ?? {};
    return { ...component, assignment, cost, lowerBound, steps: undefined };
  }
  const { graph: rest, steps, lift } = eliminate(graph, order);
  const cost = rest.constant;
  return { ...component, assignment: lift([]), cost, lowerBound: cost, steps };
}

/** The least cost of a part with a node in a state. */
interface Prices {
  /** A lower bound, at once. */
  readonly atLeast: (node: number, state: number) => number;
  readonly exactly: (node: number, state: number, budget: SearchBudget) => CostRange;
}

function pricesOf({ graph, steps }: Part): Prices {
  if (steps) {
    const marginals = minMarginals(graph, steps);
    const atLeast = (node: number, state: number): number => marginals[node][state];
    return {
      atLeast,
      exactly: (node, state) => ({ cost: atLeast(node, state), lowerBound: atLeast(node, state) }),
    };
  }
  const tight = tighten(graph, PRICING_SWEEPS);
  return {
    atLeast: (node, state) => tight.constant + tight.vectors[node][state],
    exactly: (node, state, budget) => {
      const { best, lowerBound } = new Search(budget).solveTight(fix(tight, node, state).graph);
      return { cost: best?.cost ?? Infinity, lowerBound };
    },
  };
}

/** Prices of states; what a part's take to compute is only spent when they are first asked for. */
function pricing(
  graph: CostGraph,
  parts: readonly Part[],
  choice: readonly number[],
  total: CostRange,
): Pick<PbqpSolution, 'atLeast' | 'forced'> {
  const prices = new Map<Part, Prices>();
  const partOf = new Map(parts.flatMap((part) => part.nodes.map((node) => [node, part])));
  const find = (node: number, state: number): { own: Prices; place: number; rest: CostRange } => {
    const part = partOf.get(node);
    if (!part || !(state in graph.vectors[node])) {
      throw new RangeError(`the problem has no state ${state} of a node ${node}`);
    }
    const own = prices.get(part) ?? pricesOf(part);
    prices.set(part, own);
    return { own, place: part.nodes.indexOf(node), rest: sumOf(parts.filter((other) => other !== part)) };
  };
  // What is proved for all assignments holds for those with the state; rounding must not contradict it.
  const sound = (cost: number): number => Math.max(cost, total.lowerBound);
  return {
    atLeast: (node, state) => {
      const { own, place, rest } = find(node, state);
      return sound(rest.lowerBound + own.atLeast(place, state));
    },
    forced: (node, state, budget = DEFAULT_BUDGET) => {
      const { own, place, rest } = find(node, state);
      if (choice[node] === state) return total;
      const { cost, lowerBound } = own.exactly(place, state, budget);
      return { cost: sound(rest.cost + cost), lowerBound: sound(rest.lowerBound + lowerBound) };
    },
  };
}

function sumOf(ranges: readonly CostRange[]): CostRange {
  return {
    cost: ranges.reduce((sum, { cost }) => sum + cost, 0),
    lowerBound: ranges.reduce((sum, { lowerBound }) => sum + lowerBound, 0),
  };
}

function checked({ nodes, edges }: PbqpProblem): CostGraph {
  const vectors = nodes.map((costs, node) => numbers(costs, `node ${node}`));
  for (const [node, vector] of vectors.entries()) {
    if (vector.length === 0) throw new TypeError(`node ${node} has no states`);
  }
  const checkedEdges = edges.map(({ a, b, costs }) => {
    const name = `the edge between nodes ${a} and ${b}`;
    if (a === b || !vectors[a] || !vectors[b]) throw new TypeError(`${name} does not join two nodes`);
    if (costs.length !== vectors[a].length * vectors[b].length) {
      throw new TypeError(
        `${name} has ${costs.length} costs for ${vectors[a].length} by ${vectors[b].length} states`,
      );
    }
    return { a, b, costs: numbers(costs, name) };
  });
  return mergeEdges(vectors, checkedEdges);
}

function numbers(costs: ArrayLike<number>, name: string): Float64Array {
  const copy = Float64Array.from(costs);
  const wrong = copy.find((cost) => Number.isNaN(cost) || cost === -Infinity);
  if (wrong !== undefined) throw new TypeError(`${name} has a cost of ${wrong}`);
  return copy;
}
