/** Costs in files: as every store, and with files that are damaged or out of reach. */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FileCostStore } from '../../src/host/cost-files.js';
import { mergeSegments, readDevice } from '../../src/host/cost-segments.js';
import { identityKey } from '../../src/tune/store/cost-key.js';
import type { CostRecord } from '../../src/tune/store/cost-store.js';
import { testFolder } from '../support/files.js';
import {
  DEVICE,
  EXPECTED_TRACE,
  UPDATED,
  knownOf,
  profileNamed,
  record,
  traceOf,
} from '../tune/cost-samples.js';
import { CostFolder, numbered } from './cost-folder.js';

const files = await testFolder();
let number = 0;
let folder: CostFolder;

beforeEach(() => {
  folder = new CostFolder(files.path(`cache${number++}`));
});

/** A line as the store writes it. */
function sealed(content: unknown, version = 1, device = DEVICE): string {
  const text = JSON.stringify(content);
  const sum = createHash('sha256')
    .update(`lanewise-costs ${version} ${identityKey(device)}\n${text}`)
    .digest('hex');
  return `["${sum.slice(0, 16)}",${text}]`;
}

async function numberOfCosts(): Promise<number> {
  return (await folder.open().load(DEVICE)).costs.size;
}

/** Saves a cost and gives what is then known. */
async function saveAndLoad(store: FileCostStore): Promise<readonly string[]> {
  await store.save(DEVICE, { costs: [record(1)] });
  return knownOf(await store.load(DEVICE)).costs;
}

describe('FileCostStore', () => {
  it('does what every store does', async () => {
    expect(await traceOf(folder.open())).toEqual(EXPECTED_TRACE);
    expect(folder.warnings).toEqual([]);
    expect(await folder.devices()).toEqual([]);
  });

  it('writes JSON lines that say whose they are', async () => {
    await folder.open().save(DEVICE, { profile: profileNamed('acme'), costs: [record(1)] });
    const path = await folder.segment();
    expect(dirname(path)).toBe(
      join(folder.path, `costs-v1/acme-runner-9-webgpu-${identityKey(DEVICE).slice(0, 12)}`),
    );
    expect(await readFile(path, 'utf8')).toBe(
      [
        sealed({ format: 'lanewise-costs', version: 1, identity: DEVICE }),
        sealed({ profile: profileNamed('acme') }),
        sealed({ cost: record(1) }),
        '',
      ].join('\n'),
    );
  });

  it('gives what was saved last, whatever the clock says', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      for (const [day, sample] of [
        ['2026-11-23', 1],
        ['2027-01-01', 2],
        ['2026-11-22', 3],
      ] as const) {
        vi.setSystemTime(new Date(day));
        await folder.open().save(DEVICE, { costs: [record(1, sample)] });
      }
    } finally {
      vi.useRealTimers();
    }
    expect(knownOf(await folder.open().load(DEVICE)).costs).toEqual(['Conv 1x3x8x8 f32: 3']);
  });

  it('stays small: what was replaced goes, and so do many small files', async () => {
    const store = folder.open();
    await store.save(DEVICE, { profile: profileNamed('acme'), costs: numbered(0, 200) });
    for (let i = 0; i < 100; i++) await store.save(DEVICE, { costs: [record(i, 5)] });
    expect((await folder.segments()).length).toBeLessThan(40);
    expect(await numberOfCosts()).toBe(200);
    for (let i = 0; i < 3; i++) await store.save(DEVICE, { costs: numbered(0, 200) });
    expect(await numberOfCosts()).toBe(200);
    expect((await readFile(await folder.segment(), 'utf8')).split('\n')).toHaveLength(203);
    expect(await folder.open().list()).toEqual([{ identity: DEVICE, costs: 200, profile: true }]);
  });

  it('keeps the newest costs when there are too many', async () => {
    const store = folder.open(10);
    await store.save(DEVICE, { costs: numbered(0, 12) });
    await store.save(DEVICE, { costs: [record(0)] });
    const samples = async (): Promise<number[]> =>
      Array.from((await store.load(DEVICE)).costs.values(), ({ samples: [first] }) => first - 1000);
    expect(await samples()).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 0]);
    expect(await store.list()).toEqual([{ identity: DEVICE, costs: 10, profile: false }]);
    expect(await folder.segments()).toHaveLength(2);
    await store.save(DEVICE, { costs: numbered(20, 5) });
    expect(await samples()).toEqual([8, 9, 10, 11, 0, 20, 21, 22, 23, 24]);
    expect((await readFile(await folder.segment(), 'utf8')).split('\n')).toHaveLength(12);
  });

  it('removes what crashes left behind, and nothing that is being written', async () => {
    const store = folder.open();
    await store.save(DEVICE, { costs: [record(1)] });
    const old = `${await folder.segment()}x.unfinished`;
    const fresh = `${await folder.segment()}y.unfinished`;
    await Promise.all([writeFile(old, 'x'), writeFile(fresh, 'x')]);
    await utimes(old, new Date(0), new Date(0));
    for (let i = 0; i < 40; i++) await store.save(DEVICE, { costs: [record(i)] });
    const names = (await readdir(dirname(old))).filter((name) => !name.endsWith('.jsonl'));
    expect(names).toEqual([fresh.slice(dirname(fresh).length + 1)]);
    const remains = join(folder.path, 'costs-v1/.cleared-0123456789abcdef');
    await mkdir(remains);
    expect(await store.clear()).toEqual({ devices: 1, costs: 40 });
    expect(await folder.devices()).toEqual([]);
  });
});

