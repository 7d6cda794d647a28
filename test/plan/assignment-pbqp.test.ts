import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  keepSupported,
  tighten,
  withoutDominated,
  withoutSeparable,
} from '../../src/plan/assignment/bound.js';
import { costOf as costOfGraph, mergeEdges, type CostGraph } from '../../src/plan/assignment/cost-graph.js';
import { solvePbqp, type PbqpProblem, type PbqpResult } from '../../src/plan/assignment/pbqp.js';
import { Search } from '../../src/plan/assignment/search.js';

/** Whole numbers, so that sums are exact; many equal ones, so that ties occur. */
const finite = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: -50, max: 1000 }));
const cost = fc.oneof({ weight: 6, arbitrary: finite }, { weight: 1, arbitrary: fc.constant(Infinity) });

/** A problem on given edges; the number of states of each node is at most `maxStates`. */
function problemOn(
  nodes: number,
  pairs: readonly (readonly [number, number])[],
  maxStates: number,
  pairCost = cost,
) {
  return fc
    .array(fc.integer({ min: 1, max: maxStates }), { minLength: nodes, maxLength: nodes })
    .chain((sizes) =>
      fc.record({
        nodes: fc.tuple(...sizes.map((size) => costs(size))),
        edges: fc.tuple(
          ...pairs.map(([a, b]) =>
            costs(sizes[a] * sizes[b], pairCost).map((table) => ({ a, b, costs: table })),
          ),
        ),
      }),
    );
}

function costs(length: number, one = cost): fc.Arbitrary<number[]> {
  return fc.array(one, { minLength: length, maxLength: length });
}

const chain = fc.integer({ min: 1, max: 7 }).chain((n) =>
  problemOn(
    n,
    Array.from({ length: n - 1 }, (_, i) => [i, i + 1]),
    4,
  ),
);

/** Every node hangs on an earlier one. */
const tree = fc.array(fc.nat(), { maxLength: 6 }).chain((parents) =>
  problemOn(
    parents.length + 1,
    parents.map((parent, i) => [parent % (i + 1), i + 1]),
    3,
  ),
);

const diamond = problemOn(
  4,
  [
    [0, 1],
    [0, 2],
    [1, 3],
    [3, 2],
  ],
  5,
);

const residual = problemOn(
  7,
  [
    [0, 1],
    [1, 2],
    [0, 2],
    [2, 3],
    [3, 4],
    [4, 2],
    [4, 5],
    [5, 6],
    [6, 4],
  ],
  3,
);

/** Any pairs, in any direction, some several times. */
const anyGraph = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 16 }).chain((pairs) =>
  problemOn(
    7,
    pairs.filter(([a, b]) => a !== b),
    3,
  ),
);

/** Every node with every other: what elimination does not reduce. */
const complete = fc.integer({ min: 4, max: 6 }).chain((n) => problemOn(n, allPairs(n), 3));

function allPairs(n: number): [number, number][] {
  return Array.from({ length: n }, (_, a) =>
    Array.from({ length: a }, (_, b): [number, number] => [a, b]),
  ).flat();
}

const anyProblem = fc.oneof(chain, tree, diamond, residual, anyGraph, complete);

function costOf({ nodes, edges }: PbqpProblem, choice: readonly number[]): number {
  const own = nodes.reduce((sum, vector, node) => sum + vector[choice[node]], 0);
  return edges.reduce((sum, { a, b, costs }) => sum + costs[choice[a] * nodes[b].length + choice[b]], own);
}

/** Every choice of states. */
function* choices(problem: PbqpProblem): Generator<number[]> {
  const choice = problem.nodes.map(() => 0);
  for (;;) {
    yield choice;
    let node = 0;
    while (node < choice.length && ++choice[node] === problem.nodes[node].length) choice[node++] = 0;
    if (node === choice.length) return;
  }
}

/** The least cost, and the least for every state of every node. */
function bruteForce(problem: PbqpProblem): { cost: number; forced: number[][] } {
  const forced = problem.nodes.map((vector) => Array.from(vector, () => Infinity));
  let least = Infinity;
  for (const choice of choices(problem)) {
    const total = costOf(problem, choice);
    least = Math.min(least, total);
    for (const [node, state] of choice.entries()) forced[node][state] = Math.min(forced[node][state], total);
  }
  return { cost: least, forced };
}

function solved(result: PbqpResult) {
  if (result.status !== 'solved') throw new Error(`the problem is ${result.status}`);
  return result;
}

