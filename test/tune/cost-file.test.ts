/** Cost files: there and back, and every way in which one can be wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlanError } from '../../src/errors.js';
import {
  costDocument,
  exportCosts,
  formatCostFile,
  importCosts,
  parseCostFile,
} from '../../src/tune/store/cost-file.js';
import { MemoryStore } from '../../src/tune/store/cost-store.js';
import { DEVICE, UPDATED, knownOf, profileNamed, record } from './cost-samples.js';

const DOCUMENT = costDocument([
  { identity: DEVICE, profile: profileNamed('acme'), costs: [record(1), record(2)] },
  { identity: UPDATED, costs: [] },
]);

/** A copy of the document that may be broken. */
function broken(
  change: (document: Record<string, unknown> & { devices: Record<string, unknown>[] }) => void,
): string {
  const copy = JSON.parse(JSON.stringify(DOCUMENT)) as Parameters<typeof change>[0];
  change(copy);
  return JSON.stringify(copy);
}

describe('a cost file', () => {
  it('comes back as it was written, one cost to a line', () => {
    const text = formatCostFile(DOCUMENT);
    expect(parseCostFile(text, 'costs.json')).toEqual(DOCUMENT);
    expect(text.split('\n').filter((line) => line.includes('"samples":[100'))).toHaveLength(2);
    expect(parseCostFile(formatCostFile(costDocument([])), 'costs.json').devices).toEqual([]);
  });

  it('comes back whatever texts and numbers it has', () => {
    const positive = fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true });
    const costs = fc.array(
      fc.record({
        id: fc.string(),
        what: fc.string({ unit: 'binary' }),
        samples: fc.array(positive, { minLength: 1 }),
      }),
    );
    fc.assert(
      fc.property(costs, fc.string({ unit: 'binary' }), (changes, driver) => {
        const document = costDocument([
          {
            identity: { ...DEVICE, driver },
            costs: changes.map((change, i) => ({ ...record(i), ...change })),
          },
        ]);
        expect(parseCostFile(formatCostFile(document), 'costs.json')).toEqual(document);
      }),
    );
  });

  it('may be a device profile alone', () => {
    const profile = profileNamed('acme');
    expect(parseCostFile(JSON.stringify(profile), 'acme.json')).toEqual(
      costDocument([{ identity: DEVICE, profile, costs: [] }]),
    );
  });

  it('carries a store to another one', async () => {
    const [from, to] = [new MemoryStore(), new MemoryStore()];
    await from.save(DEVICE, { profile: profileNamed('acme'), costs: [record(1), record(2)] });
    await from.save(UPDATED, { costs: [record(3)] });
    await to.save(DEVICE, { costs: [record(2, 9), record(4)] });
    const all = await exportCosts(from);
    await importCosts(to, parseCostFile(formatCostFile(all), 'costs.json'));
    expect((await to.load(DEVICE)).profile).toEqual(profileNamed('acme'));
    expect(knownOf(await to.load(DEVICE)).costs).toEqual([
      'Conv 1x3x8x8 f32: 1001',
      'Conv 2x3x8x8 f32: 1002',
      'Conv 4x3x8x8 f32: 1004',
    ]);
    const some = await exportCosts(from, ({ driver }) => driver === UPDATED.driver);
    expect(some.devices).toEqual([{ identity: UPDATED, profile: undefined, costs: [record(3)] }]);
  });

  it.each<[string, string, RegExp]>([
    [
      'text that is no JSON',
      'costs',
      /^costs\.json: this is not JSON \(.*\)\. Export it again with `lanewise tune --export`\.$/s,
    ],
    [
      'another kind of document',
      '{"plan": 1}',
      /^costs\.json, format: nothing stands where "lanewise-costs" is expected/,
    ],
    ['a list', '[]', /^costs\.json: a list stands where an object is expected/],
    [
      'a later version',
      broken((document) => (document['version'] = 2)),
      /version 2, and version 1 is the one known\. Update Lanewise here/,
    ],
    ['no version', broken((document) => delete document['version']), /version none/],
    [
      'a device that is null',
      broken((document) => (document.devices = [null] as never)),
      /devices\[0\]: null stands where an object/,
    ],
    [
      'too many devices',
      broken((document) => (document.devices = Array.from({ length: 1001 }, () => ({})))),
      /devices: a list of 1001 stands where a list of 0 to 1000 is expected/,
    ],
    [
      'an unknown kind of device',
      broken((document) => (document.devices[1]['identity'] = { ...DEVICE, kind: 'metal' })),
      /devices\[1\]\.identity\.kind: "metal" stands where "webgpu" or "cuda" is expected/,
    ],
    [
      'costs that are no list',
      broken((document) => (document.devices[1]['costs'] = { length: 1 })),
      /devices\[1\]\.costs: an object stands where a list is expected/,
    ],
    [
      'a profile of another device',
      broken((document) => (document.devices[1]['profile'] = profileNamed('acme'))),
      /devices\[1\]\.profile\.device\.driver: "driver 1\.2" stands where "driver 1\.3"/,
    ],
    [
      'a profile that is null',
      broken((document) => (document.devices[1]['profile'] = null)),
      /devices\[1\]\.profile: null stands where an object/,
    ],
  ])('is refused for %s', (_, text, message) => {
    expect(() => parseCostFile(text, 'costs.json')).toThrow(PlanError);
    expect(() => parseCostFile(text, 'costs.json')).toThrow(message);
  });

  it.each<[keyof ReturnType<typeof record>, unknown, string]>([
    ['key', 'A'.repeat(32), 'a key of 32 hexadecimal digits'],
    ['id', 7, 'a text'],
    ['what', 'w'.repeat(4001), 'a text of at most 4000 characters'],
    ['kernelClass', null, 'a text'],
    ['samples', 5, 'a list'],
    ['samples', [], 'a list of 1 to 10000'],
    ['samples', Array.from({ length: 10_001 }, () => 1), 'a list of 1 to 10000'],
    ['bytes', -1, 'a number of at least 0'],
    ['bytes', '4096', 'a finite number'],
    ['flops', null, 'a finite number'],
    ['launches', 0, 'a number of at least 1'],
    ['launches', 1.5, 'a whole number'],
    ['invocations', 0, 'a number of at least 1'],
    ['measured', '23.11.2026', 'a day such as 2026-11-23'],
    ['measured', '2026-13-01', 'a day such as 2026-11-23'],
  ])('is refused for a cost whose %s is %j', (field, value, expected) => {
    const text = broken(({ devices }) => {
      (devices[0]['costs'] as Record<string, unknown>[])[1][field] = value;
    });
    expect(() => parseCostFile(text, 'costs.json')).toThrow(
      new RegExp(
        `^costs\\.json, devices\\[0\\]\\.costs\\[1\\]\\.${field}: .* stands where ${expected} is expected`,
      ),
    );
  });
});
