import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseLayouts,
  priceOf,
  type LayoutNode,
  type LayoutOption,
  type LayoutProblem,
  type LayoutResult,
} from '../../src/plan/assignment/index.js';

const LAYOUTS = 4;
const nanoseconds = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.constant(Infinity) },
);
const layout = fc.nat(LAYOUTS - 1);

/** A network's shape: what each node reads (as random picks among earlier values) and how many values it computes. */
const shapes = fc.array(
  fc.record({
    reads: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
    outputs: fc.integer({ min: 1, max: 2 }),
  }),
  { minLength: 1, maxLength: 5 },
);

interface Shape {
  readonly reads: readonly number[];
  readonly outputs: number;
}

/** Nodes that read earlier values; value 0 and 1 are the network's inputs, and value 2 is a constant's: none at all. */
function wired(shape: readonly Shape[]): Omit<LayoutNode, 'options'>[] {
  let values = 3;
  return shape.map(({ reads, outputs }, i) => {
    const inputs = reads.map((pick) => (pick % values === 2 ? undefined : pick % values));
    const own = Array.from({ length: outputs }, (_, k) => values + k);
    values += outputs;
    return { label: `node ${i}`, inputs, outputs: own };
  });
}

function optionFor({ inputs, outputs }: Omit<LayoutNode, 'options'>): fc.Arbitrary<LayoutOption> {
  return fc.record({
    inputs: fc.tuple(...inputs.map((id) => (id === undefined ? fc.constant(undefined) : layout))),
    outputs: fc.tuple(...outputs.map(() => layout)),
    cost: nanoseconds,
  });
}

/** For each pair of layouts what a conversion costs; some layouts are the same as others. */
const conversions = fc.record({
  costs: fc.array(
    nanoseconds.map((cost) => cost + 1),
    { minLength: LAYOUTS ** 2, maxLength: LAYOUTS ** 2 },
  ),
  sameAs: fc.tuple(...Array.from({ length: LAYOUTS }, (_, i) => fc.oneof(fc.constant(i), fc.nat(i)))),
});

interface Conversions {
  readonly costs: readonly number[];
  readonly sameAs: readonly number[];
}

function problemFor(shape: readonly Shape[]): fc.Arbitrary<LayoutProblem> {
  const nodes = wired(shape);
  const last = nodes[nodes.length - 1].outputs[0];
  return fc
    .record({
      options: fc.tuple(...nodes.map((node) => fc.array(optionFor(node), { minLength: 1, maxLength: 4 }))),
      inputs: fc.tuple(layout, layout),
      outputs: fc.array(fc.record({ value: fc.nat(last).filter((id) => id !== 2), layout }), {
        maxLength: 3,
      }),
      tables: fc.array(conversions, { minLength: 3, maxLength: 3 }),
    })
    .map(({ options, inputs, outputs, tables }) => ({
      nodes: nodes.map((node, i) => ({ ...node, options: options[i] })),
      inputs: new Map(inputs.map((own, id) => [id, own])),
      outputs,
      transform: (value, from, to) => convert(tables[value % 3], from, to),
    }));
}

function convert({ costs, sameAs }: Conversions, from: number, to: number): number {
  const [a, b] = [rootOf(sameAs, from), rootOf(sameAs, to)];
  return a === b ? 0 : costs[a * LAYOUTS + b];
}

function rootOf(sameAs: readonly number[], layout: number): number {
  return sameAs[layout] === layout ? layout : rootOf(sameAs, sameAs[layout]);
}