describe('solvePbqp', () => {
  it.each([
    ['chains', chain],
    ['trees', tree],
    ['diamonds', diamond],
    ['residual graphs', residual],
    ['any graphs', anyGraph],
    ['complete graphs', complete],
  ])('finds the least cost in %s', (_, problems) => {
    fc.assert(
      fc.property(problems, (problem) => {
        const result = solvePbqp(problem);
        const { cost: least } = bruteForce(problem);
        expect(result.status).toBe(least === Infinity ? 'infeasible' : 'solved');
        fc.pre(least < Infinity);
        const { choice, ...rest } = solved(result);
        expect(rest).toMatchObject({ cost: least, lowerBound: least, optimal: true });
        expect(costOf(problem, choice)).toBe(least);
      }),
      { numRuns: 300 },
    );
  });

  it('knows the least cost with any node in any state', () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        const { cost: least, forced } = bruteForce(problem);
        fc.pre(least < Infinity);
        const solution = solved(solvePbqp(problem));
        const found = problem.nodes.map((vector, node) =>
          Array.from(vector, (_, state) => solution.forced(node, state)),
        );
        expect(found).toEqual(forced.map((row) => row.map((least) => ({ cost: least, lowerBound: least }))));
      }),
      { numRuns: 500 },
    );
  });

  it('solves a problem without nodes', () => {
    expect(solvePbqp({ nodes: [], edges: [] })).toMatchObject({ cost: 0, optimal: true, choice: [] });
  });
});

/** Inside the search nothing is eliminated but by R0, R1 and R2. */
const REDUCTIONS_ONLY = { maxDegree: 2, maxTable: 1, maxTotal: 1 };

const mostlyImpossible = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 3, arbitrary: fc.constant(Infinity) },
);

