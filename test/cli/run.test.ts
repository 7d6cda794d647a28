import { readFile, readdir } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/report/index.js';
import { tensorToPb } from '../../src/onnx/index.js';
import { Tensor } from '../../src/tensor/index.js';
import { tensorFromNpy, tensorToNpy } from '../../src/tensor/npy.js';
import { lanewise, lanewiseJson } from '../support/cli.js';
import { testFolder } from '../support/files.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';

const MODEL = 'models/digits/model.onnx';
const SAMPLES = 'models/digits/samples';
const CPU = ['--device', 'cpu'];
const folder = await testFolder();
const f32 = (dims: readonly number[], values: readonly number[]): Tensor => Tensor.from('f32', dims, values);

/** The best class of every image. */
function bestClasses({ runs }: RunDocument): number[] {
  return runs.flatMap(({ answers }) => answers?.map((list) => list.best[0].class) ?? []);
}

/** A model that returns its input. */
function identity(dims: readonly (string | number | null)[]): Uint8Array {
  return makeModel({
    nodes: [makeNode('Identity', ['x'], ['y'])],
    inputs: { x: port('f32', dims) },
    outputs: { y: port('f32') },
  });
}

describe('classifying digits', () => {
  test('a folder: one line per image, in order, with the answers', async () => {
    const { code, stdout, stderr } = await lanewise('run', MODEL, '--input', SAMPLES, '--top', '2', ...CPU);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(20);
    const answer = /^(\d\d)_(\d)\.png +[\d.]+ ms {3}(\d) +[\d.]+ %( {3}\d +[\d.]+ %)$/;
    expect(lines.every((line) => answer.test(line))).toBe(true);
    const right = lines.filter((line) => answer.exec(line)?.[2] === answer.exec(line)?.[3]);
    expect(right.length).toBeGreaterThanOrEqual(19);
  });

  test('labels name the classes', async () => {
    const labels = await folder.write('labels.txt', '\uFEFFzero\r\none\r\ntwo\u001B[31m\r\n');
    const input = `image=${SAMPLES}/00_2.png`;
    const { stdout } = await lanewise(
      'run',
      MODEL,
      '--input',
      input,
      '--labels',
      labels,
      '--top',
      '1',
      ...CPU,
    );
    expect(stdout).toMatch(/^00_2\.png .* two\[31m +99\.99 %\n$/);
  });

  test('--profile adds the layers with totals', async () => {
    const { stdout } = await lanewise('run', MODEL, '--input', `${SAMPLES}/00_2.png`, '--profile', ...CPU);
    expect(stdout).toMatch(/^op +node +output +layout +bytes +FLOP +ms +kernel$/m);
    expect(stdout).toMatch(/^Conv\S* +conv1 +1x16x28x28 /m);
    expect(stdout).toMatch(/^total +[\d.]+ KiB +3\.\d\d M /m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('--dims fixes a batch, which the files fill', async () => {
    const args = [MODEL, '--input', SAMPLES, '--top', '1', ...CPU];
    const batched = await lanewiseJson('run', ...args, '--dims', 'N=10');
    const single = await lanewiseJson('run', ...args);
    expect(batched.document.runs.map(({ inputs }) => inputs.image.length)).toEqual([10, 10]);
    expect(bestClasses(batched.document)).toEqual(bestClasses(single.document));
    const { code, stderr } = await lanewise('run', ...args, '--dims', 'N=7');
    expect([code, stderr]).toEqual([1, expect.stringContaining('20 files do not fill batches of 7')]);
  });

  test('the document', async () => {
    const args = [MODEL, '--input', `${SAMPLES}/00_2.png`, '--top', '1', '--profile', ...CPU];
    const { code, document } = await lanewiseJson('run', ...args);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      command: 'run',
      model: { path: MODEL, name: 'digits' },
      device: { kind: 'cpu', reason: 'asked for' },
      runs: [
        {
          inputs: { image: [`${SAMPLES}/00_2.png`] },
          outputs: { probabilities: { dtype: 'f32', dims: [1, 10], file: null } },
          answers: [{ probabilities: true, best: [{ class: 2, label: '2' }] }],
        },
      ],
    });
    expect(document.runs[0].outputs.probabilities.values).toHaveLength(10);
    expect(document.layers?.[0]).toMatchObject({
      node: 'conv1',
      output: { dtype: 'f32', dims: [1, 16, 28, 28] },
    });
  });

  test('--output writes .npy files', async () => {
    const args = [MODEL, '--input', `${SAMPLES}/00_2.png`, '--input', `${SAMPLES}/01_3.png`, ...CPU];
    const out = folder.path('digits-out');
    const { document } = await lanewiseJson('run', ...args, '--output', out);
    expect((await readdir(out)).sort()).toEqual(['00_2.probabilities.npy', '01_3.probabilities.npy']);
    const { file, values } = document.runs[1].outputs.probabilities;
    expect(tensorFromNpy(await readFile(file ?? '')).toNumbers()).toEqual(values);
  });
});

describe('tensor files', () => {
  const two = makeModel({
    nodes: [makeNode('Sub', ['a', 'b'], ['../d'])],
    inputs: { a: port('f32', ['N', 2]), b: port('f32', ['N', 2]) },
    outputs: { '../d': port('f32', ['N', 2]) },
  });

  test('several inputs by name, or by the name inside a .pb; open dims come from the files', async () => {
    const model = await folder.write('two.onnx', two);
    const a = await folder.write('a=1.npy', tensorToNpy(f32([2, 2], [5, 6, 7, 8])));
    const b = await folder.write('b.pb', tensorToPb('b', f32([2, 2], [1, 1, 2, 2])));
    const out = folder.path('two-out');
    const args = ['run', model, '--input', `a=${a}`, '--input', b, '--top', '0', ...CPU];
    const { code, stdout } = await lanewise(...args, '--output', out);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ms\n {2}\.\.\/d: f32 2x2 \[4, 5, 5, 6\]\n$/)]);
    // A name from a model file leads nowhere else.
    expect(await readdir(out)).toEqual(['__d.npy']);
  });

  test('what is missing, unknown, double or unclear is told by name', async () => {
    const model = await folder.write('two.onnx', two);
    const file = await folder.write('x.npy', tensorToNpy(f32([1, 2], [1, 2])));
    const errorOf = async (...specs: string[]): Promise<string> => {
      const { code, stderr } = await lanewise(
        'run',
        model,
        ...specs.flatMap((spec) => ['--input', spec]),
        ...CPU,
      );
      expect(code).toBe(1);
      return stderr;
    };
    expect(await errorOf(`a=${file}`)).toContain('no file is given for b: f32 Nx2. Add --input FILE.');
    expect(await errorOf()).toContain('--input a=FILE --input b=FILE');
    expect(await errorOf(`c=${file}`)).toContain(
      'the model has no input "c". It has a: f32 Nx2; b: f32 Nx2.',
    );
    expect(await errorOf(`a=${file}`, `a=${file}`)).toContain('input "a" got two files');
    expect(await errorOf(file)).toContain(`Write --input NAME=${file}`);
  });

  test('a type that does not fit is refused with what was expected', async () => {
    const file = await folder.write(
      'f64.npy',
      tensorToNpy(Tensor.from('f64', [1, 1, 28, 28], new Float64Array(784))),
    );
    const { code, stderr } = await lanewise('run', MODEL, '--input', file, ...CPU);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/got f64 1x1x28x28\. It expects image: f32 Nx1x28x28/),
    ]);
  });

  test('outputs whose names clash on disk get files of their own', async () => {
    const model = await folder.write(
      'clash.onnx',
      makeModel({
        nodes: [makeNode('Neg', ['x'], ['y/1']), makeNode('Relu', ['x'], ['Y:1'])],
        inputs: { x: port('f32', [1]) },
        outputs: { 'y/1': port('f32', [1]), 'Y:1': port('f32', [1]) },
      }),
    );
    const file = await folder.write('one.npy', tensorToNpy(f32([1], [3])));
    const out = folder.path('clash-out');
    await lanewise('run', model, '--input', file, '--output', out, ...CPU);
    expect((await readdir(out)).sort()).toEqual(['Y_1_2.npy', 'y_1.npy']);
  });

  test('a model without inputs runs once; it takes none', async () => {
    const model = await folder.write(
      'constant.onnx',
      makeModel({
        nodes: [makeNode('Constant', [], ['y'], { value: f32([2], [1, 2]) })],
        outputs: { y: port('f32', [2]) },
      }),
    );
    expect((await lanewise('run', model, ...CPU)).stdout).toContain('y: f32 2 [1, 2]');
    const { code, stderr } = await lanewise('run', model, '--input', 'models/digits/labels.txt', ...CPU);
    expect([code, stderr]).toEqual([1, expect.stringContaining('leave --input out')]);
  });
});

