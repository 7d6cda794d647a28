/** `lanewise inspect` and `lanewise report`. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PlanBasis } from '../../src/plan/basis.js';
import type { ExplainDocument } from '../../src/report/index.js';
import { builtPackage } from '../support/build.js';
import { lanewise } from '../support/cli.js';
import { makeExternalTensorProto, makeModel, makeNode, port } from '../support/onnx-builder.js';
import { testFolder } from '../support/files.js';

const MODEL = 'models/digits/model.onnx';
const PROFILE = ['--profile', 'nvidia-h200-webgpu'];
const files = await testFolder();

async function app(): Promise<string> {
  await mkdir(files.path('app'), { recursive: true });
  await writeFile(files.path('app/index.html'), '<!doctype html>');
  return files.path('app');
}

/** Starts it as a program, asks, and ends it as Ctrl-C does. */
async function inspecting<T>(
  args: readonly string[],
  ask: (url: string) => Promise<T>,
): Promise<{ readonly given: T; readonly code: number | null }> {
  const program = join(await builtPackage(), 'dist/cli/main.js');
  const flags = ['--no-open', '--json', '--app', await app()];
  const child = spawn(process.execPath, [program, 'inspect', ...args, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /"url": "([^"]+)"/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });
  const given = await ask(url);
  child.kill('SIGINT');
  return { given, code: await ended };
}

describe('lanewise inspect', () => {
  test('serves the page with a model, until it is interrupted', async () => {
    const { given, code } = await inspecting([MODEL, '--batch', '4'], async (url) => {
      const { origin, hash } = new URL(url);
      const page = await fetch(`${origin}/`);
      const model = await fetch(`${origin}/input/model.onnx`);
      return { hash, page: await page.text(), bytes: (await model.arrayBuffer()).byteLength };
    });
    expect(code).toBe(0);
    expect(given.page).toBe('<!doctype html>');
    expect(given.bytes).toBe((await readFile(MODEL)).length);
    expect(given.hash).toBe('#model=input%2Fmodel.onnx&name=model.onnx&batch=4');
  });

  test('names a network, which the page builds itself', async () => {
    const { given } = await inspecting(['resnet50', '--batch', '8'], (url) =>
      Promise.resolve(new URL(url).hash),
    );
    expect(given).toBe('#network=resnet50&batch=8');
  });

  test('plans itself where flags say how, and serves the document', async () => {
    const { given } = await inspecting(['lenet', ...PROFILE], async (url) => {
      const response = await fetch(`${new URL(url).origin}/input/document.json`);
      const document: ExplainDocument = JSON.parse(await response.text());
      return document;
    });
    expect(given).toMatchObject({ command: 'explain', model: 'lenet', plan: { format: 'lanewise-plan' } });
  });

  test('serves the model’s file with its document, to be planned again in the page', async () => {
    const { given } = await inspecting([MODEL, ...PROFILE], async (url) => {
      const { origin, hash } = new URL(url);
      const model = await fetch(`${origin}/input/model.onnx`);
      return { hash, bytes: (await model.arrayBuffer()).byteLength };
    });
    expect(given.bytes).toBe((await readFile(MODEL)).length);
    expect(given.hash).toBe('#document=input%2Fdocument.json&name=model.onnx&model=input%2Fmodel.onnx');
  });

  test('sends along what the plan rests on', async () => {
    const { given } = await inspecting(['lenet', ...PROFILE], async (url) => {
      const response = await fetch(`${new URL(url).origin}/input/document.json`);
      const document: { readonly basis: PlanBasis } = JSON.parse(await response.text());
      return document.basis;
    });
    expect(given).toMatchObject({ profile: { name: 'nvidia-h200-webgpu' }, costs: [], failed: [] });
  });

  test('serves the files of a model’s weights too, and no others', async () => {
    const weights = new Uint8Array([0, 0, 128, 63]);
    const model = makeModel({
      nodes: [makeNode('Add', ['x', 'a'], ['s']), makeNode('Add', ['s', 'b'], ['y'])],
      inputs: { x: port('f32', [1]) },
      outputs: { y: port('f32', [1]) },
      initializers: [
        makeExternalTensorProto('a', 'f32', [1], { location: 'a b#.data' }),
        makeExternalTensorProto('b', 'f32', [1], { location: './sub/b.data' }),
      ],
    });
    const path = await files.write('outside/model.onnx', model);
    for (const name of ['a b#.data', 'sub/b.data', 'c.data']) await files.write(`outside/${name}`, weights);
    const { given } = await inspecting([path], (url) =>
      Promise.all(
        ['model.onnx', 'data/a%20b%23.data', 'data/sub/b.data', 'data/c.data'].map(async (name) => {
          const response = await fetch(new URL(`/input/${name}`, url));
          return response.ok ? (await response.arrayBuffer()).byteLength : response.status;
        }),
      ),
    );
    expect(given).toEqual([model.length, 4, 4, 404]);
  });

  test('refuses a model whose weights are not there, or elsewhere', async () => {
    for (const [location, message] of [
      ['gone.data', /"gone.data" beside the model cannot be read/],
      ['../other.data', /outside its folder/],
    ] as const) {
      const model = makeModel({
        nodes: [makeNode('Add', ['x', 'a'], ['y'])],
        inputs: { x: port('f32', [1]) },
        outputs: { y: port('f32', [1]) },
        initializers: [makeExternalTensorProto('a', 'f32', [1], { location })],
      });
      const path = await files.write('broken/model.onnx', model);
      const result = await lanewise('inspect', path, '--no-open', '--app', await app());
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(message);
    }
  });

  test('serves a saved plan as it is', async () => {
    const path = files.path('plan.json');
    expect(await lanewise('explain', 'lenet', ...PROFILE, '--save', path)).toMatchObject({ code: 0 });
    const { given } = await inspecting([path], async (url) => {
      const response = await fetch(`${new URL(url).origin}/input/document.json`);
      return response.text();
    });
    expect(given).toBe(await readFile(path, 'utf8'));
  });

  test.each([
    [['inspect', 'nothing'], 2, /there is no file and no network "nothing"/],
    [['inspect', ...PROFILE], 2, /there is nothing to plan/],
    [['inspect', '--open', '--no-open'], 2, /--open does not go with --no-open/],
    [['inspect', '--port', '99999'], 2, /--port is 99999/],
    [['inspect', '--app', 'absent'], 1, /the inspector page is not in absent/],
  ])('refuses %j', async (args, code, message) => {
    const withApp = args.includes('--app') ? args : [...args, '--app', await app()];
    const result = await lanewise(...withApp);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });
});