describe('branch and bound', () => {
  it('finds the least cost where elimination may not help', () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        const search = new Search({}, REDUCTIONS_ONLY);
        const { best, lowerBound } = search.solve(graphOf(problem));
        const { cost: least } = bruteForce(problem);
        expect(lowerBound).toBeCloseTo(least, 6);
        expect(best ? costOf(problem, best.assignment) : Infinity).toBe(least);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds the least cost where most pairs of states are impossible', () => {
    const tight = fc.integer({ min: 4, max: 6 }).chain((n) => problemOn(n, allPairs(n), 3, mostlyImpossible));
    fc.assert(
      fc.property(tight, (problem) => {
        const { best } = new Search({}, REDUCTIONS_ONLY).solve(graphOf(problem));
        expect(best ? costOf(problem, best.assignment) : Infinity).toBe(bruteForce(problem).cost);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with elimination on dense problems', () => {
    for (let seed = 0; seed < 60; seed++) {
      const problem = denseProblem(7, 5, seed);
      const { best } = new Search({}, REDUCTIONS_ONLY).solve(graphOf(problem));
      expect(best && costOf(problem, best.assignment)).toBe(solved(solvePbqp(problem)).cost);
    }
  });

  it('proves a planted solution of a dense problem', () => {
    const { problem, planted } = plantedProblem(18, 6);
    const { choice, ...rest } = solved(solvePbqp(problem, {}));
    expect(choice).toEqual(planted);
    expect(rest).toMatchObject({ cost: costOf(problem, planted), optimal: true });
  });

  it('agrees with elimination on states that are forced', () => {
    const problem = denseProblem(8, 5);
    const dense = solved(solvePbqp(problem, {}));
    // Beside a component that is too large to eliminate.
    const beside = solved(solvePbqp(sideBySide(problem, plantedProblem(16, 6).problem), {}));
    for (const state of problem.nodes[3].keys()) {
      const extra = beside.cost - dense.cost;
      expect(beside.forced(3, state, {}).cost).toBeCloseTo(dense.forced(3, state).cost + extra, 6);
      expect(beside.atLeast(3, state)).toBeCloseTo(dense.atLeast(3, state) + extra, 6);
    }
  });

  it('prices the states of a component that it had to search', () => {
    const problem = denseProblem(10, 5);
    const solution = solved(solvePbqp(problem, {}));
    expect(solution.steps).toBeGreaterThan(0);
    for (const state of problem.nodes[4].keys()) {
      const only = problem.nodes.map((vector, node) =>
        node === 4 ? Array.from(vector, (own, i) => (i === state ? own : Infinity)) : vector,
      );
      const least = solved(solvePbqp({ ...problem, nodes: only }, {})).cost;
      const { cost: forced, lowerBound } = solution.forced(4, state, {});
      expect(forced).toBeCloseTo(least, 6);
      expect(lowerBound).toBeCloseTo(least, 4);
      expect(solution.atLeast(4, state)).toBeLessThanOrEqual(least + 1e-6);
    }
  });

  it('states the gap when the budget is spent, and closes it with more', () => {
    const problem = denseProblem(14, 6);
    const results = [0, 10, 100, Infinity].map((steps) => solved(solvePbqp(problem, { steps })));
    const optimum = results[3].cost;
    for (const [i, { choice, cost: found, lowerBound, optimal }] of results.entries()) {
      expect(costOf(problem, choice)).toBe(found);
      expect(lowerBound).toBeLessThanOrEqual(optimum);
      expect(found).toBeGreaterThanOrEqual(optimum);
      expect(optimal).toBe(lowerBound === found);
      expect(found).toBeLessThanOrEqual(results[Math.max(0, i - 1)].cost);
    }
    expect(results[0].optimal).toBe(false);
    expect(results[0].steps).toBe(0);
    expect(results[3].optimal).toBe(true);
  });

  it('gives the same choice every time', () => {
    const problem = denseProblem(14, 6);
    const [first, second] = [0, 1].map(() => solved(solvePbqp(problem, { steps: 50 })));
    expect(second.choice).toEqual(first.choice);
    expect(second.lowerBound).toBe(first.lowerBound);
  });

  it('finds something when there is no time at all', () => {
    const problem = denseProblem(14, 6);
    const { cost: found, choice } = solved(solvePbqp(problem, { milliseconds: 0 }));
    expect(costOf(problem, choice)).toBe(found);
  });

  it('proves that too few colours do not colour a complete graph, or says that it does not know', () => {
    const problem = colouring(8, 7);
    expect(solvePbqp(problem, {})).toEqual({ status: 'infeasible', nodes: [0, 1, 2, 3, 4, 5, 6, 7] });
    const unknown = solvePbqp(problem, { steps: 0 });
    expect(unknown).toEqual({ status: 'unknown', lowerBound: 0 });
    expect(solved(solvePbqp(colouring(8, 8), {})).cost).toBe(0);
  });
});

describe('what makes problems easier', () => {
  it('leaves out dominated states, but no best assignment of all', () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        const supported = keepSupported(graphOf(problem));
        fc.pre(supported !== undefined);
        const smaller = withoutDominated(supported.graph, () => false);
        const { cost: least } = bruteForce(problem);
        expect(bruteForce(problemOf(smaller.graph)).cost).toBe(least);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves out a state that is worse whatever the others do', () => {
    // State 1 of the first node costs 3 more and saves 2 at most; state 2 may save 4.
    const nodes = [
      [0, 3, 3],
      [0, 0],
    ];
    const edges = [{ a: 0, b: 1, costs: [5, 4, 3, 4, 1, 9] }];
    const { graph, lift } = withoutDominated(graphOf({ nodes, edges }), () => false);
    expect(graph.vectors.map((vector) => [...vector])).toEqual([
      [0, 3],
      [0, 0],
    ]);
    expect(lift([1, 0])).toEqual([2, 0]);
  });

  it('tightens the bound and keeps what every assignment costs', () => {
    fc.assert(
      fc.property(anyProblem, fc.nat(5), (problem, sweeps) => {
        const { cost: least } = bruteForce(problem);
        fc.pre(least < Infinity);
        const tight = tighten(graphOf(problem), sweeps);
        for (const choice of choices(problem)) {
          expect(finiteOr(costOfGraph(tight, choice))).toBeCloseTo(finiteOr(costOf(problem, choice)), 6);
        }
        expect(tight.constant).toBeLessThanOrEqual(least + 1e-6);
        const entries = [...tight.vectors, ...tight.edges.map(({ costs }) => costs)];
        for (const costs of entries) expect(Math.min(...costs)).toBeGreaterThanOrEqual(-1e-6);
      }),
    );
  });

  it('removes edges that do not connect what their ends cost', () => {
    const nodes = [
      [1, 2],
      [3, 4, 5],
    ];
    const sum = { a: 0, b: 1, costs: [10, 20, 30, 11, 21, 31] };
    const without = withoutSeparable(graphOf({ nodes, edges: [sum] }));
    expect(without.edges).toEqual([]);
    for (const choice of choices({ nodes, edges: [sum] })) {
      expect(costOfGraph(without, choice)).toBe(costOf({ nodes, edges: [sum] }, choice));
    }
    const other = { ...sum, costs: [10, 20, 30, 11, 21, 32] };
    expect(withoutSeparable(graphOf({ nodes, edges: [other] })).edges).toHaveLength(1);
  });
});

/** A number that can be compared with a tolerance. */
function finiteOr(cost: number): number {
  return cost === Infinity ? 1e9 : cost;
}

function problemOf({ vectors, edges }: CostGraph): PbqpProblem {
  return { nodes: vectors, edges };
}

describe('what solvePbqp refuses', () => {
  it('names the part that no assignment can satisfy', () => {
    const nodes = [[1, 2], [3], [Infinity, Infinity]];
    expect(solvePbqp({ nodes, edges: [] })).toEqual({ status: 'infeasible', nodes: [2] });
  });

  it.each([
    ['a node without states', { nodes: [[]], edges: [] }, /node 0 has no states/],
    ['costs that are no numbers', { nodes: [[NaN]], edges: [] }, /node 0 has a cost of NaN/],
    ['endless rewards', { nodes: [[-Infinity]], edges: [] }, /cost of -Infinity/],
    ['an edge to itself', { nodes: [[0]], edges: [{ a: 0, b: 0, costs: [0] }] }, /does not join two nodes/],
    ['an edge to nowhere', { nodes: [[0]], edges: [{ a: 0, b: 1, costs: [0] }] }, /does not join two nodes/],
    [
      'a matrix of another size',
      { nodes: [[0], [0]], edges: [{ a: 0, b: 1, costs: [0, 1] }] },
      /has 2 costs/,
    ],
  ])('%s', (_, problem, message) => {
    expect(() => solvePbqp(problem)).toThrow(message);
  });

  it.each([{ steps: -1 }, { steps: NaN }, { milliseconds: NaN }])('a budget of %o', (budget) => {
    expect(() => solvePbqp({ nodes: [[1]], edges: [] }, budget)).toThrow(RangeError);
  });

  it('states that there are not', () => {
    const { forced, atLeast } = solved(solvePbqp({ nodes: [[1, 2]], edges: [] }));
    for (const [node, state] of [
      [0, 2],
      [0, -1],
      [1, 0],
    ]) {
      expect(() => forced(node, state)).toThrow(RangeError);
      expect(() => atLeast(node, state)).toThrow(RangeError);
    }
  });
});

function graphOf({ nodes, edges }: PbqpProblem) {
  return mergeEdges(
    nodes.map((vector) => Float64Array.from(vector)),
    edges.map(({ a, b, costs }) => ({ a, b, costs: Float64Array.from(costs) })),
  );
}

/** Whole numbers below a limit, always the same (a linear congruential generator, Knuth's MMIX in 32 bits). */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Every node with every other, at random costs. */
function denseProblem(n: number, states: number, seed = n * states): PbqpProblem & { nodes: number[][] } {
  const next = numbersFrom(seed);
  const table = (length: number): number[] => Array.from({ length }, () => next(1000));
  return {
    nodes: Array.from({ length: n }, () => table(states)),
    edges: allPairs(n).map(([a, b]) => ({ a, b, costs: table(states * states) })),
  };
}

/** A dense problem with one assignment that is best at every node and every edge. */
function plantedProblem(n: number, states: number): { problem: PbqpProblem; planted: number[] } {
  const { nodes, edges } = denseProblem(n, states);
  const next = numbersFrom(1);
  const planted = nodes.map(() => next(states));
  return {
    planted,
    problem: {
      nodes: nodes.map((costs, node) => lowered(costs, planted[node])),
      edges: edges.map(({ a, b, costs }) => ({
        a,
        b,
        costs: lowered(costs, planted[a] * states + planted[b]),
      })),
    },
  };
}

/** Costs of at least 1, but for one of 0. */
function lowered(costs: ArrayLike<number>, place: number): number[] {
  return Array.from(costs, (own, i) => (i === place ? 0 : own + 1));
}

/** Two problems that have nothing to do with each other. */
function sideBySide(one: PbqpProblem, other: PbqpProblem): PbqpProblem {
  const offset = one.nodes.length;
  const moved = other.edges.map(({ a, b, costs }) => ({ a: a + offset, b: b + offset, costs }));
  return { nodes: [...one.nodes, ...other.nodes], edges: [...one.edges, ...moved] };
}

/** Colours for a complete graph so that no two nodes have the same. */
function colouring(n: number, colours: number): PbqpProblem {
  const costs = Array.from({ length: colours ** 2 }, (_, k) =>
    Math.floor(k / colours) === k % colours ? Infinity : 0,
  );
  return {
    nodes: Array.from({ length: n }, () => new Array<number>(colours).fill(0)),
    edges: allPairs(n).map(([a, b]) => ({ a, b, costs })),
  };
}
