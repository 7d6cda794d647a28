/**
 * Branch and bound for the part of a graph that elimination cannot finish, after Hames and Scholz (Nearly optimal
 * register allocation with PBQP, JMLC 2006): a node takes one state after another, and what is left is reduced again.
 * Their bound, the sum of the nodes' and edges' minima, is tightened by message passing first; the first dive is
 * their heuristic RN.
 */
import { keepSupported, roundOff, tighten, withoutDominated, withoutSeparable } from './bound.js';
import {
  components,
  costOf,
  fix,
  restrict,
  type Assignment,
  type Component,
  type CostGraph,
  type Reduced,
} from './cost-graph.js';
import { eliminate, eliminationOrder, type EliminationLimits } from './elimination.js';

/** What a search may spend. */
export interface SearchBudget {
  /** Most states tried. */
  readonly steps?: number | undefined;
  readonly milliseconds?: number | undefined;
}

/** A search's result for one graph. */
export interface Outcome {
  /** The best assignment found that costs less than was asked for. */
  readonly best?: Solution;
  /** No assignment costs less, to rounding. Infinite if none has a finite cost. */
  readonly lowerBound: number;
}

interface Solution {
  readonly cost: number;
  readonly assignment: Assignment;
}

/** Elimination within the search: a few milliseconds' work. */
const INNER_LIMITS: EliminationLimits = { maxDegree: Infinity, maxTable: 2 ** 16, maxTotal: 2 ** 18 };
/** The reductions R0, R1 and R2. */
const REDUCTIONS: EliminationLimits = { maxDegree: 2, maxTable: Infinity, maxTotal: Infinity };
/** Sweeps that tighten the bound, before the search and within it. */
const FIRST_SWEEPS = 100;
const INNER_SWEEPS = 4;
/** Costs this close, relative to their size, are equal: rounding must not keep the search going. */
const TOLERANCE = 1e-9;

/** A cost that improves on `upper` by more than rounding is below this. */
export function improvesBelow(upper: number): number {
  return upper === Infinity ? Infinity : upper - TOLERANCE * Math.abs(upper);
}

export class Search {
  readonly #maxSteps: number;
  readonly #deadline: number;
  readonly #within: EliminationLimits;
  #steps = 0;
  /** The steps at which even a search without any assignment gives up. */
  #firstDiveEnd = 0;

  /** @param within what elimination may finish at once inside the search */
  constructor(budget: SearchBudget, within: EliminationLimits = INNER_LIMITS) {
    this.#within = within;
    this.#maxSteps = budget.steps ?? Infinity;
    this.#deadline = performance.now() + (budget.milliseconds ?? Infinity);
  }

  /** States tried so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The best assignment of a graph. */
  solve(graph: CostGraph): Outcome {
    this.#firstDiveEnd = Math.max(this.#steps, this.#maxSteps) + graph.vectors.length;
    const first = reduce(graph);
    if (!first) return { lowerBound: Infinity };
    const essential = withoutDominated(first.graph);
    const second = reduce(essential.graph);
    if (!second) return { lowerBound: Infinity };
    const tight = tighten(second.graph, FIRST_SWEEPS);
    return lifted(this.#reduced(tight, Infinity), [second, essential, first]);
  }

  /** The same for a graph whose bound is tight already. */
  solveTight(graph: CostGraph): Outcome {
    this.#firstDiveEnd = Math.max(this.#steps, this.#maxSteps) + graph.vectors.length;
    return this.#improve(graph, Infinity);
  }

  /** An assignment that costs less than `upper`. */
  #improve(graph: CostGraph, upper: number): Outcome {
    const reduced = reduce(graph);
    if (!reduced) return { lowerBound: Infinity };
    return lifted(this.#reduced(reduced.graph, upper), [reduced]);
  }

  /** The same for a graph whose nodes have three neighbours or more, and whose states are supported. */
  #reduced(graph: CostGraph, upper: number): Outcome {
    const parts = components(graph);
    return parts.length === 1
      ? this.#connected(graph, upper)
      : this.#parts(parts, graph.vectors.length, graph.constant, upper);
  }