describe('images', () => {
  const red = sharp(Uint8Array.from([255, 128, 0, 255, 128, 0]), {
    raw: { width: 2, height: 1, channels: 3 },
  });

  test('scale, mean, std and channels reach the tensor', async () => {
    const model = await folder.write('rgb.onnx', identity([1, 3, 1, 2]));
    const image = await folder.write('red.png', await red.png().toBuffer());
    const flags = ['--channels', 'bgr', '--scale', '1/2', '--mean', '1,2,3', '--std', '2'];
    const { document } = await lanewiseJson('run', model, '--input', image, ...flags, ...CPU);
    expect(document.runs[0].outputs.y.values).toEqual([-0.5, -0.5, 31, 31, 62.25, 62.25]);
  });

  test.each(['jpeg', 'webp'] as const)(
    '%s files are read, at their own size where the model leaves it open',
    async (kind) => {
      const model = await folder.write('open.onnx', identity(['N', 3, 'H', 'W']));
      const image = await folder.write(`red.${kind}`, await red.toFormat(kind, { quality: 100 }).toBuffer());
      const { document } = await lanewiseJson('run', model, '--input', image, ...CPU);
      expect(document.runs[0].outputs.y.dims).toEqual([1, 3, 1, 2]);
      const bound = await lanewiseJson('run', model, '--input', image, '--dims', 'H=3,W=4', ...CPU);
      expect(bound.document.runs[0].outputs.y.dims).toEqual([1, 3, 3, 4]);
    },
  );

  test('an input that no image fits says what to do', async () => {
    const image = await folder.write('red.png', await red.png().toBuffer());
    const last = await folder.write('nhwc.onnx', identity([1, 8, 8, 3]));
    expect((await lanewise('run', last, '--input', image, ...CPU)).stderr).toContain(
      'inputs NxCxHxW with 1 or 3',
    );
    const flat = await folder.write('flat.onnx', identity([1, 6]));
    expect((await lanewise('run', flat, '--input', image, ...CPU)).stderr).toContain(
      'pass this one as .npy or .pb',
    );
  });
});
