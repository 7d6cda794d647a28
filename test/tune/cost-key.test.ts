/** Keys of costs: equal for what costs the same, and for nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuIdentity, WgslKernel } from '../../src/devices/gpu.js';
import { KEY_PATTERN, costKey, deviceSlug, identityKey } from '../../src/tune/store/cost-key.js';
import { DEVICE } from './cost-samples.js';

const SOURCE: WgslKernel = {
  id: 'copy_f32',
  wgsl: '@compute @workgroup_size(64) fn main() {}',
  bindings: [{ name: 'x', access: 'read' }],
  workgroup: [64, 1, 1],
  grid: [8, 1, 1],
  features: [],
  workgroupBytes: 0,
  flops: 0,
  bytes: 128,
};
const LAUNCH = { source: SOURCE, buffers: [0, 1] };
const COLD = { constants: [], cold: true };

function keyWith(change: Partial<WgslKernel>): string {
  return costKey([{ ...LAUNCH, source: { ...SOURCE, ...change } }], [64, 64], COLD);
}

function keyListing(constants: readonly number[]): string {
  return costKey([LAUNCH], [64, 64], { constants, cold: true });
}

describe('costKey', () => {
  const key = costKey([LAUNCH], [64, 64], COLD);

  it('is the same in every process', () => {
    // Another MEASURE_VERSION gives another key.
    expect(key).toBe('cbfccb912e4a2a9d9ead88db83803b43');
    expect(key).toMatch(KEY_PATTERN);
  });

  it('changes with all that a time depends on', () => {
    const keys = [
      key,
      keyWith({ wgsl: `${SOURCE.wgsl} ` }),
      keyWith({ wgsl: SOURCE.wgsl.replace('64', '６４') }),
      keyWith({ workgroup: [32, 2, 1] }),
      keyWith({ grid: [9, 1, 1] }),
      costKey([{ ...LAUNCH, buffers: [1, 0] }], [64, 64], COLD),
      costKey([LAUNCH], [64, 128], COLD),
      costKey([LAUNCH, LAUNCH], [64, 64], COLD),
      costKey([LAUNCH], [64, 64], { constants: [], cold: false }),
      costKey([LAUNCH], [64, 64], { constants: [0], cold: true }),
      costKey([LAUNCH], [64, 64], { constants: [1], cold: true }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('does not change with names, nor with the order in which constants are listed', () => {
    expect(keyWith({ id: 'another', features: ['subgroups'], bytes: 1, flops: 1 })).toBe(key);
    expect(keyListing([1, 0, 1])).toBe(keyListing([0, 1]));
  });

  it('is the same after many other texts', () => {
    for (let i = 0; i < 5000; i++) keyWith({ wgsl: `text ${i}` });
    expect(costKey([LAUNCH], [64, 64], COLD)).toBe(key);
    expect(keyWith({ wgsl: 'text 4999' })).not.toBe(keyWith({ wgsl: 'text 0' }));
  });
});

describe('identityKey', () => {
  const identities = fc.record({
    kind: fc.constantFrom('webgpu' as const, 'cuda' as const),
    vendor: fc.string(),
    architecture: fc.string(),
    name: fc.string(),
    driver: fc.string(),
    runtime: fc.string(),
  });

  it('is equal for equal identities alone', () => {
    fc.assert(
      fc.property(identities, identities, (a, b) => {
        const equal = (Object.keys(a) as (keyof GpuIdentity)[]).every((name) => a[name] === b[name]);
        expect(identityKey(a) === identityKey(b)).toBe(equal);
        const { kind, ...rest } = a;
        expect(identityKey({ ...rest, kind })).toBe(identityKey(a));
      }),
    );
  });

  it.each(['vendor', 'architecture', 'name', 'driver', 'runtime'] as const)(
    'tells another %s apart',
    (name) => {
      expect(identityKey({ ...DEVICE, [name]: `${DEVICE[name]}1` })).not.toBe(identityKey(DEVICE));
    },
  );
});

describe('deviceSlug', () => {
  it.each<[string, Partial<GpuIdentity>]>([
    ['acme-runner-9-webgpu', {}],
    ['acme-road-cuda', { kind: 'cuda', name: '' }],
    ['gpu-webgpu', { vendor: '', architecture: '', name: '' }],
    ['acme-etc-passwd-webgpu', { name: '../../etc/passwd' }],
    ['acme-webgpu', { name: '图形处理器', architecture: '' }],
  ])('is %s', (slug, change) => {
    expect(deviceSlug({ ...DEVICE, ...change })).toBe(slug);
  });

  it('is short and fit for a file, whatever the device calls itself', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (vendor, name) => {
        expect(deviceSlug({ ...DEVICE, vendor, name })).toMatch(/^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$/);
      }),
    );
  });
});
