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

  /**
   * @param within what elimination may finish at once inside the search
   * @throws RangeError if the budget is no budget
   */
  constructor(budget: SearchBudget, within: EliminationLimits = INNER_LIMITS) {
    const { steps = Infinity, milliseconds = Infinity } = budget;
    if (!(steps >= 0 && milliseconds >= 0)) {
      throw new RangeError(`a search cannot take ${steps} steps and ${milliseconds} ms`);
    }
    this.#within = within;
    this.#maxSteps = steps;
    this.#deadline = performance.now() + milliseconds;
  }

  /** States tried so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The best assignment of a graph. */
  solve(graph: CostGraph): Outcome {
    const reduced = reduce(graph);
    if (!reduced) return { lowerBound: Infinity };
    this.#allowDive(reduced.graph);
    // A rough bound leaves fewer states for what takes longer.
    const rough = tighten(reduced.graph, INNER_SWEEPS, this.#isLate);
    const first = rounded(rough, Infinity);
    const upper = first?.cost ?? Infinity;
    const pruned = withoutHopeless(rough, upper);
    const rest = pruned ? lifted(this.#thoroughly(pruned.graph, upper), [pruned]) : { lowerBound: upper };
    return lifted(better(first, rest, upper), [reduced]);
  }

  /** The same for a graph whose bound is tight already. */
  solveTight(graph: CostGraph): Outcome {
    this.#allowDive(graph);
    return this.#improve(graph, Infinity);
  }

  /** What is worth doing once, before the search branches. */
  #thoroughly(graph: CostGraph, upper: number): Outcome {
    const first = reduce(graph);
    if (!first) return { lowerBound: Infinity };
    const essential = withoutDominated(first.graph, this.#isLate);
    const second = reduce(essential.graph);
    if (!second) return { lowerBound: Infinity };
    const tight = tighten(second.graph, FIRST_SWEEPS, this.#isLate);
    return lifted(this.#reduced(tight, upper), [second, essential, first]);
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
    const tight = parts.map(({ graph }) => tighten(graph, INNER_SWEEPS, this.#isLate));
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
    const tight = tighten(graph, INNER_SWEEPS, this.#isLate);
    if (tight.constant >= improvesBelow(upper)) return { lowerBound: tight.constant };
    const found = rounded(tight, upper);
    const limit = found?.cost ?? upper;
    return better(found, this.#pruned(tight, limit), limit);
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

  #pruned(graph: CostGraph, upper: number): Outcome {
    const pruned = withoutHopeless(graph, upper);
    if (!pruned) return { lowerBound: upper };
    // A graph that has become much smaller gives a better bound, or falls apart.
    const isSmaller = statesIn(pruned.graph) < 0.8 * statesIn(graph);
    const outcome = isSmaller ? this.#improve(pruned.graph, upper) : this.#branch(pruned.graph, upper);
    return lifted(outcome, [pruned]);
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
    return this.#steps >= this.#maxSteps || this.#isLate();
  }

  /** Lets the search go on for as many steps as one dive takes, if it finds nothing before. */
  #allowDive(graph: CostGraph): void {
    this.#firstDiveEnd = Math.max(this.#steps, this.#maxSteps) + graph.vectors.length;
  }

  readonly #isLate = (): boolean => performance.now() > this.#deadline;
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

/** What improved on a solution, or else the solution itself; nothing costs less than `upper` but by improving on it. */
function better(solution: Solution | undefined, { best, lowerBound }: Outcome, upper: number): Outcome {
  const found = best ?? solution;
  return { ...(found && { best: found }), lowerBound: Math.min(lowerBound, upper) };
}

/** The assignment that rounding gives, if it costs less than `upper`. */
function rounded(graph: CostGraph, upper: number): Solution | undefined {
  const assignment = roundOff(graph);
  const cost = costOf(graph, assignment);
  return cost < improvesBelow(upper) ? { cost, assignment } : undefined;
}

/** The graph without the states that no assignment below `upper` has; undefined if there is none. */
function withoutHopeless(graph: CostGraph, upper: number): Reduced | undefined {
  const room = improvesBelow(upper) - graph.constant;
  const kept = graph.vectors.map((vector) => [...vector.keys()].filter((i) => vector[i] < room));
  return kept.some((states) => states.length === 0) ? undefined : restrict(graph, kept);
}

function statesIn(graph: CostGraph): number {
  return graph.vectors.reduce((sum, vector) => sum + vector.length, 0);
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
