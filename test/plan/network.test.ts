/** The choice for whole networks: against brute force, under every policy, and as a document. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate, CandidateContext } from '../../src/candidates/candidate.js';
import type { GpuIdentity } from '../../src/devices/gpu.js';
import { DeviceError, PlanError } from '../../src/errors.js';
import { Graph, type Node, type Value } from '../../src/graph/index.js';
import { rewriteForGpu, rewriteGraph } from '../../src/graph/rewrites/index.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { NETWORK_NAMES, network as networkNamed } from '../../src/networks/index.js';
import { Transpose } from '../../src/ops/transpose.js';
import { relu } from '../../src/ops/unary-functions.js';
import { buildPlan } from '../../src/plan/build.js';
import { passesCache, CostBook } from '../../src/plan/costs/costs.js';
import { totalsOf } from '../../src/plan/explain.js';
import { Network } from '../../src/plan/network.js';
import { Planner, type PlannerOptions, type PlanTarget } from '../../src/plan/planner.js';
import { OPTIMAL, POLICY_NAMES, policyNamed } from '../../src/plan/policies/index.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';
import { Estimator } from '../../src/tune/profile/model.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';
import { image, unary } from './small-graphs.js';
import { LARGE_LIMITS } from '../support/limits.js';

const IDENTITY: GpuIdentity = {
  kind: 'webgpu',
  vendor: 'test',
  architecture: 'one',
  name: 'Test GPU',
  driver: '1',
  runtime: 'none',
};
const TARGET: PlanTarget = {
  identity: IDENTITY,
  limits: LARGE_LIMITS,
  features: new Set(),
  device: undefined,
};
const CONTEXT: CandidateContext = { limits: LARGE_LIMITS, features: new Set(), storage: 'f32' };
const OPTIONS: PlannerOptions = { policy: 'optimal', dtype: 'f32', tuning: 'modelled', effort: 'normal' };

/** A book whose costs a seed decides, so that layouts contradict each other as they do on real devices. */
class SeededBook extends CostBook {
  readonly #seed: number;

  constructor(seed: number) {
    super({ context: CONTEXT, estimator: new Estimator(estimatedProfile(TARGET)), cold: false });
    this.#seed = seed;
  }

  override ofCandidate(node: Node, candidate: Candidate): ReturnType<CostBook['ofCandidate']> {
    return this.#shake(super.ofCandidate(node, candidate), `${node.name} ${candidate.id}`);
  }

  override ofTransform(...args: Parameters<CostBook['ofTransform']>): ReturnType<CostBook['ofTransform']> {
    // By the kernel, as layouts of other names may place elements alike.
    return this.#shake(super.ofTransform(...args), this.transformQuery(...args)?.key ?? '');
  }

  #shake(cost: ReturnType<CostBook['ofCandidate']>, name: string): typeof cost {
    let hash = this.#seed;
    for (const char of name) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
    return { ...cost, median: cost.median * (0.2 + (Math.abs(hash) % 1000) / 400) };
  }
}

/** Small graphs with a branch, a concatenation or a residual. */
const GRAPHS: Readonly<Record<string, (builder: NetworkBuilder, x: Value) => Value>> = {
  chain: (b, x) => b.maxPool(b.conv(x, { channels: 4, kernel: 1 }), { kernel: 2, stride: 2 }),
  residual: (b, x) => {
    const y = b.maxPool(x, { kernel: 3, stride: 1, pad: 1 });
    return b.relu(b.add(b.maxPool(y, { kernel: 3, stride: 1, pad: 1 }), y));
  },
  concat: (b, x) =>
    b.concat([
      b.maxPool(x, { kernel: 3, stride: 1, pad: 1 }),
      b.conv(x, { channels: 4, kernel: 1, activation: relu }),
      x,
    ]),
};