describe('lanewise report', () => {
  test('writes a page, a trace, a table and pictures', async () => {
    const [html, trace, csv, graph] = ['r.html', 'r.json', 'r.csv', 'r.svg'].map((name) => files.path(name));
    const flags = ['--html', html, '--trace', trace, '--csv', csv, '--graph', graph];
    const { code, stdout } = await lanewise('report', MODEL, ...PROFILE, ...flags);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(4);
    expect(await readFile(html, 'utf8')).toMatch(/^<!doctype html>[^]*<h2>Roofline<\/h2>[^]*<\/html>\s*$/);
    const { traceEvents }: { readonly traceEvents: readonly { readonly ph: string }[] } = JSON.parse(
      await readFile(trace, 'utf8'),
    );
    const steps = traceEvents.filter(({ ph }) => ph === 'X').length;
    expect((await readFile(csv, 'utf8')).trim().split('\r\n')).toHaveLength(steps + 1);
    expect(await readFile(graph, 'utf8')).toContain('<svg ');
  });

  test('wants a file, and says when it cannot be written', async () => {
    expect(await lanewise('report', MODEL)).toMatchObject({ code: 2, stdout: '' });
    const { code, stderr } = await lanewise(
      'report',
      MODEL,
      ...PROFILE,
      '--html',
      files.path('no/such/folder.html'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot be written.*--html/s);
  });
});
