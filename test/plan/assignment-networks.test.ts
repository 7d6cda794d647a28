import { describe, expect, it } from 'vitest';
import { mergeEdges } from '../../src/plan/assignment/cost-graph.js';
import { encode, statesOf } from '../../src/plan/assignment/encoding.js';
import {
  chooseLayouts,
  priceOf,
  valuesOf,
  type LayoutNode,
  type LayoutOption,
  type LayoutProblem,
  type LayoutSolution,
} from '../../src/plan/assignment/index.js';
import { Search } from '../../src/plan/assignment/search.js';

/** Far more than any of them takes: only a search that hangs takes so long. */
const HANGS = 60_000;

/** Numbers in [0, 1) that are always the same (mulberry32). */
function randomStream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a builder's nodes offer. */
interface Offer {
  readonly layouts: number;
  /** Whether kernels can also write another layout than they read. */
  readonly storesAny: boolean;
}

/** Networks of layers whose kernels cost 2 to 44 µs and whose transforms cost about half as much. */
class Builder {
  readonly nodes: LayoutNode[] = [];
  readonly #offer: Offer;
  readonly #random = randomStream(7);
  readonly #bytes = [20_000];

  constructor(offer: Offer) {
    this.#offer = offer;
  }

  layer(...inputs: number[]): number {
    const output = this.#bytes.length;
    const bytes = 2000 + 20_000 * this.#random();
    this.#bytes.push(bytes);
    const { layouts, storesAny } = this.#offer;
    const options: LayoutOption[] = [];
    const offer = (read: number, written: number, cost: number): void => {
      options.push({ inputs: inputs.map(() => read), outputs: [written], cost });
    };
    for (let layout = 0; layout < layouts; layout++) {
      const cost = bytes * (0.5 + 1.5 * this.#random());
      offer(layout, layout, cost);
      offer(layout, layout, 1.2 * cost);
      for (let written = 0; written < layouts; written++) {
        if (storesAny && written !== layout) offer(layout, written, cost + bytes * (0.2 + this.#random()));
      }
    }
    this.nodes.push({ label: `layer ${output}`, inputs, outputs: [output], options });
    return output;
  }

  /** Layers one after another. */
  chain(x: number, length: number): number {
    for (let i = 0; i < length; i++) x = this.layer(x);
    return x;
  }

  problem(output: number): LayoutProblem {
    const random = randomStream(1);
    const factors = Array.from({ length: 64 }, () => 0.4 + 0.6 * random());
    return {
      nodes: this.nodes,
      inputs: new Map([[0, 0]]),
      outputs: [{ value: output, layout: 0 }],
      transform: (value, from, to) => (from === to ? 0 : 500 + this.#bytes[value] * factors[8 * from + to]),
    };
  }
}

type Topology = (b: Builder, x: number, size: number) => number;

function repeated(block: (b: Builder, x: number) => number): Topology {
  return (b, x, size) => {
    while (b.nodes.length < size) x = block(b, x);
    return x;
  };
}

const vgg: Topology = (b, x, size) => b.chain(x, size);

/** Bottlenecks with a shortcut; every fourth has a layer in the shortcut. */
const resnet = repeated((b, x) => {
  const shortcut = b.nodes.length % 4 === 0 ? b.layer(x) : x;
  return b.layer(b.layer(b.chain(x, 3), shortcut));
});

const mobilenet = repeated((b, x) => b.layer(b.chain(b.chain(x, 6), 3), x));

/** Four branches, two of which part again, and a concatenation. */
const inception = repeated((b, x) => {
  const half = b.layer(x);
  const other = b.chain(x, 2);
  const branches = [b.layer(half), b.layer(half), b.layer(other), b.layer(other), b.layer(x), b.chain(x, 2)];
  return b.layer(...branches);
});

/** Cells that read the two cells before, as architecture search finds them. */
const darts: Topology = (b, x, size) => {
  let before = b.layer(x);
  let last = b.layer(before);
  while (b.nodes.length < size) {
    const [p, q] = [b.layer(before), b.layer(last)];
    const s = b.layer(b.layer(p), b.layer(q));
    const t = b.layer(b.layer(p), b.layer(q));
    const u = b.layer(b.layer(q), p);
    const v = b.layer(p, b.layer(s));
    before = last;
    last = b.layer(s, t, u, v);
  }
  return last;
};

/** Blocks in which every layer reads the outputs of all before it: too dense to eliminate. */
const densenet: Topology = (b, x) => {
  for (const layers of [6, 12, 24, 16]) {
    const features = [x];
    for (let i = 0; i < layers; i++) features.push(b.chain(b.layer(...features), 4));
    x = b.layer(b.layer(...features));
  }
  return x;
};

function built(topology: Topology, offer: Offer, size: number): LayoutProblem {
  const builder = new Builder(offer);
  return builder.problem(topology(builder, 0, size));
}

function choose(problem: LayoutProblem): LayoutSolution {
  // Without a limit of time, so that a slow machine gives the same result.
  const result = chooseLayouts(problem, {});
  if (result.status !== 'solved') throw new Error(`the problem is ${result.status}`);
  return result;
}

const FOUR: Offer = { layouts: 4, storesAny: false };
const SIXTEEN: Offer = { layouts: 4, storesAny: true };
const EIGHT: Offer = { layouts: 8, storesAny: false };

const FEW: [string, Offer][] = [
  ['4 layouts', FOUR],
  ['4 layouts in and out', SIXTEEN],
];
const MANY: [string, Offer][] = [...FEW, ['8 layouts', EIGHT]];

describe.each([
  ['VGG', vgg, MANY],
  ['ResNet', resnet, MANY],
  ['MobileNet', mobilenet, MANY],
  ['Inception', inception, MANY],
  ['DARTS', darts, FEW],
  ['DenseNet', densenet, FEW],
] as const)('a network like %s of hundreds of nodes', (_, topology, offers) => {
  it.each(offers)(
    'is solved to the proved optimum with %s',
    (_, offer) => {
      const problem = built(topology, offer, 500);
      const solution = choose(problem);
      expect(solution).toMatchObject({ optimal: true, gap: 0 });
      expect(priceOf(problem, solution.options).cost).toBe(solution.cost);
      expect(solution.transforms.length).toBeGreaterThan(0);
      // No one layout throughout is as good: what there is to choose is a real choice.
      for (let layout = 0; layout < offer.layouts; layout++) {
        const uniform = problem.nodes.map(({ options }) =>
          options.findIndex((option) => option.inputs[0] === layout && option.outputs[0] === layout),
        );
        expect(priceOf(problem, uniform).cost).toBeGreaterThan(solution.cost);
      }
    },
    HANGS,
  );

  it(
    'has runners-up that cost more, each what forcing it costs',
    () => {
      const problem = built(topology, FOUR, 100);
      const solution = choose(problem);
      const step = Math.ceil(problem.nodes.length / 10);
      for (let node = 0; node < problem.nodes.length; node += step) {
        const runnerUp = solution.runnerUp(node, {});
        if (!runnerUp) throw new Error(`node ${node} has no runner-up`);
        expect(runnerUp.option).not.toBe(solution.options[node]);
        expect(runnerUp.cost).toBeGreaterThanOrEqual(solution.cost);
        // The cheapest network with only that option there.
        const nodes = problem.nodes.map((own, i) =>
          i === node ? { ...own, options: [own.options[runnerUp.option]] } : own,
        );
        expect(runnerUp.cost / choose({ ...problem, nodes }).cost).toBeCloseTo(1, 9);
        // The cheapest network without the chosen one.
        const without = problem.nodes.map((own, i) =>
          i === node ? { ...own, options: own.options.filter((_, k) => k !== solution.options[node]) } : own,
        );
        expect(runnerUp.cost / choose({ ...problem, nodes: without }).cost).toBeCloseTo(1, 9);
      }
    },
    HANGS,
  );
});

describe('the two ways to solve a network', () => {
  it.each([
    ['VGG', vgg],
    ['ResNet', resnet],
    ['MobileNet', mobilenet],
    ['Inception', inception],
    ['DARTS', darts],
  ])('elimination and branch and bound agree on %s', (_, topology) => {
    const problem = built(topology, FOUR, 60);
    const values = valuesOf(problem);
    const { nodes, edges } = encode(problem, values, statesOf(problem, values));
    const graph = mergeEdges(
      nodes.map((costs) => Float64Array.from(costs)),
      edges.map(({ a, b, costs }) => ({ a, b, costs: Float64Array.from(costs) })),
    );
    const { best, lowerBound } = new Search({}, { maxDegree: 2, maxTable: 1, maxTotal: 1 }).solve(graph);
    const { cost } = choose(problem);
    expect((best?.cost ?? Infinity) / cost).toBeCloseTo(1, 9);
    expect(lowerBound / cost).toBeCloseTo(1, 8);
  });

  it('a chain costs what dynamic programming finds', () => {
    const problem = built(vgg, SIXTEEN, 500);
    let least = [0, Infinity, Infinity, Infinity];
    for (const [i, { options }] of problem.nodes.entries()) {
      const next = least.map(() => Infinity);
      for (const { inputs, outputs, cost } of options) {
        const arrivals = least.map((sum, from) => sum + problem.transform(i, from, Number(inputs[0])));
        next[outputs[0]] = Math.min(next[outputs[0]], cost + Math.min(...arrivals));
      }
      least = next;
    }
    const ends = least.map((sum, from) => sum + problem.transform(500, from, 0));
    expect(choose(problem).cost / Math.min(...ends)).toBeCloseTo(1, 12);
  });
});