/** Graphs with many names for one memory, or parts that share blocks. */
const ODD_GRAPHS: Readonly<Record<string, (builder: NetworkBuilder, x: Value) => Value>> = {
  'parts that end within a block': (b, x) => {
    const y = b.conv(x, { channels: 6, kernel: 1 });
    const z = b.concat([
      b.conv(y, { channels: 3, kernel: 1 }),
      b.conv(y, { channels: 5, kernel: 3, pad: 1 }),
    ]);
    return b.conv(z, { channels: 4, kernel: 1 });
  },
  'convolutions that may be one, with a residual': (b, x) => {
    const wide = b.conv(x, { channels: 8, kernel: 1 });
    const middle = b.conv(wide, { channels: 8, kernel: 3, pad: 1, group: 8 });
    return b.add(b.conv(middle, { channels: 4, kernel: 1 }), x);
  },
  'layouts that are one for one image': (b, x) => {
    const y = b.conv(x, { channels: 32, kernel: 3, pad: 1 });
    return b.graph.add(new Transpose([0, 2, 3, 1]), [y], { name: 'turned' })[0];
  },
};

function small(name: string, dims: readonly number[]): Graph {
  const graph = new Graph(name);
  const make = GRAPHS[name] ?? ODD_GRAPHS[name];
  graph.output('y', make(new NetworkBuilder(graph), image(graph, [...dims])));
  rewriteGraph(graph);
  rewriteForGpu(graph);
  return graph;
}

/** What a choice costs by its plan: the sum of its steps, as they are launched. */
function priceOf(network: Network, chosen: ReadonlyMap<Node, Candidate>, book: CostBook): number {
  return totalsOf(buildPlan(network.graph, network.context, chosen, book).plan).time;
}

/** Every choice, each fused kernel with every choice of the other nodes. */
function* everyChoice({ choices }: Network): Generator<Map<Node, Candidate>> {
  const free = choices.map(({ node, candidates }): Ways => [node, candidates]);
  yield* everyOneOf(free);
  for (const { node, fused } of choices) {
    for (const { absorbed, absorbing } of fused) {
      yield* everyOneOf(
        free.map(([other, candidates]): Ways => {
          if (other === node) return [other, [absorbing]];
          return [other, other === absorbing.producer ? [absorbed] : candidates];
        }),
      );
    }
  }
}

type Ways = readonly [node: Node, candidates: readonly Candidate[]];

function* everyOneOf(ways: readonly Ways[]): Generator<Map<Node, Candidate>> {
  const counters = ways.map(() => 0);
  for (;;) {
    yield new Map(ways.map(([node, candidates], i) => [node, candidates[counters[i]]]));
    let place = 0;
    while (place < counters.length && ++counters[place] === ways[place][1].length) counters[place++] = 0;
    if (place === counters.length) return;
  }
}

describe('what passes the cache', () => {
  it('is counted as it is stored', () => {
    const graph = new Graph();
    const x = image(graph, [2, 4, 6, 6]);
    graph.output('y', unary(graph, x, 'negated'));
    const bytes = 2 * 4 * 2 * 4 * 6 * 6;
    expect(passesCache(graph, bytes - 1, 'f32')).toBe(true);
    expect(passesCache(graph, bytes, 'f32')).toBe(false);
    expect(passesCache(graph, bytes / 2 - 1, 'f16')).toBe(true);
    expect(passesCache(graph, bytes / 2, 'f16')).toBe(false);
  });
});

