/** Costs and a profile of devices that never were, and what every store must make of them. */
import type { GpuIdentity } from '../../src/devices/gpu.js';
import { costKey } from '../../src/tune/store/cost-key.js';
import type { CostRecord, CostStore, StoredCosts } from '../../src/tune/store/cost-store.js';
import type { DeviceProfile } from '../../src/tune/profile/profile.js';

export const DEVICE: GpuIdentity = {
  kind: 'webgpu',
  vendor: 'acme',
  architecture: 'road',
  name: 'Acme Runner 9',
  driver: 'driver 1.2',
  runtime: 'webgpu 0.6.2',
};

/** The same with another driver: another device. */
export const UPDATED: GpuIdentity = { ...DEVICE, driver: 'driver 1.3' };

/** A cost by number: each has a key of its own. */
export function record(number: number, ...samples: number[]): CostRecord {
  return {
    key: costKey([], [number], { constants: [], cold: true }),
    id: 'conv_nhwc_direct_f32',
    what: `Conv ${number}x3x8x8 f32`,
    kernelClass: 'conv direct',
    samples: samples.length > 0 ? samples : [1000 + number, 1100.5 + number],
    bytes: 4096,
    flops: 1e6,
    launches: 1,
    invocations: 256,
    measured: '2026-11-23',
  };
}

const about = (median: number): { median: number; low: number; high: number } => ({
  median,
  low: median * 0.9,
  high: median * 1.1,
});

export function profileNamed(name: string, device = DEVICE): DeviceProfile {
  return {
    version: 1,
    name,
    device,
    measured: '2026-11-23',
    limits: {
      maxBufferBytes: 2 ** 32,
      maxBindingBytes: 2 ** 31 - 4,
      maxBindings: 10,
      maxWorkgroupBytes: 49152,
      maxInvocations: 1024,
      maxWorkgroupSize: [1024, 1024, 64],
      maxGrid: 65535,
      offsetAlignment: 256,
      subgroupSize: [32, 32],
    },
    features: ['f16', 'subgroups'],
    roofs: {
      copy: about(4.1e12),
      cachedCopy: about(9e12),
      cacheBytes: 30e6,
      f32: about(5e13),
      f16: about(9e13),
      launch: about(1900),
      saturation: 270_000,
    },
    thresholds: {
      channels: 32,
      batch: 128,
      samples: [
        { n: 64, c: 16, nchw: 31_000, chwn: 30_000.5 },
        { n: 128, c: 64, nchw: 61_000, chwn: 52_000 },
      ],
    },
    slowdowns: { 'conv direct': { factor: 2.5, low: 1.5, high: 3.5, latency: 700, samples: 12 } },
  };
}

/** What is known, as plain data. */
export interface Known {
  readonly profile: string | undefined;
  /** What was measured, with the first sample. */
  readonly costs: readonly string[];
}

export function knownOf({ profile, costs }: StoredCosts): Known {
  return {
    profile: profile?.name,
    costs: Array.from(costs.values(), ({ what, samples }) => `${what}: ${samples[0]}`).sort(),
  };
}

/** Uses an empty store in every way; what it answers, as plain data. */
export async function traceOf(store: CostStore): Promise<unknown[]> {
  const trace: unknown[] = [knownOf(await store.load(DEVICE))];
  await store.save(DEVICE, {});
  trace.push(await store.list());
  await store.save(DEVICE, { profile: profileNamed('first'), costs: [record(1), record(2)] });
  const before = await store.load(DEVICE);
  await store.save(UPDATED, { costs: [record(1, 5)] });
  await store.save(DEVICE, { costs: [record(2, 7, 8), record(3)] });
  await store.save(DEVICE, { profile: profileNamed('second') });
  trace.push(knownOf(before), knownOf(await store.load(DEVICE)), knownOf(await store.load(UPDATED)));
  const listed = (await store.list()).map(({ identity, ...rest }) => [identity.driver, rest] as const);
  trace.push(Object.fromEntries(listed));
  trace.push(await store.clear(UPDATED), knownOf(await store.load(UPDATED)));
  trace.push(await store.clear(UPDATED), (await store.load(DEVICE)).costs.size);
  trace.push(await store.clear(), await store.list(), await store.clear());
  return trace;
}

export const EXPECTED_TRACE: readonly unknown[] = [
  { profile: undefined, costs: [] },
  [],
  { profile: 'first', costs: ['Conv 1x3x8x8 f32: 1001', 'Conv 2x3x8x8 f32: 1002'] },
  {
    profile: 'second',
    costs: ['Conv 1x3x8x8 f32: 1001', 'Conv 2x3x8x8 f32: 7', 'Conv 3x3x8x8 f32: 1003'],
  },
  { profile: undefined, costs: ['Conv 1x3x8x8 f32: 5'] },
  { 'driver 1.2': { costs: 3, profile: true }, 'driver 1.3': { costs: 1, profile: false } },
  { devices: 1, costs: 1 },
  { profile: undefined, costs: [] },
  { devices: 0, costs: 0 },
  3,
  { devices: 1, costs: 3 },
  [],
  { devices: 0, costs: 0 },
];
