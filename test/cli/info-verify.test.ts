import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tensorToPb } from '../../src/onnx/index.js';
import { Tensor } from '../../src/tensor/index.js';
import { lanewise, lanewiseJson } from '../support/cli.js';
import { testFolder } from '../support/files.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';

const MODEL = 'models/digits/model.onnx';
const folder = await testFolder();

/** Adds tensors that do not fit each other. */
function addition(attributes: Readonly<Record<string, string>>): Uint8Array {
  return makeModel({
    nodes: [makeNode('Add', ['x', 'w'], ['y'], attributes, { name: 'sum' })],
    inputs: { x: port('f32', [2]) },
    outputs: { y: port('f32') },
    initializers: { w: new Tensor('f32', [3]) },
  });
}

function pb(name: string, ...values: readonly number[]): Uint8Array {
  return tensorToPb(name, Tensor.from('f32', [2], values));
}

/** Writes a test directory: a model of x, which is [-1, 2]. */
async function writeCase(path: string, model: Uint8Array, output: Uint8Array): Promise<void> {
  await folder.write(`${path}/model.onnx`, model);
  await folder.write(`${path}/test_data_set_0/input_0.pb`, pb('x', -1, 2));
  await folder.write(`${path}/test_data_set_0/output_0.pb`, output);
}

describe('info', () => {
  test('the digits model', async () => {
    const { code, stdout, stderr } = await lanewise('info', MODEL);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^input +image: f32 Nx1x28x28$/m);
    expect(stdout).toMatch(
      /^operators +Relu 3, Conv 2, MaxPool 2, Gemm 2, Flatten 1, Softmax 1 \(11 in all\)$/m,
    );
    expect(stdout).toMatch(/^shapes +image 1x1x28x28 \(assumed N = 1: see --dims\)$/m);
    expect(stdout).toMatch(/^parameters +83,162$/m);
    expect(stdout).toMatch(/^unsupported +nothing found$/m);
  });

  test('the document; FLOP grows with the batch, parameters do not', async () => {
    const one = (await lanewiseJson('info', MODEL)).document;
    const eight = (await lanewiseJson('info', MODEL, '--dims', 'N=8')).document;
    expect(one).toMatchObject({
      command: 'info',
      path: MODEL,
      name: 'digits',
      opset: 17,
      inputs: [{ name: 'image', dtype: 'f32', dims: ['N', 1, 28, 28] }],
      outputs: [{ name: 'probabilities', dtype: 'f32', dims: ['N', 10] }],
      operators: { Relu: 3, Conv: 2 },
      fileNodes: 11,
      graph: { shapes: { image: [1, 1, 28, 28] }, parameters: 83_162, weightBytes: 332_648 },
      assumed: ['N = 1'],
      missingDims: [],
      unsupported: [],
      problem: null,
    });
    expect(eight.assumed).toEqual([]);
    expect(eight.graph).toMatchObject({ parameters: 83_162, flops: 8 * (one.graph?.flops ?? 0) });
  });

  test('open dimensions are asked for by name, and may be given', async () => {
    const model = await folder.write(
      'open.onnx',
      makeModel({
        nodes: [makeNode('Relu', ['x'], ['y']), makeNode('Neg', ['u'], ['v'])],
        inputs: { x: port('f32', ['N', 3, 'H', 'W']), u: port('f32', [null, null]) },
        outputs: { y: port('f32'), v: port('f32') },
      }),
    );
    const open = (await lanewiseJson('info', model)).document;
    expect(open.missingDims).toEqual(['H=...', 'W=...', 'u=1x? (its whole shape)']);
    expect(open.graph).toBeNull();
    const { stdout } = await lanewise('info', model);
    expect(stdout).toContain('give --dims H=... --dims W=...');
    const given = await lanewiseJson('info', model, '--dims', 'H=4,W=5', '--dims', 'u=2x2');
    expect(given.document.graph?.shapes).toEqual({ x: [1, 3, 4, 5], u: [2, 2] });
    expect(given.document.graph?.flops).toBe(60 + 4);
  });

  test('an unnamed batch is taken as 1, and said so', async () => {
    const model = await folder.write(
      'unnamed.onnx',
      makeModel({
        nodes: [makeNode('Relu', ['x'], ['y'])],
        inputs: { x: port('f32', [null, 3]) },
        outputs: { y: port('f32') },
      }),
    );
    const { document } = await lanewiseJson('info', model);
    expect(document.assumed).toEqual(['first dimension of x = 1']);
    expect(document.graph?.shapes).toEqual({ x: [1, 3] });
  });

  test('every operator without an importer is listed, with counts of all', async () => {
    const model = await folder.write(
      'unsupported.onnx',
      makeModel({
        nodes: [
          makeNode('Loop', ['x'], ['a']),
          makeNode('Relu', ['a'], ['b']),
          makeNode('Thing', ['b'], ['y'], {}, { domain: 'com.\u001B[31mexample' }),
        ],
        inputs: { x: port('f32', [1]) },
        outputs: { y: port('f32') },
        domains: { 'com.\u001B[31mexample': 1 },
      }),
    );
    const { document } = await lanewiseJson('info', model);
    expect(document.unsupported).toEqual(['operator Loop', 'operator com.\u001B[31mexample:Thing']);
    const { code, stdout } = await lanewise('info', model);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^unsupported +operator Loop, operator com\.\[31mexample:Thing$/m);
    expect(stdout).not.toContain('\u001B');
  });

  test('an attribute without support, and shapes that do not fit, are told with the node', async () => {
    const odd = await folder.write('attribute.onnx', addition({ frob: 'x' }));
    const bad = await folder.write('shape.onnx', addition({}));
    const first = (await lanewiseJson('info', odd)).document;
    expect([first.graph, first.problem]).toEqual([null, expect.stringContaining('Add "sum"')]);
    const second = (await lanewiseJson('info', bad)).document;
    expect(second.unsupported).toEqual([]);
    expect(second.problem).toContain('Add "sum"');
    expect((await lanewise('info', bad)).stdout).toMatch(/^problem +Add "sum"/m);
  });

  test.skipIf(!existsSync('../shared/models/light'))(
    'VGG-19: 143 million parameters that are never made',
    async () => {
      const before = process.memoryUsage().arrayBuffers;
      const start = process.cpuUsage();
      const { document } = await lanewiseJson('info', '../shared/models/light/vgg19.onnx');
      expect(process.cpuUsage(start).user).toBeLessThan(3e6);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
      expect(document.graph).toMatchObject({ parameters: 143_667_240, weightBytes: 574_668_960 });
      // Simonyan and Zisserman's network takes 19.6 G multiply-adds.
      expect((document.graph?.flops ?? 0) / 2e9).toBeCloseTo(19.6, 0);
    },
  );
});

