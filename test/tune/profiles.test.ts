/** Which profile stands for a device. */
import { describe, expect, it } from 'vitest';
import type { GpuIdentity } from '../../src/devices/gpu.js';
import {
  estimatedProfile,
  profileFor,
  shippedProfile,
  type ProfileSubject,
} from '../../src/tune/profile/profiles.js';
import { SHIPPED_PROFILES } from '../../src/tune/profile/shipped/index.js';
import { DEFAULT_LIMITS } from '../support/limits.js';

function subject(changes: Partial<GpuIdentity> = {}): ProfileSubject {
  const identity: GpuIdentity = {
    kind: 'webgpu',
    vendor: 'nobody',
    architecture: '',
    name: 'unheard of',
    driver: '1',
    runtime: 'test',
    ...changes,
  };
  return { identity, limits: DEFAULT_LIMITS, features: new Set(['subgroups']) };
}

/** Classes of kernels that a shipped profile knows. */
function classesOf(name: string): string[] {
  return Object.keys(shippedProfile(name)?.slowdowns ?? {});
}

describe('a device', () => {
  it('has its own profile where it was measured', () => {
    const own = { ...estimatedProfile(subject()), name: 'own', measured: '2026-11-23' };
    expect(profileFor(subject(), own)).toEqual({ profile: own, source: 'measured' });
  });

  it('has an estimate for its own limits where nobody knows it', () => {
    const { profile, source } = profileFor(subject(), undefined);
    expect(source).toBe('estimated');
    expect(profile.measured).toBeNull();
    expect(profile.limits).toBe(DEFAULT_LIMITS);
    expect(profile.features).toEqual(['subgroups']);
    // How kernels cope is borrowed from a device that was measured.
    expect(Object.keys(profile.slowdowns)).toEqual(classesOf('nvidia-h200-webgpu'));
  });

  it('has an estimate through CUDA by what was measured through CUDA, and through WebGPU where nothing was', () => {
    const { slowdowns } = estimatedProfile(subject({ ...subject().identity, kind: 'cuda' }));
    const [own, others] = ['nvidia-h200-cuda', 'nvidia-h200-webgpu'].map(classesOf);
    expect(Object.keys(slowdowns).sort()).toEqual([...new Set([...own, ...others])].sort());
    for (const name of own) {
      expect(slowdowns[name].factor).toBe(shippedProfile('nvidia-h200-cuda')?.slowdowns[name].factor);
    }
  });

  it.each(SHIPPED_PROFILES.map(({ name, device }) => [name, device] as const))(
    'is known by its kin %s, whatever its driver, within its own limits',
    (name, device) => {
      const { profile, source } = profileFor(subject({ ...device, driver: 'newer' }), undefined);
      expect([source, profile.name]).toEqual(['shipped', name]);
      expect(profile.limits).toBe(DEFAULT_LIMITS);
      expect(shippedProfile(name)?.device).toEqual(device);
      // A vendor alone says nothing, nor does the same name elsewhere.
      const stranger = { ...device, architecture: '', name: 'another' };
      expect(profileFor(subject(stranger), undefined).source).toBe('estimated');
      const kind = device.kind === 'cuda' ? 'webgpu' : 'cuda';
      expect(profileFor(subject({ ...device, kind }), undefined).profile.name).not.toBe(name);
    },
  );

  it('of no known name is not found', () => {
    expect(shippedProfile('no-such-profile')).toBeUndefined();
  });
});
