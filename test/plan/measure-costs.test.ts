/** Costs measured for a network, on software WebGPU: what is measured, kept and used again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { Graph } from '../../src/graph/index.js';
import { rewriteForGpu, rewriteGraph } from '../../src/graph/rewrites/index.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import type { Progress } from '../../src/devices/device.js';
import type { Effort } from '../../src/plan/costs/measure-costs.js';
import { Planner, targetOf, type PlannedNetwork } from '../../src/plan/planner.js';
import { MemoryStore, type CostStore } from '../../src/tune/store/cost-store.js';
import { image } from './small-graphs.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await openSoftware();
});

afterAll(() => {
  device.destroy();
});

/** Two branches that meet, and a pooling. */
function graph(channels = 4): Graph {
  const made = new Graph();
  const builder = new NetworkBuilder(made);
  const x = builder.conv(image(made, [2, 3, 6, 6]), { channels, kernel: 3, pad: 1 });
  const y = builder.add(builder.relu(x), builder.maxPool(x, { kernel: 3, stride: 1, pad: 1 }));
  made.output('y', builder.globalAveragePool(y));
  rewriteGraph(made);
  rewriteForGpu(made);
  return made;
}

/** Plans on the software device as if its times meant something. */
async function plan(
  effort: Effort,
  store: CostStore,
  made = graph(),
): Promise<{ planned: PlannedNetwork; progress: Progress[] }> {
  const progress: Progress[] = [];
  const planner = new Planner(
    { ...targetOf(device), device },
    { policy: 'optimal', dtype: 'f32', tuning: 'measured', effort, onProgress: (now) => progress.push(now) },
    store,
  );
  return { planned: await planner.plan(made), progress };
}

/** Plans, and checks that every step of the choice was measured. @returns how many costs the store has then */
async function measuredPlan(effort: Effort, store: CostStore): Promise<number> {
  const { planned, progress } = await plan(effort, store);
  expect(planned.document.tuning).toBe('measured');
  for (const { done, total } of progress) expect(done).toBeLessThanOrEqual(total);
  const { costs } = await store.load(device.identity);
  const steps = planned.built.plan.steps.filter(({ launches }) => launches.length > 0);
  expect(steps.filter(({ cost }) => cost?.origin !== 'measured')).toEqual([]);
  expect(Math.min(...steps.map(({ cost }) => cost?.median ?? 0))).toBeGreaterThan(0);
  expect(costs.size).toBeGreaterThanOrEqual(new Set(steps.map(({ kernel }) => kernel)).size);
  expect(device.allocatedBytes).toBe(0);
  return costs.size;
}

describe('measuring for a network', () => {
  it('with effort high from nothing ends in a choice that was measured', async () => {
    expect(await measuredPlan('high', new MemoryStore())).toBeGreaterThan(0);
  });

  it('measures what is copied into a concatenation', async () => {
    const made = new Graph();
    const builder = new NetworkBuilder(made);
    const x = image(made, [2, 3, 6, 6]);
    made.output('y', builder.concat([x, x]));
    const { planned } = await plan('low', new MemoryStore(), made);
    const { steps } = planned.built.plan;
    expect(steps.map(({ op }) => op)).toContain('Concat');
    expect(steps.filter(({ cost }) => cost?.origin !== 'measured')).toEqual([]);
  });

  it('measures what it chooses with every effort, more with more of it, and nothing twice', async () => {
    const counts: number[] = [];
    const store = new MemoryStore();
    for (const effort of ['low', 'normal', 'high', 'high'] as const) {
      counts.push(await measuredPlan(effort, store));
    }
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[1]).toBeGreaterThan(counts[0]);
    expect(counts[2]).toBeGreaterThanOrEqual(counts[1]);
    const again = await plan('high', store);
    expect(again.progress).toEqual([]);
    // Another graph has other kernels: nothing stale is used for it.
    const other = await plan('low', store, graph(5));
    expect(other.progress.length).toBeGreaterThan(0);
  }, 120_000);

  it('stops when it is told to, and keeps what it has', async () => {
    const store = new MemoryStore();
    const controller = new AbortController();
    const planner = new Planner(
      { ...targetOf(device), device },
      {
        policy: 'optimal',
        dtype: 'f32',
        tuning: 'measured',
        effort: 'low',
        signal: controller.signal,
        // Between two races: the first is over when the second tells of itself.
        onProgress: ({ done, total }) => {
          if (done === total) controller.abort(new Error('enough'));
        },
      },
      store,
    );
    await expect(planner.plan(graph())).rejects.toThrow('enough');
    expect(device.allocatedBytes).toBe(0);
    expect((await store.load(device.identity)).costs.size).toBeGreaterThan(0);
  });
});
