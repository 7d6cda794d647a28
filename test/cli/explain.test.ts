import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/program.js';
import { Terminal } from '../../src/cli/terminal.js';
import { NETWORK_NAMES } from '../../src/networks/index.js';
import { standInProfile } from '../../src/session/stand-in.js';
import { Tensor } from '../../src/tensor/index.js';
import { tensorToNpy } from '../../src/tensor/npy.js';
import { costDocument, formatCostFile } from '../../src/tune/store/cost-file.js';
import type { DeviceProfile } from '../../src/tune/profile/profile.js';
import { lanewise, lanewiseJson } from '../support/cli.js';
import { testFolder } from '../support/files.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';

const MODEL = 'models/digits/model.onnx';
const folder = await testFolder();
const PROFILE: DeviceProfile = { ...standInProfile(), name: 'mine', measured: '2026-11-23' };
/** A profile in a file: nothing here depends on the machine. */
let here: readonly string[] = [];

beforeAll(async () => {
  here = ['--profile', await folder.write('mine.json', JSON.stringify(PROFILE))];
});

describe('explain', () => {
  test('a file with a profile: head, steps, reasons, policies, memory, findings', async () => {
    const { code, stdout, stderr } = await lanewise('explain', MODEL, '--batch', '16', ...here);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^network {2}models\/digits\/model\.onnx: image 16x1x28x28, stored as f32$/m);
    expect(stdout).toMatch(/^costs {4}profile mine \(measured 2026-11-23\); all expected times are by/m);
    expect(stdout).toMatch(/^choice {3}policy optimal; proved to be the cheapest/m);
    expect(stdout).toMatch(/^# {2}op +name +layout +kernel +ideal +moved +FLOP +expected +of the roof$/m);
    expect(stdout).toMatch(
      /^1 {2}Conv\+Relu\S* +\w+1 +\S.* conv_\S+_f32 +[\d.]+ \wiB .* ~[\d.,]+ +\d+ % \w+$/m,
    );
    expect(stdout).toMatch(/^ +total +/m);
    expect(stdout).toMatch(/^# {2}name +why +second best +network$/m);
    expect(stdout).toMatch(/^1 {2}\w+1 +cheapest +conv\S+.* \+[\d.]+$/m);
    expect(stdout).toMatch(/^optimal \(this plan\) +[\d.,]+ .* yes$/m);
    for (const name of ['heuristic', 'nchw', 'nhwc', 'chwn'])
      expect(stdout).toMatch(new RegExp(`^${name} +[\\d.,]+ `, 'm'));
    expect(stdout).toMatch(/^memory {2}[\d.]+ KiB of activations, .* at once; weights \d+ KiB$/m);
    expect(stdout).toMatch(/Nothing stands out|far-from-roof/);
  });

  test('the document has it all', async () => {
    const { code, document } = await lanewiseJson('explain', MODEL, '--policy', 'heuristic', ...here);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      command: 'explain',
      model: MODEL,
      assumed: ['N = 1'],
      notes: [],
      device: PROFILE.device.name,
      profile: { name: 'mine', source: 'measured', measured: '2026-11-23' },
      plan: { format: 'lanewise-plan', version: 1, policy: 'heuristic', dtype: 'f32' },
      measured: null,
      run: null,
    });
    const { plan, totals, why, policies } = document;
    expect(why).toHaveLength(plan.steps.length);
    expect(plan.steps.reduce((sum, { cost }) => sum + (cost?.median ?? NaN), 0)).toBeCloseTo(totals.time, 3);
    expect(policies.map(({ policy }) => policy)).toEqual(['optimal', 'heuristic', 'nchw', 'nhwc', 'chwn']);
  });

  test('a terminal gets a table of its width, with every step', async () => {
    let stdout = '';
    const write = (text: string): unknown => (stdout += text);
    for (const columns of [90, 130, 230]) {
      stdout = '';
      const terminal = new Terminal({ write, isTTY: true, columns }, { write: () => undefined });
      expect(
        await main(['explain', 'cifar10', '--policy', 'heuristic', '--batch', '128', ...here], terminal),
      ).toBe(0);
      const lines = stdout.split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines.filter((line) => /^ ?2 +\S/.test(line))).toHaveLength(columns > 190 ? 1 : 2);
      expect(stdout).toMatch(/^ ?1 {2}→ Tr\S+ +image +NCHW → CHWN /m);
      expect(stdout).toMatch(/N = 128 >= Nt = 1/);
    }
  });

  test('without a GPU and without a profile it plans for another device, and says so first', async () => {
    const model = await folder.write(
      'names.onnx',
      makeModel({
        nodes: [makeNode('Relu', ['x'], ['y'], {}, { name: 'evil\u001B[31m\u202Ename' })],
        inputs: { x: port('f32', ['N', 3]) },
        outputs: { y: port('f32') },
      }),
    );
    const { code, stdout } = await lanewise('explain', model, '--device', 'auto');
    expect(code).toBe(0);
    // Here, and on machines that have one.
    expect(stdout).toMatch(/^(?:No GPU here \([^:]*\):\splanned\sfor\s|network {2})/);
    expect(stdout).toMatch(/^1 {2}Relu +evil\[31mname /m);
    expect(stdout).not.toContain('\u001B');
  });

  test('a saved plan is taken instead of a new one', async () => {
    const path = folder.path('plan.json');
    const made = await lanewiseJson('explain', 'lenet', '--policy', 'chwn', '--save', path, ...here);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(made.document.plan);
    const taken = await lanewiseJson('explain', 'lenet', '--plan', path, ...here);
    expect(taken.document.plan).toEqual(made.document.plan);
    const { stdout } = await lanewise('explain', 'lenet', '--plan', path, ...here);
    expect(stdout).toMatch(/^1 {2}\w+1 +saved plan$/m);
    expect(stdout).toMatch(/^this saved plan +/m);
    const other = await lanewise('explain', 'lenet', '--batch', '2', '--plan', path, ...here);
    expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/saved plan is for another graph/)]);
    const bad = await folder.write('bad.json', '{');
    const broken = await lanewise('explain', 'lenet', '--plan', bad, ...here);
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringMatching(/bad\.json: this is not JSON/)]);
  });

  test('--save says where it cannot write', async () => {
    const { code, stderr } = await lanewise(
      'explain',
      'lenet',
      '--save',
      folder.path('no/plan.json'),
      ...here,
    );
    expect([code, stderr]).toEqual([1, expect.stringMatching(/no\/plan\.json cannot be written .*--save/)]);
  });

  test('--profile takes an exported cost file of one device', async () => {
    const device = { identity: PROFILE.device, profile: PROFILE, costs: [] };
    const one = await folder.write('one.json', formatCostFile(costDocument([device])));
    const { document } = await lanewiseJson('explain', 'lenet', '--profile', one);
    expect(document.profile.name).toBe('mine');
    const none = await folder.write('none.json', formatCostFile(costDocument([])));
    const two = await folder.write('two.json', formatCostFile(costDocument([device, device])));
    for (const [path, why] of [
      [none, /none\.json: the file holds no device profile/],
      [two, /two\.json: the file holds the profiles of 2 devices/],
      ['package.json', /package\.json, .*lanewise-costs/],
      ['no/such.json', /no\/such\.json cannot be read/],
    ] as const) {
      const { code, stderr } = await lanewise('explain', 'lenet', '--profile', path);
      expect([code, stderr]).toEqual([1, expect.stringMatching(why)]);
    }
  });

  test.each([
    [
      'a profile that does not ship',
      ['lenet', '--profile', 'h900'],
      /--profile "h900" is no file and does not ship: /,
    ],
    ['the CPU', ['lenet', '--device', 'cpu'], /--device webgpu.*--profile NAME/],
    ['a network that does not exist', ['lenett'], new RegExp(`"lenett".*${NETWORK_NAMES.join(', ')}`)],
    [
      'dimensions that are open',
      ['open.onnx'],
      /leaves dimensions open\. Give --dims H=\.\.\. --dims W=\.\.\./,
    ],
    [
      'a batch that no input has',
      [MODEL, '--batch', '2', '--dims', 'N=3'],
      /no input's first dimension can be 2/,
    ],
  ])('refuses %s', async (_, [source, ...args], message) => {
    const open = makeModel({
      nodes: [makeNode('Relu', ['x'], ['y'])],
      inputs: { x: port('f32', ['N', 3, 'H', 'W']) },
      outputs: { y: port('f32') },
    });
    const model = source === 'open.onnx' ? await folder.write(source, open) : source;
    const { code, stdout, stderr } = await lanewise('explain', model, ...args);
    expect([code, stdout]).toEqual([expect.toBeOneOf([1, 2]), '']);
    expect(stderr).toMatch(message);
  });

  test.each([
    [['--measure'], /--measure does not go with --profile/],
    [['--tuning', 'measured'], /--tuning measured does not go with --profile/],
    [['--device', 'webgpu'], /--device does not go with --profile/],
    [['--batch', '0'], /--batch is 0: give a whole number from 1 on/],
  ])('bad usage: %j with a profile', async (flags, message) => {
    const { code, stdout, stderr } = await lanewise('explain', 'lenet', ...flags, ...here);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});