describe('merging', () => {
  it('is left to the other process where it has begun, or clears', async () => {
    for (const i of [1, 2, 3]) await folder.open().save(DEVICE, { costs: [record(i)] });
    const paths = await folder.segments();
    const device = dirname(paths[0]);
    const contents = await readDevice(device, DEVICE);
    await rm(paths[1]);
    await mergeSegments(device, DEVICE, contents);
    expect((await readdir(device)).sort()).toEqual([paths[0], paths[2]].map((path) => basename(path)));
    await folder.open().clear();
    await expect(mergeSegments(device, DEVICE, contents)).rejects.toThrow('ENOENT');
    expect(await folder.segments()).toEqual([]);
  });

  it('takes no older cost for a newer one', async () => {
    for (const i of [1, 2, 3]) await folder.open().save(DEVICE, { costs: [record(0, i), record(i)] });
    const device = dirname((await folder.segments())[0]);
    const contents = await readDevice(device, DEVICE);
    await folder.open().save(DEVICE, { costs: [record(0, 4)] });
    await mergeSegments(device, DEVICE, contents);
    expect(await folder.segments()).toHaveLength(2);
    expect(knownOf(await folder.open().load(DEVICE)).costs).toEqual([
      'Conv 0x3x8x8 f32: 4',
      ...[1, 2, 3].map((i) => `Conv ${i}x3x8x8 f32: ${1000 + i}`),
    ]);
  });
});