  /** Solves components one after another, each below what the others leave it. */
  #parts(parts: readonly Component[], nodes: number, constant: number, upper: number): Outcome {
    const tight = parts.map(({ graph }) => tighten(graph, INNER_SWEEPS));
    let lowerBound = tight.reduce((sum, graph) => sum + graph.constant, constant);
    let cost = constant;
    const assignment = new Array<number>(nodes).fill(0);
    for (const [k, graph] of tight.entries()) {
      const outcome = this.#connected(graph, upper - (lowerBound - graph.constant));
      lowerBound += outcome.lowerBound - graph.constant;
      if (!outcome.best) return { lowerBound };
      cost += outcome.best.cost;
      for (const [i, node] of parts[k].nodes.entries()) assignment[node] = outcome.best.assignment[i];
    }
    return cost < improvesBelow(upper) ? { best: { cost, assignment }, lowerBound } : { lowerBound };
  }

  #connected(graph: CostGraph, upper: number): Outcome {
    const exact = this.#eliminated(graph, upper);
    if (exact) return exact;
    const tight = tighten(graph, INNER_SWEEPS);
    if (tight.constant >= improvesBelow(upper)) return { lowerBound: tight.constant };
    const assignment = roundOff(tight);
    const cost = costOf(tight, assignment);
    const rounded = cost < improvesBelow(upper) ? { cost, assignment } : undefined;
    return better(rounded, this.#pruned(tight, Math.min(cost, upper)));
  }

  /** The exact result, if elimination can find it at once. */
  #eliminated(graph: CostGraph, upper: number): Outcome | undefined {
    const order = eliminationOrder(graph, this.#within);
    if (order.length < graph.vectors.length) return undefined;
    const { graph: rest, lift } = eliminate(graph, order);
    const lowerBound = rest.constant;
    if (lowerBound >= improvesBelow(upper)) return { lowerBound };
    return { best: { cost: lowerBound, assignment: lift([]) }, lowerBound };
  }

  /** Leaves out states that cannot be part of an improvement. */
  #pruned(graph: CostGraph, upper: number): Outcome {
    const room = improvesBelow(upper) - graph.constant;
    const kept = graph.vectors.map((vector) => [...vector.keys()].filter((i) => vector[i] < room));
    if (kept.some((states) => states.length === 0)) return { lowerBound: upper };
    const pruned = restrict(graph, kept);
    const before = graph.vectors.reduce((sum, vector) => sum + vector.length, 0);
    const after = kept.reduce((sum, states) => sum + states.length, 0);
    // A graph that has become much smaller gives a better bound, or falls apart.
    const outcome =
      after < 0.8 * before ? this.#improve(pruned.graph, upper) : this.#branch(pruned.graph, upper);
    const { best, lowerBound } = lifted(outcome, [pruned]);
    return { ...(best && { best }), lowerBound: Math.min(lowerBound, upper) };
  }

  /** Tries the states of one node, the most promising first. */
  #branch(graph: CostGraph, upper: number): Outcome {
    const node = branchingNode(graph);
    const vector = graph.vectors[node];
    const states = [...vector.keys()].sort((i, j) => vector[i] - vector[j]);
    let best: Solution | undefined;
    let lowerBound = Infinity;
    for (const state of states) {
      const limit = best?.cost ?? upper;
      const atLeast = graph.constant + vector[state];
      if (atLeast >= improvesBelow(limit) || this.#isSpent(limit)) {
        lowerBound = Math.min(lowerBound, atLeast);
        continue;
      }
      this.#steps++;
      const fixed = fix(graph, node, state);
      const outcome = lifted(this.#improve(fixed.graph, limit), [fixed]);
      lowerBound = Math.min(lowerBound, Math.max(atLeast, outcome.lowerBound));
      best = outcome.best ?? best;
    }
    return { ...(best && { best }), lowerBound };
  }

  /** Whether the budget is spent. The first dive, while there is no assignment yet, may end. */
  #isSpent(upper: number): boolean {
    if (upper === Infinity && this.#steps < this.#firstDiveEnd) return false;
    return this.#steps >= this.#maxSteps || performance.now() > this.#deadline;
  }
}

/**
 * Takes out states that are impossible and edges that do not matter, then R0, R1 and R2. Undefined if no assignment
 * has a finite cost.
 */
function reduce(graph: CostGraph): Reduced | undefined {
  const supported = keepSupported(graph);
  if (!supported) return undefined;
  const essential = withoutSeparable(supported.graph);
  const eliminated = eliminate(essential, eliminationOrder(essential, REDUCTIONS));
  // Where the table of an eliminated node meets a matrix, states may have lost their last partner.
  const rest = keepSupported(eliminated.graph);
  if (!rest || rest.graph.constant === Infinity) return undefined;
  return {
    graph: rest.graph,
    lift: (assignment) => supported.lift(eliminated.lift(rest.lift(assignment))),
  };
}

/** The outcome for the graph that was reduced step by step, the last step first. */
function lifted({ best, lowerBound }: Outcome, steps: readonly Reduced[]): Outcome {
  if (!best) return { lowerBound };
  const assignment = steps.reduce((part, { lift }) => lift(part), best.assignment);
  return { best: { cost: best.cost, assignment }, lowerBound };
}

/** An outcome that improves on a solution, joined with it. */
function better(solution: Solution | undefined, { best, lowerBound }: Outcome): Outcome {
  const found = best ?? solution;
  return { ...(found && { best: found }), lowerBound };
}

/** The node with the most edges, of these the one with the fewest states: the rest falls apart soonest. */
function branchingNode(graph: CostGraph): number {
  const degrees = graph.vectors.map(() => 0);
  for (const { a, b } of graph.edges) {
    degrees[a]++;
    degrees[b]++;
  }
  let chosen = 0;
  for (const [node, degree] of degrees.entries()) {
    const states = graph.vectors[node].length;
    const more = degree - degrees[chosen];
    if (more > 0 || (more === 0 && states < graph.vectors[chosen].length)) chosen = node;
  }
  return chosen;
}