describe('verify', () => {
  const relu = makeModel({
    nodes: [makeNode('Relu', ['x'], ['y'])],
    inputs: { x: port('f32', [2]) },
    outputs: { y: port('f32', [2]) },
  });
  const loop = makeModel({
    nodes: [makeNode('Loop', ['x'], ['y'])],
    inputs: { x: port('f32', [2]) },
    outputs: { y: port('f32', [2]) },
  });

  test('the digits pass', async () => {
    const result = await lanewise('verify', 'models/digits', '--device', 'cpu');
    expect(result).toEqual({ code: 0, stdout: '1 passed, 0 failed, 0 unsupported\n', stderr: '' });
  });

  test('a line for each case that did not pass, then the totals; a failure ends with 1', async () => {
    await writeCase('cases/good', relu, pb('y', 0, 2));
    await writeCase('cases/loop', loop, pb('y', 0, 2));
    await writeCase('cases/wrong', relu, pb('y', 0, 2.5));
    const cases = folder.path('cases');
    expect(await lanewise('verify', cases, '--device', 'cpu')).toEqual({
      code: 1,
      stdout: [
        'unsupported  loop: operator Loop',
        'failed       wrong: test_data_set_0: output "y" 1 of 2 elements differ, most at [1]: 2 where 2.5 is expected',
        '1 passed, 1 failed, 1 unsupported\n',
      ].join('\n'),
      stderr: '',
    });
    const passing = await lanewise('verify', cases, '--device', 'cpu', '--filter', 'oo', '--verbose');
    expect(passing).toMatchObject({
      code: 0,
      stdout: 'passed       good\nunsupported  loop: operator Loop\n1 passed, 0 failed, 1 unsupported\n',
    });
  });

  test('the document; several directories', async () => {
    await writeCase('more/wrong', relu, pb('y', 0, 2.5));
    const args = [folder.path('more'), 'models/digits', '--device', 'cpu'];
    const { code, document } = await lanewiseJson('verify', ...args);
    expect(code).toBe(1);
    expect(document).toMatchObject({
      command: 'verify',
      device: { kind: 'cpu' },
      passed: 1,
      failed: 1,
      unsupported: 0,
      cases: [
        { name: 'wrong', status: 'failed', reason: expect.stringContaining('[1]') as string },
        { name: 'digits', status: 'passed' },
      ],
    });
  });
});
