/** Networks tuned on software WebGPU as if its times meant something. */
import { describe, expect, it } from 'vitest';
import { tuneNetworks } from '../../src/cli/tune-networks.js';
import { Graph } from '../../src/graph/index.js';
import { NetworkBuilder } from '../../src/networks/builder.js';
import { targetOf } from '../../src/plan/planner.js';
import { POLICY_NAMES } from '../../src/plan/policies/index.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';
import { classOf } from '../../src/tune/profile/model.js';
import type { DeviceProfile } from '../../src/tune/profile/profile.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';
import { useSoftwareDevice } from '../kernels/run-cases.js';
import { image } from '../plan/small-graphs.js';

function softmax(dims: readonly number[]): Graph {
  const graph = new Graph();
  graph.output('y', new NetworkBuilder(graph).softmax(image(graph, dims)));
  return graph;
}

describe('tuning networks', () => {
  const device = useSoftwareDevice();

  it('measures what every policy chooses, once, and fits the model to it', async () => {
    const store = new MemoryStore();
    const target = { ...targetOf(device()), device: device() };
    const { identity } = target;
    const estimate = estimatedProfile(target);
    // A launch that takes no time: else kernels this small would teach the model nothing.
    const launch = { median: 0, low: 0, high: 0 };
    const known = { factor: 7, low: 6, high: 8, latency: 9, samples: 3 };
    const profile: DeviceProfile = {
      ...estimate,
      roofs: { ...estimate.roofs, launch },
      slowdowns: { gemm_nc_f32: known },
    };
    await store.save(identity, { profile });
    const said: string[] = [];
    const options = {
      target,
      store,
      profile,
      dtype: 'f32' as const,
      effort: 'low' as const,
      onProgress: (text: string) => said.push(text),
      onFailure: (id: string) => expect.fail(id),
    };
    const network = { name: 'small', graph: softmax([2, 3, 4, 4]) };
    const { networks, profile: fitted } = await tuneNetworks({ ...options, networks: [network, network] });

    const kept = await store.load(identity);
    // Each cost once: the second time there are others to measure only if the fitted model hopes for what it did not before.
    const [first, second] = networks.map(({ measured }) => measured);
    expect(first).toBeGreaterThan(0);
    expect(first + second).toBe(kept.costs.size);
    for (const { name, shapes, policies } of networks) {
      expect([name, shapes]).toEqual(['small', { x: [2, 3, 4, 4] }]);
      expect(policies.map(({ policy }) => policy)).toEqual(POLICY_NAMES);
      for (const { milliseconds, proved } of policies) {
        expect(proved).toBe(true);
        expect(milliseconds).toBeGreaterThanOrEqual(policies[0].milliseconds);
      }
    }
    // Of what competes for one place the first was learned from; others are not what runs where nothing is measured.
    const classes = new Set(Array.from(kept.costs.values(), ({ id }) => classOf(id)));
    const learned = Object.entries(fitted.slowdowns).filter(([name]) => name !== 'gemm_nc_f32');
    expect(learned.length).toBeGreaterThan(0);
    for (const [name, { samples, latency }] of learned) {
      expect(classes).toContain(name);
      expect(samples).toBeGreaterThan(0);
      expect(latency).toBeGreaterThanOrEqual(0);
    }
    expect(fitted.slowdowns['gemm_nc_f32']).toEqual(known);
    expect(kept.profile).toEqual(fitted);
    expect(said.some((text) => /^small, policy \w+: \d+ of \d+, softmax_/.test(text))).toBe(true);
  });

  it('of no network leaves the profile alone', async () => {
    const target = targetOf(device());
    const profile = estimatedProfile(target);
    const store = new MemoryStore();
    const options = {
      target,
      store,
      profile,
      dtype: 'f32',
      effort: 'low',
      onProgress: () => undefined,
      onFailure: () => undefined,
    } as const;
    expect(await tuneNetworks({ ...options, networks: [] })).toEqual({ networks: [], profile });
    expect(await store.list()).toEqual([]);
  });
});
