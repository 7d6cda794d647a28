/** Which profile a device has: its own where it was tuned, one of a kin that ships, or an estimate. */
import type { GpuIdentity, GpuLimits, KernelFeature } from '../../devices/gpu.js';
import type { Spread } from '../timing/measure.js';
import type { DeviceProfile } from './profile.js';
import { SHIPPED_PROFILES } from './shipped/index.js';

/** What a profile is looked up for. */
export interface ProfileSubject {
  readonly identity: GpuIdentity;
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<KernelFeature>;
}

/** Where a profile came from: told wherever it decides. */
export type ProfileSource =
  /** Measured on this very device. */
  | 'measured'
  /** Measured by Lanewise's makers on a device of the same architecture. */
  | 'shipped'
  /** Nobody knows this device. */
  | 'estimated';

export interface FoundProfile {
  readonly profile: DeviceProfile;
  readonly source: ProfileSource;
}

/** @param own what was measured on this device, if anything */
export function profileFor(subject: ProfileSubject, own: DeviceProfile | undefined): FoundProfile {
  if (own) return { profile: own, source: 'measured' };
  const kin = SHIPPED_PROFILES.find(({ device }) => isKin(device, subject.identity));
  if (kin) return { profile: { ...kin, ...boundsOf(subject) }, source: 'shipped' };
  return { profile: estimatedProfile(subject), source: 'estimated' };
}

/** A shipped profile by its name. */
export function shippedProfile(name: string): DeviceProfile | undefined {
  return SHIPPED_PROFILES.find((profile) => profile.name === name);
}

/** Of one vendor and architecture; of one name, where the architecture is not told. */
function isKin(a: GpuIdentity, b: GpuIdentity): boolean {
  const { kind, vendor, architecture, name } = a;
  if (kind !== b.kind || vendor !== b.vendor || architecture !== b.architecture) return false;
  return architecture !== '' || (name !== '' && name === b.name);
}

function boundsOf({ limits, features }: ProfileSubject): Pick<DeviceProfile, 'limits' | 'features'> {
  return { limits, features: [...features] };
}

/** Nanoseconds. */
const LAUNCH = 5000;

/**
 * A middling GPU of a laptop. Only the proportions matter for choices: arithmetic against bandwidth against launches.
 */
export function estimatedProfile(subject: ProfileSubject): DeviceProfile {
  return {
    version: 1,
    name: 'estimate',
    device: subject.identity,
    measured: null,
    ...boundsOf(subject),
    roofs: {
      copy: about(200e9),
      cachedCopy: about(600e9),
      cacheBytes: 4e6,
      f32: about(5e12),
      f16: null,
      launch: about(LAUNCH),
      saturation: 40_000,
    },
    thresholds: null,
    slowdowns: borrowedSlowdowns(subject.identity.kind, LAUNCH),
  };
}

/**
 * Slowdowns of devices that were measured: what a kernel makes of its device is for the most part the kernel's own. Through
 * CUDA the same kernels run as through WebGPU, and few of them have been measured there: the others' are taken from here.
 * @param launch nanoseconds of a launch, in proportion to which latencies are
 */
function borrowedSlowdowns(kind: GpuIdentity['kind'], launch: number): DeviceProfile['slowdowns'] {
  const kinds = kind === 'cuda' ? ['webgpu', 'cuda'] : [kind];
  const known = kinds.flatMap((one) => SHIPPED_PROFILES.filter(({ device }) => device.kind === one));
  return Object.fromEntries(
    known.flatMap(({ slowdowns, roofs }) =>
      Object.entries(slowdowns).map(([name, slowdown]) => {
        const latency = (slowdown.latency * launch) / roofs.launch.median;
        return [name, { ...slowdown, latency }] as const;
      }),
    ),
  );
}

/** A guess: right within a factor of two. */
function about(value: number): Spread {
  return { median: value, low: value / 2, high: value * 2 };
}
