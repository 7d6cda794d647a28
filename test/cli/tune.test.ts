/** `lanewise tune` on software WebGPU, with a folder for caches of its own. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { nodePlatform } from '../../src/host/platform.js';
import { POLICY_NAMES } from '../../src/plan/policies/index.js';
import type { TuneReport } from '../../src/report/index.js';
import { parseProfile } from '../../src/tune/profile/parse-profile.js';
import { lanewise, lanewiseJson } from '../support/cli.js';
import { testFolder } from '../support/files.js';

const folder = await testFolder();
const SOFTWARE = ['--device', 'webgpu:software'] as const;

beforeAll(() => {
  vi.stubEnv('LANEWISE_CACHE', folder.path('cache'));
  return () => vi.unstubAllEnvs();
});

/** The document of `lanewise tune ARGS --json`. */
async function tuned(...args: readonly string[]): Promise<TuneReport> {
  const { code, document } = await lanewiseJson('tune', ...args);
  expect(code).toBe(0);
  if (!('profile' in document)) throw new Error('nothing was tuned');
  return document;
}

describe('measuring', () => {
  test('prints the roofs of a device and keeps its profile', async () => {
    const { code, stdout, stderr } = await lanewise('tune', ...SOFTWARE);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^profile [\w-]+-webgpu, measured now$/m);
    expect(stdout).toMatch(/^A CPU does the work of this device: its times mean nothing\.$/m);
    expect(stdout).toMatch(/^copy +[\d.]+ [kMGT]B\/s +[\d.]+ [kMGT]B\/s to [\d.]+ [kMGT]B\/s/m);
    expect(stdout).toMatch(/^f32 arithmetic +[\d.]+ [kMGT]FLOP\/s/m);
    expect(stdout).toMatch(/^launch +[\d.]+ µs/m);
    expect(stdout).not.toMatch(/^Ct/m);
    expect(stdout).toMatch(/^kept: the profile, .* 0 costs$/m);
  });

  test('the document has the profile as files have it; networks are planned with what is known', async () => {
    const report = await tuned('lenet', 'models/digits/model.onnx', '--batch', '2', ...SOFTWARE);
    const { profile, networks, fresh, device } = report;
    expect(fresh).toBe(false);
    expect(device).toMatchObject({ kind: 'webgpu', software: true });
    expect(parseProfile(profile, 'the document')).toEqual(profile);
    expect(profile.thresholds).toBeNull();
    expect(networks.map(({ name, shapes }) => [name, shapes])).toEqual([
      ['lenet', { image: [2, 1, 28, 28] }],
      ['models/digits/model.onnx', { image: [2, 1, 28, 28] }],
    ]);
    for (const { measured, policies } of networks) {
      expect(measured).toBe(0);
      expect(policies.map(({ policy }) => policy)).toEqual(POLICY_NAMES);
      for (const { milliseconds } of policies) expect(milliseconds).toBeGreaterThan(0);
    }
  });

  test('low effort measures the device too, where it was not measured before', async () => {
    vi.stubEnv('LANEWISE_CACHE', folder.path('another cache'));
    try {
      const { fresh, networks } = await tuned('lenet', '--effort', 'low', ...SOFTWARE);
      expect([fresh, networks.length]).toEqual([true, 1]);
    } finally {
      vi.stubEnv('LANEWISE_CACHE', folder.path('cache'));
    }
  });

  test.skipIf(nodePlatform.lacksGpu?.() === undefined)('without a GPU says what to do', async () => {
    const { code, stderr } = await lanewise('tune');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: there is no GPU here: .*--export and --import\.$/m);
  });
});

describe('the store', () => {
  test('is exported, forgotten and imported again', async () => {
    const { profile } = await tuned(...SOFTWARE);
    const file = folder.path('costs.json');
    for (const device of [[], SOFTWARE]) {
      const exported = await lanewise('tune', '--export', file, ...device);
      expect(exported).toEqual({ code: 0, stdout: `written to ${file}: 1 device, 0 costs\n`, stderr: '' });
    }
    const { devices } = JSON.parse(await readFile(file, 'utf8')) as { devices: unknown[] };
    expect(devices).toEqual([{ identity: profile.device, profile, costs: [] }]);

    expect((await lanewise('tune', '--clear', ...SOFTWARE)).stdout).toBe('forgotten: 1 device, 0 costs\n');
    expect((await lanewise('tune', '--clear')).stdout).toBe('nothing was known\n');
    const nothing = await lanewise('tune', '--export', file);
    expect([nothing.code, nothing.stderr]).toEqual([
      1,
      'error: nothing is known of any device. Run `lanewise tune` first.\n',
    ]);

    const { code, document } = await lanewiseJson('tune', '--import', file);
    expect(code).toBe(0);
    expect(document).toEqual({ command: 'tune', action: 'import', file, devices: 1, costs: 0 });
    const again = await tuned('lenet', ...SOFTWARE);
    expect(again.fresh).toBe(false);
    expect(again.profile).toEqual(profile);
    expect((await lanewise('tune', '--clear')).stdout).toBe('forgotten: 1 device, 0 costs\n');
  });

  test('takes in no file that is damaged or not there, and writes none where it cannot', async () => {
    const damaged = await folder.write('damaged.json', '{"format": "lanewise-costs", "version": 1}');
    const broken = await lanewise('tune', '--import', damaged);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain(`error: ${damaged}, devices: `);
    const missing = await lanewise('tune', '--import', folder.path('no.json'));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('no.json cannot be read')]);
    await lanewise('tune', ...SOFTWARE);
    const unwritable = await lanewise('tune', '--export', folder.path('no/costs.json'));
    expect(unwritable.code).toBe(1);
    expect(unwritable.stderr).toMatch(/cannot be written .* Choose another file for --export\.\n$/);
  });
});

describe('what cannot be', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['two actions', ['--clear', '--export', 'x'], /--clear and --export do not go together/],
    ['an action with a model', ['lenet', '--clear'], /--clear takes no model/],
    ['an import of one device', ['--import', 'x', ...SOFTWARE], /--import takes no --device/],
    [
      'an export with images',
      ['--export', 'x', '--batch', '2'],
      /--export takes no --batch: .* Leave it out/,
    ],
    ['an import with shapes', ['--import', 'x', '--dims', 'N=2'], /--import takes no --dims/],
    ['an import with a type', ['--import', 'x', '--dtype', 'f16'], /--import takes no --dtype/],
    ['clearing with an effort', ['--clear', '--effort', 'normal'], /--clear takes no --effort/],
    ['images of no model', ['--batch', '2'], /--batch is of models, and none is given: `lanewise tune MODEL/],
    ['shapes of no model', ['--dims', 'N=2'], /--dims is of models/],
    ['a network that there is not', ['lenett'], /no network "lenett": give a model file, or one of lenet/],
    ['no images', ['lenet', '--batch', '0'], /--batch is 0/],
    ['a device that is no GPU', ['--device', 'cpu'], /--device/],
  ])('%s is bad usage', async (_, args, message) => {
    const { code, stdout, stderr } = await lanewise('tune', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('half precision is refused where there is none, and open shapes are named', async () => {
    const half = await lanewise('tune', '--dtype', 'f16', ...SOFTWARE);
    expect(half.code).toBe(1);
    expect(half.stderr).toMatch(/half precision on .* is not supported\. Use --dtype f32\.\n$/);
    const dims = await lanewise('tune', 'lenet', '--dims', 'H=3', ...SOFTWARE);
    expect([dims.code, dims.stderr]).toEqual([1, expect.stringContaining('no input "H"')]);
  });
});