describe('the optimal policy', () => {
  it('finds what trying every choice finds, by the cost of the plans that they give', () => {
    const dims = fc.tuple(
      fc.constantFrom(1, 2),
      fc.constantFrom(1, 4, 8),
      fc.integer({ min: 3, max: 6 }),
      fc.integer({ min: 3, max: 5 }),
    );
    fc.assert(
      fc.property(fc.constantFrom('residual', 'concat', 'chain'), dims, fc.nat(), (name, shape, seed) => {
        const network = new Network(small(name, shape), CONTEXT);
        const book = new SeededBook(seed);
        const total = network.choices.reduce((product, { candidates }) => product * candidates.length, 1);
        fc.pre(total <= 1500);
        let best = Infinity;
        for (const chosen of everyChoice(network)) best = Math.min(best, priceOf(network, chosen, book));
        const choice = network.choose(OPTIMAL, book);
        expect(choice.optimal).toBe(true);
        expect(choice.cost / best).toBeCloseTo(1, 9);
        expect(priceOf(network, choice.chosen, book) / best).toBeCloseTo(1, 9);
      }),
      { numRuns: 6, seed: 7 },
    );
  });

  it.each(Object.keys(ODD_GRAPHS))('costs what its plan costs, with %s, and no more than others', (name) => {
    const network = new Network(small(name, [1, 4, 6, 4]), CONTEXT);
    // A profile that was measured knows each class of kernels, and kernels' names are their classes.
    const plain = new CostBook({
      context: CONTEXT,
      estimator: new Estimator(standInProfile()),
      cold: false,
    });
    for (const book of [plain, ...Array.from({ length: 8 }, (_, seed) => new SeededBook(seed))]) {
      const choices = POLICY_NAMES.map((policy) => network.choose(policyNamed(policy, null), book));
      for (const { chosen, cost } of choices) {
        expect(priceOf(network, chosen, book) / cost).toBeCloseTo(1, 9);
        expect(choices[0].cost / cost).toBeLessThanOrEqual(1 + 1e-9);
      }
    }
  });

  it.each(NETWORK_NAMES)('of %s is proved, quick, and no dearer than any other policy', async (name) => {
    const { document, network, book, choice } = await plan(name);
    const others = POLICY_NAMES.map((policy) => network.choose(policyNamed(policy, null), book).cost);
    expect(document.predicted).toBeLessThanOrEqual(Math.min(...others) * (1 + 1e-9));
    expect(choice?.optimal).toBe(true);
    // The solver's price is the price of the plan's steps.
    expect(
      document.predicted / totalsOf(buildPlan(network.graph, CONTEXT, choice!.chosen, book).plan).time,
    ).toBeCloseTo(1, 9);
  });
});

async function plan(
  name: string,
  options: Partial<PlannerOptions> = {},
  target: PlanTarget = TARGET,
  batch = 4,
): ReturnType<Planner['plan']> {
  return new Planner(target, { ...OPTIONS, ...options }, new MemoryStore()).plan(graphOf(name, batch));
}

function graphOf(name: string, batch = 4): Graph {
  const model = networkNamed(name);
  const [, ...image] = model.inputs[0].dims as number[];
  const graph = model.build({ dims: new Map([['image', [batch, ...image]]]) });
  rewriteGraph(graph);
  rewriteForGpu(graph);
  return graph;
}

describe('a node of which every kernel has failed', () => {
  it('is named', () => {
    const network = new Network(small('residual', [1, 4, 5, 5]), CONTEXT);
    const book = new SeededBook(1);
    const { node, candidates } = network.choices[0];
    for (const candidate of candidates) {
      const query = book.candidateQuery(node, candidate);
      if (query) book.fail(query);
    }
    expect(() => network.choose(OPTIMAL, book)).toThrow(DeviceError);
    expect(() => network.choose(OPTIMAL, book)).toThrow(
      /no kernel for .*MaxPool "\w+".* works on this device/,
    );
  });
});

describe('the heuristic policy', () => {
  it('puts a convolution into CHWN for few channels or a large batch, else into NCHW, and pooling into CHWN', async () => {
    const policy = policyNamed('heuristic', { channels: 64, batch: 128, samples: [] });
    const layouts = (batch: number): string[] => {
      const graph = new Graph();
      const builder = new NetworkBuilder(graph);
      const x = builder.conv(image(graph, [batch, 3, 8, 8]), { channels: 64, kernel: 3 });
      // Windows that overlap, so that no kernel does both.
      const y = builder.conv(builder.maxPool(x, { kernel: 3, stride: 2 }), { channels: 64, kernel: 1 });
      graph.output('y', y);
      const network = new Network(graph, CONTEXT);
      const book = new CostBook({
        context: CONTEXT,
        estimator: new Estimator(estimatedProfile(TARGET)),
        cold: true,
      });
      const { chosen } = network.choose(policy, book);
      return network.choices.map(({ node }) => chosen.get(node)?.inputs[0]?.name ?? '');
    };
    expect(layouts(2)).toEqual(['CHWN', 'CHWN', 'NCHW']);
    expect(layouts(128)).toEqual(['CHWN', 'CHWN', 'CHWN']);
  });
});