describe('networks by name', () => {
  test('a file of that name wins', async () => {
    const bytes = await readFile(MODEL);
    const path = await folder.write('lenet', bytes);
    const cwd = process.cwd();
    process.chdir(folder.path('.'));
    try {
      expect((await lanewiseJson('info', 'lenet')).document.name).toBe('digits');
      expect((await lanewiseJson('info', 'cifar10')).document.name).toBe('cifar10');
    } finally {
      process.chdir(cwd);
    }
    expect(path).toMatch(/lenet$/);
  });

  test('info: no weights are made', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const { document } = await lanewiseJson('info', 'vgg16', '--batch', '4');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
    expect(document).toMatchObject({
      command: 'info',
      path: 'vgg16',
      name: 'vgg16',
      opset: null,
      operators: { Conv: 13, Relu: 15, MaxPool: 5, Gemm: 3 },
      graph: { shapes: { image: [4, 3, 224, 224] }, parameters: 138_357_544 },
      plan: { policy: 'optimal', problem: null },
      assumed: [],
    });
    const { arenaBytes = 0, liveBytes = 0 } = document.plan?.memory ?? {};
    expect(arenaBytes / liveBytes).toBeLessThan(1.05);
    expect(liveBytes).toBeGreaterThan(4 * 64 * 224 * 224 * 4);
  });

  test('info tells the memory of a model on a GPU, and why there is none', async () => {
    expect((await lanewise('info', MODEL)).stdout).toMatch(
      /^on a GPU {5}[\d.]+ KiB of activations, .*\(planned for .*,?$/m,
    );
    const doubles = await folder.write(
      'doubles.onnx',
      makeModel({
        nodes: [makeNode('Relu', ['x'], ['y'])],
        inputs: { x: port('f64', [2]) },
        outputs: { y: port('f64') },
      }),
    );
    const { document } = await lanewiseJson('info', doubles);
    expect(document.plan).toMatchObject({
      memory: null,
      problem: expect.stringMatching(/f64 on a GPU/) as string,
    });
    expect((await lanewise('info', doubles)).stdout).toMatch(
      /^on a GPU +Relu.*f64 on a GPU is not supported/m,
    );
  });

  test('run: random numbers, always the same, and said so', async () => {
    const args = ['run', 'lenet', '--batch', '2', '--device', 'cpu', '--top', '1'];
    const { code, stdout, stderr } = await lanewise(...args);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('no --input: lenet runs on random numbers, always the same');
    expect(lines.slice(1).map((line) => line.replace(/ +[\d.]+ ms/, ''))).toEqual([
      expect.stringMatching(/^random numbers \[0\] +\d +[\d.]+ %$/),
      expect.stringMatching(/^random numbers \[1\] +\d +[\d.]+ %$/),
    ]);
    const first = await lanewiseJson('run', 'lenet', '--device', 'cpu');
    const again = await lanewiseJson('run', 'lenet', '--device', 'cpu');
    expect(first.document.runs[0].inputs).toEqual({ image: [] });
    expect(first.document.runs[0].outputs.probabilities.dims).toEqual([1, 10]);
    expect(again.document.runs[0].outputs).toEqual(first.document.runs[0].outputs);
  });

  test('run --plan takes a saved plan, on software WebGPU', async () => {
    const model = await folder.write(
      'pool.onnx',
      makeModel({
        nodes: [makeNode('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2] }, { name: 'pool' })],
        inputs: { x: port('f32', [2, 4, 3, 3]) },
        outputs: { y: port('f32') },
      }),
    );
    const path = folder.path('pool-plan.json');
    const device = ['--device', 'webgpu:software'];
    await lanewise('explain', model, '--policy', 'chwn', '--save', path, ...device);
    const values = Array.from({ length: 72 }, (_, i) => (i * 5) % 17);
    const input = await folder.write('pool.npy', tensorToNpy(Tensor.from('f32', [2, 4, 3, 3], values)));
    const run = await lanewiseJson('run', model, '--input', input, '--plan', path, '--profile', ...device);
    expect(run.document.layers?.find(({ node }) => node === 'pool')?.layout).toBe('CHWN');
    const own = await lanewiseJson('run', model, '--input', input, '--profile', ...device);
    expect(own.document.layers?.map(({ op }) => op)).toEqual(['MaxPool']);
    expect(run.document.runs[0].outputs).toEqual(own.document.runs[0].outputs);
  });
});
