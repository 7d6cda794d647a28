/** Device profiles out of JSON: what was written comes back, and every field is checked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { PlanError } from '../../src/errors.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { parseProfile, parseProfileText } from '../../src/tune/profile/parse-profile.js';
import type { DeviceProfile } from '../../src/tune/profile/profile.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';
import { profileNamed } from './cost-samples.js';

const PROFILE = profileNamed('acme-webgpu');

type Place = readonly (string | number)[];

/** Every place in a value, and what stands there. */
function placesIn(value: unknown, place: Place = []): { place: Place; value: unknown }[] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, item]) =>
          placesIn(item, [...place, Array.isArray(value) ? Number(name) : name]),
        )
      : [];
  return [{ place, value }, ...inner];
}

/** A copy of the profile with something else in one place; `undefined` removes what is there. */
function withValue(place: Place, value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(PROFILE));
  let holder = copy as Record<string | number, unknown>;
  for (const name of place.slice(0, -1)) holder = holder[name] as typeof holder;
  const last = place[place.length - 1];
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

/** As messages name it. */
function nameOf(place: Place): string {
  return place.map((name, i) => (typeof name === 'number' ? `[${name}]` : i ? `.${name}` : name)).join('');
}

/** What reading a profile throws; undefined when it is read. */
function failureOf(value: unknown): unknown {
  try {
    parseProfile(value, 'acme.json');
    return undefined;
  } catch (error) {
    return error;
  }
}

const places = placesIn(PROFILE).slice(1);

/** Places in which a value is let through, or refused without being named. */
function unnoticed(wrong: (value: unknown) => unknown, wanted = places): string[] {
  return wanted.flatMap(({ place, value }) => {
    const failure = failureOf(withValue(place, wrong(value)));
    const name = nameOf(place);
    const noticed = failure instanceof PlanError && failure.message.startsWith(`acme.json, ${name}: `);
    return noticed ? [] : [name];
  });
}

describe('parseProfile', () => {
  it('keeps the limits that only CUDA devices have', () => {
    const limits = { ...PROFILE.limits, maxSharedBytes: 232_448, sharedAccess: true };
    expect(parseProfile({ ...PROFILE, limits }, 'acme.json').limits).toEqual(limits);
    expect(failureOf({ ...PROFILE, limits: { ...limits, sharedAccess: 1 } })).toBeInstanceOf(PlanError);
  });

  it('gives back what was written', () => {
    expect(parseProfileText(JSON.stringify(PROFILE), 'acme.json')).toEqual(PROFILE);
    const bare: DeviceProfile = {
      ...PROFILE,
      measured: null,
      thresholds: null,
      features: [],
      slowdowns: {},
      roofs: { ...PROFILE.roofs, f16: null },
    };
    expect(parseProfile(bare, 'acme.json')).toEqual(bare);
  });

  it('leaves out what no profile has', () => {
    expect(parseProfile({ ...PROFILE, note: 'fast' }, 'acme.json')).toEqual(PROFILE);
  });

  it('misses nothing that is left out', () => {
    // A profile need not have every class of kernels.
    const fields = places.filter(
      ({ place }) => typeof place.at(-1) === 'string' && nameOf(place) !== 'slowdowns.conv direct',
    );
    expect(unnoticed(() => undefined, fields)).toEqual([]);
  });

  it('takes nothing of another type', () => {
    expect(unnoticed((value) => (typeof value === 'object' ? 'text' : { some: 'object' }))).toEqual([]);
    expect(unnoticed((value) => (Array.isArray(value) ? { length: value.length } : []))).toEqual([]);
  });

  it('takes no number that is none', () => {
    const numbers = places.filter(({ value }) => typeof value === 'number');
    expect(numbers.length).toBeGreaterThan(40);
    for (const wrong of [NaN, Infinity, -1, null, '1']) expect(unnoticed(() => wrong, numbers)).toEqual([]);
  });

  it.each<[Place, unknown, RegExp]>([
    [['version'], 2, /version 2, and version 1 is the one known\. Update Lanewise/],
    [['name'], '../../evil', /name: "\.\.\/\.\.\/evil" stands where a name of letters/],
    [['measured'], 'yesterday', /measured: "yesterday" stands where a day/],
    [['features', 0], 'f8', /features\[0\]: "f8" stands where "f16" or "subgroups" or .* is expected/],
    [['limits', 'subgroupSize', 0], 64, /limits\.subgroupSize: 64 is the smallest and 32 the largest/],
    [['limits', 'maxWorkgroupSize'], [1, 1], /a list of 2 stands where a list of 3 is expected/],
    [['roofs', 'copy', 'low'], 5e12, /roofs\.copy: 4100000000000 is not between the quartiles/],
    [['roofs', 'f32', 'median'], 0, /roofs\.f32\.median: 0 stands where a number above zero/],
    [['slowdowns', 'conv direct', 'factor'], 4, /slowdowns\.conv direct: 4 is not between/],
  ])('refuses at %j the value %j', (place, value, message) => {
    const failure = failureOf(withValue(place, value));
    expect(failure).toBeInstanceOf(PlanError);
    expect(String(failure)).toMatch(message);
  });

  it('is not led astray by names of the language', () => {
    const text = JSON.stringify(PROFILE).replace('"conv direct"', '"__proto__"');
    const { slowdowns } = parseProfileText(text, 'acme.json');
    expect(Object.keys(slowdowns)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(slowdowns)).toBe(Object.prototype);
  });

  it('refuses what is no JSON, and names the remedy', () => {
    expect(() => parseProfileText('{', 'acme.json')).toThrow(
      /^acme\.json: this is not JSON .*`lanewise tune`/,
    );
    for (const value of [null, undefined, 5, 'text', []]) {
      expect(failureOf(value)).toBeInstanceOf(PlanError);
    }
  });
});

describe('the profile of a real device', () => {
  let device: WebGpuDevice;

  beforeAll(async () => {
    device = await openSoftware();
  });

  afterAll(() => {
    device.destroy();
  });

  it('comes back from JSON', () => {
    const profile = estimatedProfile(device);
    expect(parseProfileText(JSON.stringify(profile), 'estimate.json')).toEqual(profile);
  });
});
