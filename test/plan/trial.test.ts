/** Choices that costs cannot tell apart: whole runs decide, and are remembered. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { rewriteForGpu, rewriteGraph } from '../../src/graph/rewrites/index.js';
import type { Graph } from '../../src/graph/index.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { network as networkNamed } from '../../src/networks/index.js';
import { buildPlan } from '../../src/plan/build.js';
import { CostBook } from '../../src/plan/costs/costs.js';
import { Network, type Choice } from '../../src/plan/network.js';
import { POLICY_NAMES, policyNamed } from '../../src/plan/policies/index.js';
import { rivalsOf, trial, type RunTimer } from '../../src/plan/trial.js';
import { timeRuns } from '../../src/session/measure-runs.js';
import { Estimator } from '../../src/tune/profile/model.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';

function lenet(): Graph {
  const graph = networkNamed('lenet').build({ dims: new Map([['image', [1, 1, 28, 28]]]) });
  rewriteGraph(graph);
  rewriteForGpu(graph);
  return graph;
}

function ids({ chosen }: Choice): string {
  return [...chosen.values()].map(({ id }) => id).join();
}

describe('a trial', () => {
  let device: GpuDevice;
  let network: Network;
  let choices: Choice[];
  let book: CostBook;
  beforeAll(async () => {
    device = await openSoftware();
    const { limits, features, identity } = device;
    const context = { limits, features, storage: 'f32' } as const;
    book = new CostBook({
      context,
      estimator: new Estimator(estimatedProfile({ identity, limits, features })),
      cold: false,
    });
    network = new Network(lenet(), context);
    choices = POLICY_NAMES.map((name) => network.choose(policyNamed(name, null), book));
  });
  afterAll(() => device.destroy());

  const entrants = (list: readonly Choice[]) =>
    list.map((choice) => ({
      choice,
      built: buildPlan(network.graph, network.context, choice.chosen, book),
    }));

  it('is between choices that differ and are nearly as cheap', () => {
    const [cheapest] = choices;
    const priced = (choice: Choice, factor: number): Choice => ({ ...choice, cost: cheapest.cost * factor });
    const other = choices.find((choice) => ids(choice) !== ids(cheapest))!;
    expect(rivalsOf(cheapest, [cheapest])).toEqual([]);
    expect(rivalsOf(cheapest, [priced(other, 1.2)])).toEqual([]);
    const close = priced(other, 1.03);
    expect(rivalsOf(cheapest, [close, { ...close }])).toEqual([close]);
  });

  it.each([
    { times: [100, 90], winner: 1 },
    { times: [100, 99.8], winner: 0 },
    { times: [100, undefined], winner: 0 },
    { times: [undefined, 100], winner: 1 },
  ])('of runs of $times nanoseconds is won by number $winner', async ({ times, winner }) => {
    const timer: RunTimer = (plans) =>
      Promise.resolve(plans.map((_, i) => (times[i] === undefined ? undefined : [times[i]])));
    const result = await trial(network, entrants([choices[0], choices[3]]), new Map(), timer);
    expect(result.winner).toBe(winner);
    expect(result.runs.map(({ nanoseconds }) => nanoseconds)).toEqual(times);
    expect(result.records).toHaveLength(times.filter((time) => time !== undefined).length);
  });

  it('times runs on the device, and remembers them', async () => {
    const pair = entrants([choices[0], choices[3]]);
    const told: number[] = [];
    const timer: RunTimer = (plans) =>
      timeRuns(device, network.graph, plans, { onProgress: ({ done }) => told.push(done) });
    const before = device.allocatedBytes;
    const first = await trial(network, pair, new Map(), timer);
    expect(device.allocatedBytes).toBe(before);
    expect(told.length).toBeGreaterThan(2);
    for (const { samples } of first.records) expect(Math.min(...samples)).toBeGreaterThan(0);

    const known = new Map(first.records.map((record) => [record.key, record]));
    const again = await trial(network, pair, known, () => expect.fail('was timed again'));
    expect(again).toEqual({ winner: first.winner, runs: first.runs, records: [] });
  });
});
