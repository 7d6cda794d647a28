/** What to plan for where there is no GPU: a device of which only the profile is there. */
import type { PlanTarget } from '../plan/planner.js';
import { MemoryStore, type CostRecord, type CostStore } from '../tune/store/cost-store.js';
import type { DeviceProfile } from '../tune/profile/profile.js';
import { estimatedProfile, shippedProfile, type ProfileSource } from '../tune/profile/profiles.js';

/** A datacentre GPU: what it prefers, other GPUs mostly prefer too. */
const FAVOURITE = 'nvidia-h200-webgpu';

/** What a GPU in a laptop allows through WebGPU. */
function typicalGpu(): DeviceProfile {
  return estimatedProfile({
    identity: {
      kind: 'webgpu',
      vendor: '',
      architecture: '',
      name: 'a typical GPU',
      driver: '',
      runtime: '',
    },
    limits: {
      maxBufferBytes: 2 ** 32,
      maxBindingBytes: 2 ** 32 - 4,
      maxBindings: 8,
      maxWorkgroupBytes: 32_768,
      maxInvocations: 256,
      maxWorkgroupSize: [256, 256, 64],
      maxGrid: 65_535,
      offsetAlignment: 256,
      subgroupSize: [32, 32],
    },
    features: new Set(['f16', 'subgroups']),
  });
}

/** The profile to plan for where no device is there and none was named: a shipped one, else an estimate. */
export function standInProfile(): DeviceProfile {
  return shippedProfile(FAVOURITE) ?? typicalGpu();
}

/** Where a profile came from that was given. */
export function sourceOf({ name, measured }: DeviceProfile): ProfileSource {
  if (measured === null) return 'estimated';
  return shippedProfile(name) ? 'shipped' : 'measured';
}

/** The device of a profile to plan for, and a store that knows it. */
export async function absentDevice(
  profile: DeviceProfile,
  costs: readonly CostRecord[] = [],
): Promise<{ readonly target: PlanTarget; readonly store: CostStore }> {
  const { device: identity, limits, features } = profile;
  const store = new MemoryStore();
  await store.save(identity, { profile, costs });
  return { target: { identity, limits, features: new Set(features), device: undefined }, store };
}
