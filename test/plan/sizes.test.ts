/** Tile and patch sizes in plans: climbed by effort, chosen where they were measured, and found again by their ids. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Candidate, CandidateContext } from '../../src/candidates/candidate.js';
import type { GridPoint, SizeGrid } from '../../src/candidates/grid.js';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { PlanError } from '../../src/errors.js';
import { Graph, type Node } from '../../src/graph/index.js';
import { rewriteForGpu, rewriteGraph } from '../../src/graph/rewrites/index.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { climbVariants } from '../../src/plan/costs/climb-variants.js';
import { CostBench, type Entrant } from '../../src/plan/costs/cost-bench.js';
import { CostBook } from '../../src/plan/costs/costs.js';
import { measureCosts } from '../../src/plan/costs/measure-costs.js';
import { Network } from '../../src/plan/network.js';
import { Planner, type PlanTarget } from '../../src/plan/planner.js';
import { OPTIMAL } from '../../src/plan/policies/index.js';
import { Estimator } from '../../src/tune/profile/model.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';
import { LARGE_LIMITS } from '../support/limits.js';
import { image } from './small-graphs.js';

const IDENTITY = {
  kind: 'webgpu',
  vendor: 'test',
  architecture: 'one',
  name: 'Test GPU',
  driver: '1',
  runtime: 'none',
} as const;
const TARGET: PlanTarget = {
  identity: IDENTITY,
  limits: LARGE_LIMITS,
  features: new Set(),
  device: undefined,
};
const CONTEXT: CandidateContext = { limits: LARGE_LIMITS, features: new Set(), storage: 'f32' };

let device: WebGpuDevice;
beforeAll(async () => {
  device = await openSoftware();
});
afterAll(() => {
  device.destroy();
});

/** A large convolution, a small one, and a pooling whose windows overlap. */
function graph(): Graph {
  const made = new Graph();
  const builder = new NetworkBuilder(made);
  const x = builder.conv(image(made, [8, 32, 30, 30]), { channels: 256, kernel: 5, pad: 2 });
  const y = builder.maxPool(builder.conv(x, { channels: 8, kernel: 1 }), { kernel: 3, stride: 2 });
  made.output('y', y);
  rewriteGraph(made);
  rewriteForGpu(made);
  return made;
}

/** Where synthetic costs have their optimum, on every grid of tiles; patches have theirs at the first two. */
const OPTIMUM: GridPoint = [1, 3, 0, 1, 0, 0, 2];

/** Shares of a time that grow with every step from the optimum: no grid has another pit than the one that is nearest to it. */
function shareOf(at: GridPoint): number {
  return 0.2 + 0.01 * at.reduce((sum, place, axis) => sum + Math.abs(place - OPTIMUM[axis]), 0);
}

/** A bench on which a kernel takes a nanosecond for each operation; those with sizes a share of that. */
class SyntheticBench extends CostBench {
  readonly network = new Network(graph(), CONTEXT);
  readonly grids: ReadonlyMap<Node, readonly SizeGrid<Candidate>[]> = new Map(
    this.network.choices.map(({ node, candidates }) => [
      node,
      [...new Set(candidates.flatMap(({ sizes }) => sizes?.grid ?? []))],
    ]),
  );
  /** Ids of what was measured. */
  readonly measured: string[] = [];

  constructor() {
    const estimator = new Estimator(estimatedProfile(TARGET));
    super(device, new CostBook({ context: CONTEXT, estimator, cold: false }), {});
  }

  override async measure(entrants: readonly Entrant[]): Promise<number> {
    const fresh = entrants.filter(({ query }) => !this.book.isSettled(query));
    for (const { query } of fresh) {
      const { key, subject, work, what } = query;
      this.measured.push(subject.name);
      const at = this.#placeOf(subject.name);
      const operations = Math.max(...work.launches.map(({ flops }) => flops));
      const time = (1 + operations) * (at ? shareOf(at) : 1);
      const { kernelClass } = work;
      const record = { key, id: subject.name, what, kernelClass, samples: [time], measured: '2026-11-23' };
      this.book.add(query, { ...record, bytes: 0, flops: 0, launches: 1, invocations: 1 });
    }
    return fresh.length;
  }