/** The kernels' costs, and one transform for each value and each other layout that somebody wants it in. */
function costOf({ nodes, inputs, outputs, transform }: LayoutProblem, chosen: readonly number[]): number {
  const options = nodes.map((node, i) => node.options[chosen[i]]);
  const produced = new Map(inputs);
  for (const [i, node] of nodes.entries()) {
    for (const [k, id] of node.outputs.entries()) produced.set(id, options[i].outputs[k]);
  }
  let total = options.reduce((sum, { cost }) => sum + cost, 0);
  for (const [id, from] of produced) {
    const wanted = [
      ...outputs.filter(({ value }) => value === id).map((output) => output.layout),
      ...nodes.flatMap((node, i) => options[i].inputs.filter((_, k) => node.inputs[k] === id)),
    ].filter((own) => own !== undefined);
    const made: number[] = [from];
    for (const to of wanted) {
      if (made.some((own) => transform(id, own, to) === 0 && transform(id, to, own) === 0)) continue;
      made.push(to);
      total += transform(id, from, to);
    }
  }
  return total;
}

/** The least cost, and the least for each option of each node. */
function bruteForce(problem: LayoutProblem): { cost: number; forced: number[][] } {
  const { nodes } = problem;
  const forced = nodes.map(({ options }) => options.map(() => Infinity));
  const chosen = nodes.map(() => 0);
  let cost = Infinity;
  for (;;) {
    const total = costOf(problem, chosen);
    cost = Math.min(cost, total);
    for (const [node, option] of chosen.entries())
      forced[node][option] = Math.min(forced[node][option], total);
    let node = 0;
    while (node < chosen.length && ++chosen[node] === nodes[node].options.length) chosen[node++] = 0;
    if (node === chosen.length) return { cost, forced };
  }
}

function solved(result: LayoutResult) {
  if (result.status !== 'solved') throw new Error(`the problem is ${result.status}`);
  return result;
}

const problems = shapes.chain(problemFor);
/** One value that everybody reads. */
const shared = fc
  .array(fc.record({ reads: fc.constant([3, 3, 4]), outputs: fc.constant(1) }), {
    minLength: 2,
    maxLength: 4,
  })
  .chain((readers) => problemFor([{ reads: [0], outputs: 2 }, ...readers]));

