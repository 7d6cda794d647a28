import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeEdges } from '../../src/plan/assignment/cost-graph.js';
import { solvePbqp, type PbqpProblem, type PbqpResult } from '../../src/plan/assignment/pbqp.js';
import { Search } from '../../src/plan/assignment/search.js';

/** Whole numbers, so that sums are exact; many equal ones, so that ties occur. */
const finite = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: -50, max: 1000 }));
const cost = fc.oneof({ weight: 6, arbitrary: finite }, { weight: 1, arbitrary: fc.constant(Infinity) });

/** A problem on given edges; the number of states of each node is at most `maxStates`. */
function problemOn(nodes: number, pairs: readonly (readonly [number, number])[], maxStates: number) {
  return fc
    .array(fc.integer({ min: 1, max: maxStates }), { minLength: nodes, maxLength: nodes })
    .chain((sizes) =>
      fc.record({
        nodes: fc.tuple(...sizes.map((size) => costs(size))),
        edges: fc.tuple(
          ...pairs.map(([a, b]) => costs(sizes[a] * sizes[b]).map((table) => ({ a, b, costs: table }))),
        ),
      }),
    );
}

function costs(length: number): fc.Arbitrary<number[]> {
  return fc.array(cost, { minLength: length, maxLength: length });
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
        if (least === Infinity) {
          expect(result.status).toBe('infeasible');
          return;
        }
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
});

describe('branch and bound', () => {
  it('finds the least cost where it may not eliminate whole components', () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        const graph = mergeEdges(
          problem.nodes.map((vector) => Float64Array.from(vector)),
          problem.edges.map(({ a, b, costs }) => ({ a, b, costs: Float64Array.from(costs) })),
        );
        const search = new Search({}, { maxDegree: 2, maxTable: 1, maxTotal: 1 });
        const { best, lowerBound } = search.solve(graph);
        const { cost: least } = bruteForce(problem);
        expect(lowerBound).toBeCloseTo(least, 6);
        if (least < Infinity) expect(costOf(problem, best.assignment)).toBe(least);
      }),
      { numRuns: 1000 },
    );
  });
});