/** A plan as a file has it. */
async function saved(name = 'lenet'): Promise<unknown> {
  return JSON.parse(JSON.stringify((await plan(name, { policy: 'nhwc' })).document)) as unknown;
}

describe('a saved plan', () => {
  it('makes the same plan again, whatever the options say', async () => {
    const document = await saved();
    const again = await plan('lenet', { policy: 'optimal', plans: [document] });
    expect(JSON.parse(JSON.stringify(again.document))).toEqual(document);
  });

  it('serves the graph that it was made for, among others', async () => {
    const [one, other] = [await saved('lenet'), await saved('cifar10')];
    const again = await plan('cifar10', { plans: [one, other] });
    expect(again.document.policy).toBe('nhwc');
  });

  it('serves the element type that it was made for, among others', async () => {
    const document = (await saved()) as Record<string, unknown>;
    const again = await plan('lenet', { plans: [{ ...document, dtype: 'f16' }, document] });
    expect(again.document.dtype).toBe('f32');
  });

  it.each<[string, (document: Record<string, unknown>) => unknown, RegExp]>([
    ['no plan', () => 7, /saved plan/],
    ['another format', (document) => ({ ...document, format: 'x' }), /format/],
    ['a later version', (document) => ({ ...document, version: 2 }), /version/],
    ['a policy that there is not', (document) => ({ ...document, policy: 'best' }), /policy/],
    ['a time that is none', (document) => ({ ...document, predicted: 'soon' }), /predicted/],
    ['no choices', (document) => ({ ...document, choices: undefined }), /choices/],
    ['half precision', (document) => ({ ...document, dtype: 'f16' }), /computes in f16, and f32/],
    [
      'a kernel that there is not',
      (document) => ({ ...document, choices: (document['choices'] as string[]).map(() => 'conv_best') }),
      /runs Conv "\w+" as conv_best, which is not to be had/,
    ],
    [
      'kernels that have changed',
      (document) => JSON.parse(JSON.stringify(document).replaceAll(/"digest":"./g, '"digest":"x')) as unknown,
      /stale: kernel \w+ has changed/,
    ],
    [
      'another graph',
      (document) => ({ ...document, graph: { name: 'lenet', fingerprint: 'other' } }),
      /another graph, or for other input shapes/,
    ],
  ])('is refused where it is %s', async (_name, change, message) => {
    const changed = change((await saved()) as Record<string, unknown>);
    const error = await plan('lenet', { plans: [changed] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PlanError);
    expect((error as PlanError).message).toMatch(message);
  });

  it('is refused for other shapes', async () => {
    await expect(plan('lenet', { plans: [await saved()] }, TARGET, 5)).rejects.toThrow(/other input shapes/);
  });

  it('loads on another device, where what it names is to be had', async () => {
    const other = { ...TARGET, identity: { ...IDENTITY, driver: '2' } };
    const document = (await saved()) as Record<string, unknown>;
    const stale = JSON.parse(JSON.stringify(document).replaceAll(/"digest":"./g, '"digest":"x')) as unknown;
    const loaded = (await plan('lenet', { plans: [stale] }, other)).document;
    // It is this device's plan now: what was predicted and proved on the other says nothing here.
    expect(loaded).toMatchObject({ device: other.identity, optimal: false, choices: document['choices'] });
    const tiny = { ...other, limits: { ...LARGE_LIMITS, maxInvocations: 64, maxWorkgroupBytes: 2048 } };
    await expect(plan('lenet', { plans: [document] }, tiny)).rejects.toThrow(/not to be had on this device/);
  });
});