describe('chooseLayouts', () => {
  it.each([
    ['random networks', problems],
    ['values with many readers', shared],
  ])('finds the cheapest choice in %s, and what every other option would cost', (_, networks) => {
    fc.assert(
      fc.property(networks, (problem) => {
        const { cost: least, forced } = bruteForce(problem);
        const result = chooseLayouts(problem);
        expect(result.status).toBe(least === Infinity ? 'infeasible' : 'solved');
        fc.pre(least < Infinity);
        const { options, forceCost, runnerUp, ...rest } = solved(result);
        expect(rest).toMatchObject({ cost: least, lowerBound: least, optimal: true, gap: 0 });
        expect(costOf(problem, options)).toBe(least);
        for (const [node, costs] of forced.entries()) {
          expect(costs.map((_, option) => forceCost(node, option).cost)).toEqual(costs);
          const others = costs.map((cost, option) => (option === options[node] ? Infinity : cost));
          const next = runnerUp(node);
          expect(next?.cost ?? Infinity).toBe(Math.min(...others));
          expect(next ? others[next.option] : Infinity).toBe(Math.min(...others));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('prices any choice', () => {
    fc.assert(
      fc.property(problems, fc.infiniteStream(fc.nat()), (problem, picks) => {
        const chosen = problem.nodes.map(({ options }) => Number(picks.next().value) % options.length);
        const { cost, transforms } = priceOf(problem, chosen);
        expect(cost).toBe(costOf(problem, chosen));
        for (const { value, from, to, cost: own } of transforms)
          expect(problem.transform(value, from, to)).toBe(own);
      }),
    );
  });
});

/** Layout 0 and 1 cost 10 to convert; every node has both, at the costs given. */
function node(
  label: string,
  inputs: readonly number[],
  output: number,
  costs: readonly number[],
): LayoutNode {
  const options = costs.map((cost, own) => ({ inputs: inputs.map(() => own), outputs: [own], cost }));
  return { label, inputs, outputs: [output], options };
}

const tenEach = (_: number, from: number, to: number): number => (from === to ? 0 : 10);

function readers(count: number): LayoutNode[] {
  return Array.from({ length: count }, (_, i) => node(`reader ${i}`, [1], 2 + i, [100, 94]));
}

function sharedBy(count: number): LayoutProblem {
  return {
    nodes: [node('producer', [0], 1, [1, 1000]), ...readers(count)],
    inputs: new Map([[0, 0]]),
    outputs: [],
    transform: tenEach,
  };
}

describe('a value with several readers', () => {
  it('is converted once for all of them', () => {
    expect(chooseLayouts(sharedBy(1))).toMatchObject({ cost: 101, options: [0, 0], transforms: [] });
    // Two readers gain 12 for one transform of 10.
    expect(chooseLayouts(sharedBy(2))).toMatchObject({
      cost: 199,
      options: [0, 1, 1],
      transforms: [{ value: 1, from: 0, to: 1, cost: 10 }],
    });
  });

  it('is converted for the network too', () => {
    const wanting = {
      ...sharedBy(1),
      outputs: [
        { value: 1, layout: 1 },
        { value: 0, layout: 1 },
      ],
    };
    expect(chooseLayouts(wanting)).toMatchObject({ cost: 1 + 94 + 10 + 10, options: [0, 1] });
  });
});

describe('an option', () => {
  it('that is the second in the same layouts is the runner-up where others cost more', () => {
    const layers = node('conv', [0], 1, [5, 50]);
    const options = [...layers.options, { ...layers.options[0], cost: 7 }];
    const problem = {
      nodes: [{ ...layers, options }],
      inputs: new Map([[0, 0]]),
      outputs: [{ value: 1, layout: 0 }],
      transform: tenEach,
    };
    const solution = solved(chooseLayouts(problem));
    expect(solution.runnerUp(0)).toEqual({ option: 2, cost: 7, lowerBound: 7 });
    expect(solution.forceCost(0, 1)).toEqual({ cost: 70, lowerBound: 70 });
    expect(() => solution.forceCost(0, 3)).toThrow(RangeError);
    expect(() => solution.forceCost(1, 0)).toThrow(RangeError);
  });

  it('that is the only one has no runner-up', () => {
    const problem = {
      nodes: [node('conv', [0], 1, [5])],
      inputs: new Map([[0, 1]]),
      outputs: [],
      transform: tenEach,
    };
    const solution = solved(chooseLayouts(problem));
    expect(solution.cost).toBe(15);
    expect(solution.runnerUp(0)).toBeUndefined();
    expect(solution.runnerUp(1)).toBeUndefined();
  });
});

describe('a problem that is too hard for its budget', () => {
  /** Every node reads all earlier ones, at random costs that fit badly. */
  const dense: LayoutProblem = {
    nodes: Array.from({ length: 14 }, (_, i) => ({
      label: `concat ${i}`,
      inputs: Array.from({ length: i + 1 }, (_, k) => k),
      outputs: [i + 1],
      options: Array.from({ length: 5 }, (_, k) => ({
        inputs: Array.from({ length: i + 1 }, (_, j) => (j * 7 + k * 3 + i) % 4),
        outputs: [(k + i) % 4],
        cost: (i * 37 + k * 53) % 29,
      })),
    })),
    inputs: new Map([[0, 0]]),
    outputs: [],
    transform: (value, from, to) => (from === to ? 0 : 5 + ((value * 31 + from * 17 + to * 13) % 23)),
  };

  it('has a gap that is stated', () => {
    const quick = solved(chooseLayouts(dense, { steps: 0 }));
    const full = solved(chooseLayouts(dense, {}));
    expect(full).toMatchObject({ optimal: true, gap: 0 });
    expect(costOf(dense, full.options)).toBe(full.cost);
    expect(quick.optimal).toBe(false);
    expect(quick.gap).toBeCloseTo((quick.cost - quick.lowerBound) / quick.cost, 12);
    expect(quick.lowerBound).toBeLessThanOrEqual(full.cost);
    expect(quick.cost).toBeGreaterThanOrEqual(full.cost);
  });

  it('prices options by searching again', () => {
    const full = solved(chooseLayouts(dense, {}));
    const runnerUp = full.runnerUp(6, {});
    const costs = dense.nodes[6].options.map((_, option) => full.forceCost(6, option, {}));
    expect(Math.min(...costs.map(({ cost }) => cost))).toBe(full.cost);
    const others = costs.filter((_, option) => option !== full.options[6]).map(({ cost }) => cost);
    expect(runnerUp?.cost).toBeCloseTo(Math.min(...others), 6);
    expect(runnerUp?.lowerBound).toBeCloseTo(Math.min(...others), 4);
  });
});

describe('what chooseLayouts refuses', () => {
  const conv = node('Conv "a"', [0], 1, [1, 2]);
  const whole: LayoutProblem = { nodes: [conv], inputs: new Map([[0, 0]]), outputs: [], transform: tenEach };

  it('names the nodes that contradict each other', () => {
    const stuck = { ...whole, transform: () => Infinity, inputs: new Map([[0, 2]]) };
    expect(chooseLayouts(stuck)).toEqual({ status: 'infeasible', nodes: [0] });
  });

  it('passes on that it found nothing', () => {
    const pairs = Array.from({ length: 8 }, (_, a) => Array.from({ length: a }, (_, b) => [b, a])).flat();
    const colours = Array.from({ length: 7 }, (_, own) => own);
    // Each node computes a value in "its colour"; readers of two values exist only for two colours.
    const problem: LayoutProblem = {
      nodes: [
        ...Array.from({ length: 8 }, (_, i) => ({
          label: `node ${i}`,
          inputs: [],
          outputs: [i],
          options: colours.map((own) => ({ inputs: [], outputs: [own], cost: 0 })),
        })),
        ...pairs.map(([a, b], i) => ({
          label: `pair ${i}`,
          inputs: [a, b],
          outputs: [100 + i],
          options: colours.flatMap((x) =>
            colours.filter((y) => y !== x).map((y) => ({ inputs: [x, y], outputs: [0], cost: 0 })),
          ),
        })),
      ],
      inputs: new Map(),
      outputs: [],
      transform: (_, from, to) => (from === to ? 0 : Infinity),
    };
    expect(chooseLayouts(problem, { steps: 0 })).toEqual({ status: 'unknown', lowerBound: 0 });
  });

  it.each([
    ['a value computed twice', { ...whole, nodes: [conv, conv] }, /value 1 is computed twice/],
    ['a value from nowhere', { ...whole, inputs: new Map() }, /Conv "a" asks for value 0/],
    [
      'an output from nowhere',
      { ...whole, outputs: [{ value: 9, layout: 0 }] },
      /the network asks for value 9/,
    ],
    ['a node without options', { ...whole, nodes: [{ ...conv, options: [] }] }, /Conv "a" has no options/],
    [
      'a negative cost',
      { ...whole, nodes: [node('Conv "a"', [0], 1, [-1])] },
      /option of Conv "a" costs -1 ns/,
    ],
    ['a transform of no cost', { ...whole, transform: () => NaN }, /transform of value 1 costs NaN ns/],
    [
      'an option without a layout',
      { ...whole, nodes: [{ ...conv, options: [{ inputs: [undefined], outputs: [0], cost: 1 }] }] },
      /option of Conv "a" does not have a layout for every value/,
    ],
    [
      'more layouts than anyone has',
      { ...whole, nodes: [node('Conv "a"', [0], 1, new Array<number>(31).fill(1))] },
      /value 1 of the plan has more than 30 layouts/,
    ],
    [
      'more sets of layouts than can be tried',
      {
        ...whole,
        nodes: [
          conv,
          ...Array.from({ length: 13 }, (_, i) => node(`r${i}`, [1], 2 + i, new Array<number>(13).fill(1))),
        ],
      },
      /value 1 of the plan may be asked for in more than 4096 sets/,
    ],
  ])('%s', (_, problem, message) => {
    expect(() => chooseLayouts(problem)).toThrow(message);
  });
});