describe('damaged files', () => {
  const GOOD = [record(1), record(2), record(3)];

  /** Saves, damages the file, and reads twice. */
  async function readDamaged(damage: (text: string) => string | Uint8Array): Promise<CostRecord[]> {
    await folder.open().save(DEVICE, { profile: profileNamed('acme'), costs: GOOD });
    const path = await folder.segment();
    await writeFile(path, damage(await readFile(path, 'utf8')));
    const { costs, profile } = await folder.open().load(DEVICE);
    const again = await folder.open().load(DEVICE);
    expect({ costs: again.costs, profile: again.profile }).toEqual({ costs, profile });
    expect([undefined, profileNamed('acme')]).toContainEqual(profile);
    return [...costs.values()];
  }

  it.each<[string, (text: string) => string, readonly number[], number]>([
    ['a torn last line', (text) => text.slice(0, -20), [1, 2], 1],
    ['a line without its end', (text) => text.slice(0, -1), [1, 2, 3], 0],
    ['garbage between lines', (text) => text.replaceAll('\n', '\n\u0000\n'), [1, 2, 3], 5],
    ['another number', (text) => text.replace('1002', '1003'), [1, 3], 1],
    ['a header that is damaged', (text) => text.replace('lanewise', 'lanewiss'), [1, 2, 3], 1],
    ['two writers in one line', (text) => text.replace(']\n["', '["'), [1, 2, 3], 1],
    ['another version', () => [1, 2].map((i) => sealed({ cost: record(i) }, 2)).join('\n'), [], 2],
    ['another device', () => sealed({ cost: record(1) }, 1, UPDATED), [], 1],
    ['costs that are none', () => sealed({ cost: { ...record(1), samples: [-1] } }), [], 1],
    ['the profile of another device', () => sealed({ profile: profileNamed('x', UPDATED) }), [], 1],
    ['nothing', () => '', [], 0],
  ])('%s', async (_, damage, left, lost) => {
    expect(await readDamaged(damage)).toEqual(left.map((i) => record(i)));
    const lines = lost === 1 ? '1 line is' : `${lost} lines are`;
    const message = `: ${lines} damaged or of another version and will not be used.`;
    expect(
      folder.warnings.map((warning) => warning.replace(/^Measured costs in .*acme-runner-9-[^:]*/, '')),
    ).toEqual(lost === 0 ? [] : [message]);
  });

  it('never give a cost that was not saved', async () => {
    const damages = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        bytes: fc.uint8Array({ maxLength: 30 }),
        cut: fc.nat(60),
      }),
      { minLength: 1, maxLength: 4 },
    );
    const saved = new Map(GOOD.map((cost) => [cost.key, cost]));
    await fc.assert(
      fc
        .asyncProperty(damages, async (list) => {
          const costs = await readDamaged((text) =>
            list.reduce<Uint8Array>((bytes, { at, bytes: inserted, cut }) => {
              const start = Math.floor(at * bytes.length);
              return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + cut)]);
            }, Buffer.from(text)),
          );
          for (const cost of costs) expect(cost).toEqual(saved.get(cost.key));
        })
        .beforeEach(() => rm(folder.path, { recursive: true, force: true })),
      { numRuns: 50 },
    );
  });

  it('that are alien are left alone', async () => {
    const store = folder.open();
    await store.save(DEVICE, { costs: [record(1)] });
    const path = await folder.segment();
    await writeFile(join(dirname(path), 'notes.txt'), 'mine');
    await mkdir(path.replace(/[0-9a-f]{16}\.jsonl$/, '0000000000000000.jsonl'));
    await mkdir(join(folder.path, 'costs-v1/other'));
    expect(await numberOfCosts()).toBe(1);
    expect(await store.list()).toHaveLength(1);
    expect(folder.warnings).toEqual([]);
  });

  it('are told of when they are merged, too', async () => {
    const store = folder.open();
    await store.save(DEVICE, { costs: [record(0)] });
    await appendFile(await folder.segment(), 'torn');
    for (let i = 1; i < 40; i++) await store.save(DEVICE, { costs: [record(i)] });
    expect(folder.warnings).toHaveLength(1);
    expect(await numberOfCosts()).toBe(40);
    expect(folder.warnings).toHaveLength(1);
  });

  it('that are too large to be a store’s are not read', async () => {
    await folder.open().save(DEVICE, { costs: [record(1)] });
    const path = await folder.segment();
    await folder.open().save(DEVICE, { costs: [record(2)] });
    await truncate(path, 300e6);
    expect(knownOf(await folder.open().load(DEVICE)).costs).toEqual(['Conv 2x3x8x8 f32: 1002']);
    expect(folder.warnings).toEqual([expect.stringContaining('1 line is damaged')]);
    expect((await readFile(await folder.segment(), 'utf8')).split('\n')).toHaveLength(3);
  });

  it('of which none says whose they are are not listed, and are cleared', async () => {
    await readDamaged((text) => text.replace('"identity"', '"identitz"').split('\n')[0]);
    expect(await folder.open().list()).toEqual([]);
    await folder.open().save(DEVICE, { costs: [record(1)] });
    const path = await folder.segment();
    await writeFile(path, `garbage\n${sealed({ cost: record(1) })}\n`);
    expect(await folder.open().list()).toEqual([]);
    expect(await folder.open().clear()).toEqual({ devices: 0, costs: 0 });
    expect(await folder.segments()).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('folders that are out of reach', () => {
  it('keep nothing and break nothing', async () => {
    folder = new CostFolder(await files.write('file', 'a file, not a folder'));
    const store = folder.open();
    expect(await store.list()).toEqual([]);
    expect(await saveAndLoad(store)).toEqual(['Conv 1x3x8x8 f32: 1001']);
    expect(folder.warnings).toEqual([
      expect.stringMatching(/^Measured costs cannot be kept and last for this run only: ENOTDIR/),
    ]);
    await expect(store.clear()).rejects.toThrow(
      /costs-v1: measured costs cannot be removed \(ENOTDIR\)\. Remove the folder by hand/,
    );
  });

  it('such as that of a user without a home', async () => {
    for (const name of ['LANEWISE_CACHE', 'XDG_CACHE_HOME', 'HOME']) vi.stubEnv(name, '');
    try {
      const store = new FileCostStore({ warn: (message) => folder.warnings.push(message) });
      expect(await saveAndLoad(store)).toEqual(['Conv 1x3x8x8 f32: 1001']);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(folder.warnings).toEqual([
      expect.stringMatching(/no home folder\. Name a folder in .*LANEWISE_CACHE\.$/),
    ]);
  });
});
