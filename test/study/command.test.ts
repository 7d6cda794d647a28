/** `lanewise study` on software WebGPU, with a folder for caches of its own. */
import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { parseResults } from '../../src/study/index.js';
import { lanewise } from '../support/cli.js';
import { testFolder } from '../support/files.js';
import { PEERS, PEER_LAYERS, SAMPLE } from './sample-results.js';

const folder = await testFolder();
/** A CPU computes what a GPU would; several test files may share it. */
const LONG = 300_000;
const SOFTWARE = ['--device', 'webgpu:software', '--quick'] as const;

beforeAll(() => {
  vi.stubEnv('LANEWISE_CACHE', folder.path('cache'));
  return () => vi.unstubAllEnvs();
});

async function textOf(...path: readonly string[]): Promise<string> {
  return readFile(folder.path(path.join('/')), 'utf8');
}

describe('measuring', () => {
  test('writes results and a report, and renders the same report again', { timeout: LONG }, async () => {
    const out = folder.path('study/deep');
    const some = ['--experiment', 'transforms', '--experiment', 'softmax,memory'];
    const { code, stdout, stderr } = await lanewise('study', ...SOFTWARE, ...some, '--out', out);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^written: .*results\.json\nwritten: .*report\.html\n$/);

    const results = parseResults(await textOf('study/deep/results.json'), 'results.json');
    expect(results).toMatchObject({
      dtype: 'f32',
      quick: true,
      convolution: null,
      pooling: null,
      networks: null,
    });
    expect(results.device).toMatchObject({ software: true, identity: { kind: 'webgpu' } });
    expect(results.command).toBe(
      'lanewise study --device webgpu:software --dtype f32 --experiment transforms --experiment softmax --experiment memory --quick --out DIR',
    );
    for (const { entries } of [...(results.transforms ?? []), ...(results.softmax ?? [])]) {
      expect(entries.length).toBeGreaterThan(2);
      for (const { cold, error, failure } of entries) {
        expect(failure).toBeNull();
        expect(cold).toHaveLength(3);
        expect(error).toBeLessThan(1e-5);
      }
    }
    const methods = results.softmax?.flatMap(({ entries }) => entries.map(({ method }) => method));
    expect(methods).toEqual(expect.arrayContaining(['caffe', 'fused-row', 'resident']));
    expect(results.transforms?.[0].entries.map(({ method }) => method)).toEqual([
      'naive',
      'tiled',
      'tiled, vectors',
    ]);
    expect(results.memory?.[0].policies).toHaveLength(5);

    const report = await textOf('study/deep/report.html');
    expect(report).toContain('times mean nothing here');
    const again = await lanewise('study', '--render', `${out}/results.json`, '--out', folder.path('again'));
    expect(again.code).toBe(0);
    expect(await textOf('again/report.html')).toBe(report);
  });

  test('runs networks under every policy, with the same answers', { timeout: LONG }, async () => {
    const out = folder.path('networks');
    const { code } = await lanewise('study', ...SOFTWARE, '--experiment', 'networks', '--out', out);
    expect(code).toBe(0);
    const { networks, memory } = parseResults(await textOf('networks/results.json'), 'results.json');
    expect(memory).toBeNull();
    const [{ name, policies, failures }] = networks ?? [];
    expect([name, failures]).toEqual(['lenet', []]);
    expect(policies.map(({ policy }) => policy)).toEqual(['optimal', 'heuristic', 'nchw', 'nhwc', 'chwn']);
    for (const { samples, kinds, error } of policies) {
      expect(samples).toHaveLength(2);
      expect(error).toBeLessThan(1e-5);
      expect(Object.keys(kinds)).toContain('Conv');
    }
  });
});

describe('rendering', () => {
  test('takes other engines’ times, and fails where the study did', async () => {
    await writeFile(folder.path('sample.json'), JSON.stringify(SAMPLE));
    await writeFile(folder.path('peers.json'), JSON.stringify(PEERS));
    await writeFile(folder.path('layers.json'), JSON.stringify(PEER_LAYERS));
    const peers = ['peers.json', 'layers.json'].flatMap((name) => ['--peers', folder.path(name)]);
    const files = ['--render', folder.path('sample.json'), ...peers];
    const { code, stdout, stderr } = await lanewise('study', ...files, '--out', folder.path('rendered'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^written: .*report\.html\n$/);
    expect(stderr).toContain('CV7, op_chwn_winograd_f32: no memory');
    const page = await textOf('rendered/report.html');
    expect(page).toContain('Other engines');
    expect(page).toContain('Layers beside other engines');
    const { stdout: json } = await lanewise('study', ...files, '--out', folder.path('rendered'), '--json');
    expect(JSON.parse(json)).toMatchObject({ command: 'study', seconds: SAMPLE.seconds });
  });

  test('refuses a broken file in a sentence', async () => {
    await writeFile(
      folder.path('broken.json'),
      JSON.stringify(SAMPLE).replace('"quick":false', '"quick":"no"'),
    );
    const broken = folder.path('broken.json');
    const { code, stderr } = await lanewise('study', '--render', broken, '--out', folder.path('x'));
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: ${broken}, quick: "no" stands where true or false is expected. Give a results.json that \`lanewise study\` of this version wrote.\n`,
    );
  });
});

describe('usage', () => {
  test.each([
    [[], '--out is missing'],
    [['--out', 'x', '--experiment', 'speed'], '--experiment is "speed": the experiments are convolution, '],
    [['--out', 'x', '--render', 'r.json', '--quick'], '--render takes no --quick'],
    [['--out', 'x', '--device', 'webgpu:software', '--ordinal', '1'], '--ordinal is of CUDA devices'],
  ])('%j', async (args, message) => {
    const inFolder = args.map((arg) => (arg === 'x' ? folder.path('usage') : arg));
    const { code, stderr } = await lanewise('study', ...inFolder);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a folder that cannot be is told before anything is measured', async () => {
    await writeFile(folder.path('file'), '');
    const { code, stderr } = await lanewise('study', ...SOFTWARE, '--out', folder.path('file/below'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*file\/below cannot be written .* Choose another folder for --out\.$/m);
  });
});