  #placeOf(id: string): GridPoint | undefined {
    for (const grid of [...this.grids.values()].flat()) {
      const found = grid.find(id);
      if (found) return found.sizes?.at;
    }
    return undefined;
  }

  /** The chosen candidate of the node of an op, as in a plan. */
  chosen(type: string): { readonly node: Node; readonly candidate: Candidate } {
    const { chosen } = this.network.choose(OPTIMAL, this.book, { measured: true });
    for (const [node, candidate] of chosen) if (node.op.type === type) return { node, candidate };
    throw new Error(`there is no ${type}`);
  }
}

describe('climbing over sizes', () => {
  it('ends at a local optimum, which the choice then takes, also when all is known already', async () => {
    const bench = new SyntheticBench();
    await measureCosts(bench, bench.network, [OPTIMAL], 'high');
    for (const type of ['Conv', 'MaxPool']) {
      const { node, candidate } = bench.chosen(type);
      const { grid, at } = candidate.sizes ?? {};
      if (!grid || !at) throw new Error(`${candidate.id} has no sizes`);
      const beside = grid.neighbours(at).map((point) => grid.at(point));
      expect(beside.length).toBeGreaterThan(0);
      expect(beside.filter((other) => !bench.book.isMeasuredFor(node, other))).toEqual([]);
      const best = Math.min(...grid.points().map(shareOf));
      expect(shareOf(at)).toBeCloseTo(best, 9);
    }
    const before = bench.measured.length;
    expect(new Set(bench.measured).size).toBeGreaterThan(30);
    await measureCosts(bench, bench.network, [OPTIMAL], 'high');
    expect(bench.measured.length).toBe(before);
  });

  it('looks at the costliest layers alone, and at no more sizes than it may', async () => {
    const bench = new SyntheticBench();
    await measureCosts(bench, bench.network, [OPTIMAL], 'low');
    const isOther = (id: string): boolean =>
      !id.startsWith('transform') &&
      !bench.network.choices.some(({ candidates }) => candidates.some((candidate) => candidate.id === id));
    expect(bench.measured.filter(isOther)).toEqual([]);
    await climbVariants(bench, bench.network, [OPTIMAL], { share: 0.5, most: 20 });
    const others = bench.measured.filter(isOther);
    expect(others.length).toBeGreaterThan(5);
    // Three rounds of twenty at most, should layouts change in between.
    expect(others.length).toBeLessThanOrEqual(60);
    expect(others.filter((id) => !id.startsWith('conv_'))).toEqual([]);
  });
});

async function saved(): Promise<Record<string, unknown>> {
  const { document } = await planner([]).plan(graph());
  return JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
}

function planner(plans: readonly unknown[], driver = '1'): Planner {
  const target = { ...TARGET, identity: { ...IDENTITY, driver } };
  const options = { policy: 'nhwc', dtype: 'f32', tuning: 'modelled', effort: 'low', plans } as const;
  return new Planner(target, options, new MemoryStore());
}
/** The document with another kernel for the first convolution. */
function changed(document: Record<string, unknown>, kernel: string): unknown {
  const choices = document['choices'] as string[];
  const first = choices.findIndex((id) => id.startsWith('conv_'));
  return { ...document, choices: choices.map((id, i) => (i === first ? kernel : id)) };
}

describe('a saved plan with other sizes', () => {
  it('is made of the kernels that it names', async () => {
    const document = changed(await saved(), 'conv_nhwc_implicit_t64x96x8r8x4_split2_f32');
    // On another device nothing is said of digests.
    const { built } = await planner([document], '2').plan(graph());
    const conv = built.plan.steps.find(({ op }) => op.startsWith('Conv'));
    expect(conv?.kernel).toBe('conv_nhwc_implicit_t64x96x8r8x4_split2_f32');
    expect(conv?.launches.map(({ source }) => source.id)).toEqual([conv?.kernel, `${conv?.kernel}_reduce`]);
  });

  it('is refused where sizes are not legal', async () => {
    const document = changed(await saved(), 'conv_nhwc_implicit_t256x256x32r16_f32');
    const error = await planner([document], '2')
      .plan(graph())
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PlanError);
    expect(String(error)).toContain('t256x256x32r16_f32, which is not to be had on this device');
  });
});
