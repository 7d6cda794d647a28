/** Reads device profiles: every number is checked, as a plan made from a wrong one would be wrong without a word. */
import type { GpuIdentity, GpuLimits, KernelFeature } from '../../devices/gpu.js';
import { JsonValue, parseJson } from '../store/json-value.js';
import type { Spread } from '../timing/measure.js';
import type { DeviceProfile, Roofs, Slowdown, ThresholdSample, Thresholds } from './profile.js';

/** The only version of profiles that there is. */
const VERSION = 1;

/** What to do about a profile that cannot be read. */
const REMEDY =
  'Measure the device again with `lanewise tune`, or take the profile from where it was measured.';

/** A record, so that a new feature cannot be forgotten here. */
const FEATURES: Readonly<Record<KernelFeature, true>> = {
  f16: true,
  subgroups: true,
  'subgroup-matrix': true,
  cuda: true,
  wgmma: true,
  cudnn: true,
  cublaslt: true,
};

const MAX_THRESHOLD_SAMPLES = 10_000;
const MAX_CLASSES = 1000;

/**
 * A profile out of JSON. Fields that no profile has are left out.
 * @param value the JSON value
 * @param source the file, for messages
 * @throws PlanError naming the field, what stands there and the remedy
 */
export function parseProfile(value: unknown, source: string): DeviceProfile {
  return profileOf(new JsonValue(value, { source, remedy: REMEDY }));
}

/** The profile in a file's text. @throws PlanError as `parseProfile` does */
export function parseProfileText(text: string, source: string): DeviceProfile {
  return profileOf(parseJson(text, { source, remedy: REMEDY }));
}

/** A profile that is a part of a document. @throws PlanError as `parseProfile` does */
export function profileOf(value: JsonValue): DeviceProfile {
  const version = value.field('version');
  if (version.raw !== VERSION) {
    throw version.error(
      `this profile is of version ${JSON.stringify(version.raw) ?? 'none'}, and version ${VERSION} is the one known`,
      'Update Lanewise, or measure the device again with `lanewise tune`.',
    );
  }
  const measured = value.field('measured');
  const thresholds = value.field('thresholds');
  return {
    version: VERSION,
    name: value.field('name').matching(/^\w[\w.-]{0,99}$/, 'a name of letters, digits, "..", "-" and "_"'),
    device: identityOf(value.field('device')),
    measured: measured.raw === null ? null : measured.day(),
    limits: limitsOf(value.field('limits')),
    features: featuresOf(value.field('features')),
    roofs: roofsOf(value.field('roofs')),
    thresholds: thresholds.raw === null ? null : thresholdsOf(thresholds),
    slowdowns: slowdownsOf(value.field('slowdowns')),
  };
}

/** @throws PlanError for what is no identity */
export function identityOf(value: JsonValue): GpuIdentity {
  return {
    kind: value.field('kind').oneOf(['webgpu', 'cuda']),
    vendor: value.field('vendor').text(),
    architecture: value.field('architecture').text(),
    name: value.field('name').text(),
    driver: value.field('driver').text(),
    runtime: value.field('runtime').text(),
  };
}

function limitsOf(value: JsonValue): GpuLimits {
  const count = (name: string): number => value.field(name).integer({ least: 1 });
  const [x, y, z] = value
    .field('maxWorkgroupSize')
    .items({ least: 3, most: 3 })
    .map((item) => item.integer({ least: 1 }));
  const lanes = value.field('subgroupSize');
  const [smallest, largest] = lanes.items({ least: 2, most: 2 }).map((item) => item.integer({ least: 0 }));
  if (smallest > largest) throw lanes.error(`${smallest} is the smallest and ${largest} the largest`);
  const shared = value.field('sharedAccess');
  if (shared.raw !== undefined && shared.raw !== true) throw shared.unlike('true, or nothing');
  return {
    maxBufferBytes: count('maxBufferBytes'),
    maxBindingBytes: count('maxBindingBytes'),
    maxBindings: count('maxBindings'),
    maxWorkgroupBytes: count('maxWorkgroupBytes'),
    maxInvocations: count('maxInvocations'),
    maxWorkgroupSize: [x, y, z],
    maxGrid: count('maxGrid'),
    offsetAlignment: count('offsetAlignment'),
    subgroupSize: [smallest, largest],
    ...(shared.raw !== undefined && { sharedAccess: true }),
    ...(value.field('maxSharedBytes').raw !== undefined && { maxSharedBytes: count('maxSharedBytes') }),
  };
}

function featuresOf(value: JsonValue): KernelFeature[] {
  const known = Object.keys(FEATURES) as KernelFeature[];
  return value.items({ most: known.length }).map((item) => item.oneOf(known));
}

function roofsOf(value: JsonValue): Roofs {
  const f16 = value.field('f16');
  const launch = value.field('launch');
  return {
    copy: rateOf(value.field('copy')),
    cachedCopy: rateOf(value.field('cachedCopy')),
    cacheBytes: value.field('cacheBytes').number({ least: 0 }),
    f32: rateOf(value.field('f32')),
    f16: f16.raw === null ? null : rateOf(f16),
    // A coarse clock may see no time between launches.
    launch: spreadOf(launch, (field) => field.number({ least: 0 })),
    saturation: value.field('saturation').positive(),
  };
}

function rateOf(value: JsonValue): Spread {
  return spreadOf(value, (field) => field.positive());
}

function spreadOf(value: JsonValue, number: (field: JsonValue) => number): Spread {
  const median = number(value.field('median'));
  const low = number(value.field('low'));
  const high = number(value.field('high'));
  return ordered(value, { median, low, high }, median);
}

/** @throws PlanError when the middle does not lie between the quartiles */
function ordered<T extends { readonly low: number; readonly high: number }>(
  value: JsonValue,
  spread: T,
  middle: number,
): T {
  if (spread.low <= middle && middle <= spread.high) return spread;
  throw value.error(`${middle} is not between the quartiles ${spread.low} and ${spread.high}`);
}

function thresholdsOf(value: JsonValue): Thresholds {
  return {
    channels: value.field('channels').number({ least: 0 }),
    batch: value.field('batch').number({ least: 0 }),
    samples: value.field('samples').items({ most: MAX_THRESHOLD_SAMPLES }).map(thresholdSampleOf),
  };
}

function thresholdSampleOf(value: JsonValue): ThresholdSample {
  return {
    n: value.field('n').integer({ least: 1 }),
    c: value.field('c').integer({ least: 1 }),
    nchw: value.field('nchw').positive(),
    chwn: value.field('chwn').positive(),
  };
}

function slowdownsOf(value: JsonValue): Record<string, Slowdown> {
  // Built from entries: a class that is called __proto__ is then a field like any other.
  return Object.fromEntries(value.fields(MAX_CLASSES).map(([name, field]) => [name, slowdownOf(field)]));
}

function slowdownOf(value: JsonValue): Slowdown {
  const factor = value.field('factor').positive();
  const low = value.field('low').positive();
  const high = value.field('high').positive();
  const latency = value.field('latency').number({ least: 0 });
  const samples = value.field('samples').integer({ least: 0 });
  return ordered(value, { factor, low, high, latency, samples }, factor);
}
