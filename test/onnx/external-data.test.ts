/** Weights beside the model file: read from its folder, and from nowhere else. */
import { execFile } from 'node:child_process';
import { mkdir, symlink, truncate } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ExternalDataError } from '../../src/errors.js';
import { createSession, loadModel } from '../../src/node.js';
import { loadModel as loadFromBytes } from '../../src/session/index.js';
import type { DType } from '../../src/tensor/index.js';
import { Tensor } from '../../src/tensor/index.js';
import { testFolder } from '../support/files.js';
import { makeExternalTensorProto, makeModel, makeNode, port } from '../support/onnx-builder.js';

const CPU = { device: 'cpu' } as const;

const folder = await testFolder();

/** y = x + w, with w's three floats in another file. */
function model(
  location: string,
  place: { offset?: number; length?: number } = {},
  dims = [3],
  dtype: DType = 'f32',
) {
  return makeModel({
    nodes: [makeNode('Add', ['x', 'w'], ['y'])],
    inputs: { x: port(dtype, dims) },
    outputs: { y: port(dtype) },
    initializers: [makeExternalTensorProto('w', dtype, dims, { location, ...place })],
  });
}

const WEIGHTS = new Uint8Array(Float32Array.of(9, 1, 2, 3, 9).buffer);

/** A model file in a folder of its own with `w.bin` beside it, and with a secret outside. */
async function place(name: string, bytes: Uint8Array): Promise<string> {
  await folder.write(`${name}/inner/w.bin`, WEIGHTS);
  await folder.write(`${name}/inner/sub/w.bin`, WEIGHTS);
  await folder.write(`${name}/secret.bin`, WEIGHTS);
  return folder.write(`${name}/inner/model.onnx`, bytes);
}

async function run(path: string): Promise<number[]> {
  const session = await createSession(await loadModel(path), CPU);
  const { y } = await session.run({ x: new Tensor('f32', [3]) });
  return y.toNumbers();
}

async function refusal(path: string): Promise<Error> {
  return loadModel(path).then(
    () => {
      throw new Error('it was not refused');
    },
    (error: Error) => error,
  );
}

describe('data beside the model', () => {
  test.each([
    ['w.bin', { offset: 4, length: 12 }, [1, 2, 3]],
    ['./w.bin', { offset: 8 }, [2, 3, 9]],
    ['sub/w.bin', {}, [9, 1, 2]],
    ['sub/../w.bin', { length: 12 }, [9, 1, 2]],
  ])('%s %j is read', async (location, at, expected) => {
    expect(await run(await place('good', model(location, at)))).toEqual(expected);
  });

  test('only as many bytes as the tensor has are read of a long file', async () => {
    const path = await place('long', model('w.bin', { offset: 4 }));
    await truncate(folder.path('long/inner/w.bin'), 100e9);
    expect(await run(path)).toEqual([1, 2, 3]);
  });

  test('bytes alone do not say where the data is', async () => {
    const error = await loadFromBytes(model('w.bin')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ExternalDataError);
    expect((error as Error).message).toMatch(/initializer "w".*"w\.bin".*readExternalData/);
    const loaded = await loadFromBytes(model('w.bin', { offset: 4 }), {
      readExternalData: async ({ location, offset, length }) => {
        expect([location, offset, length]).toEqual(['w.bin', 4, 12]);
        return WEIGHTS.slice(offset, offset + Number(length));
      },
    });
    const { y } = await (await createSession(loaded, CPU)).run({ x: new Tensor('f32', [3]) });
    expect(y.toNumbers()).toEqual([1, 2, 3]);
  });

  test('a reader that gives too little is not believed', async () => {
    const short = loadFromBytes(model('w.bin'), { readExternalData: async () => new Uint8Array(5) });
    await expect(short).rejects.toThrow(/tensor "w".*5 bytes/);
  });
});

describe('what leads outside', () => {
  test.each([
    '../secret.bin',
    '..',
    '.',
    'sub/../../secret.bin',
    '/etc/passwd',
    '/etc/no/such/file',
    '../no such file',
  ])('%s is refused without a look at the disk', async (location) => {
    const error = await refusal(await place('outside', model(location)));
    expect(error).toBeInstanceOf(ExternalDataError);
    // The same words whether the file exists or not.
    expect(error.message).toContain(
      `external data: the model asks for data outside its folder ("${location}"). ` +
        'Do not trust this model; data must lie beside it.',
    );
  });

  test('symbolic links may stay inside but not lead out', async () => {
    const path = await place('links', model('out.bin'));
    await symlink('../secret.bin', folder.path('links/inner/out.bin'));
    expect((await refusal(path)).message).toMatch(/outside its folder/);
    await symlink('..', folder.path('links/inner/up'));
    expect((await refusal(await place('links', model('up/secret.bin')))).message).toMatch(
      /outside its folder/,
    );
    await symlink('sub/w.bin', folder.path('links/inner/in.bin'));
    expect(await run(await place('links', model('in.bin', { offset: 4 })))).toEqual([1, 2, 3]);
  });

  test('a folder whose name begins like the model folder is outside', async () => {
    const path = await place('prefix', model('../inner2/w.bin'));
    await folder.write('prefix/inner2/w.bin', WEIGHTS);
    expect((await refusal(path)).message).toMatch(/outside its folder/);
  });
});

describe('what cannot be read', () => {
  test.each<[string, string, { offset?: number; length?: number }, RegExp]>([
    ['a missing file', 'missing.bin', {}, /"missing\.bin".*ENOENT.*together with its data/],
    ['a name with a zero byte', 'w\u0000.bin', {}, /cannot be read/],
    ['a directory', 'sub', {}, /not a plain file/],
    ['a file that is too short', 'w.bin', { offset: 12 }, /20 bytes where 12 are wanted from byte 12/],
    ['an offset behind the end', 'w.bin', { offset: 1e6 }, /truncated/],
    ['a length that is not the tensor', 'w.bin', { length: 16 }, /length 16 where 12 bytes are needed/],
    ['no name', '', {}, /names no file/],
  ])('%s', async (_, location, at, message) => {
    const error = await refusal(await place('unreadable', model(location, at)));
    expect(error).toBeInstanceOf(ExternalDataError);
    expect(error.message).toMatch(message);
  });

  test.each(['-1', '1.5', '0x10', '', '1e3', '99999999999999999999'])('offset "%s"', async (offset) => {
    const proto = makeExternalTensorProto('w', 'f32', [3], { location: 'w.bin' });
    proto.externalData.push({ $typeName: 'onnx.StringStringEntryProto', key: 'offset', value: offset });
    const nodes = [makeNode('Add', ['x', 'w'], ['y'])];
    const bytes = makeModel({
      nodes,
      inputs: { x: port('f32', [3]) },
      outputs: { y: port('f32') },
      initializers: [proto],
    });
    const error = await refusal(await place('offset', bytes));
    expect(error).toBeInstanceOf(ExternalDataError);
    expect(error.message).toMatch(/offset .* non-negative integer/);
  });

  test('a named pipe does not hang', async () => {
    const path = await place('pipe', model('pipe.bin'));
    await promisify(execFile)('mkfifo', [folder.path('pipe/inner/pipe.bin')]);
    expect((await refusal(path)).message).toMatch(/not a plain file/);
  });

  test('a tensor that is too large is refused before its file is looked for', async () => {
    const path = await place('large', model('missing.bin', {}, [1 << 20]));
    await expect(loadModel(path, { limits: { maxTensorBytes: 1000 } })).rejects.toThrow(
      /limits\.maxTensorBytes/,
    );
  });

  test('an attribute may not have external data', async () => {
    const constant = makeNode('Constant', [], ['c'], { value: new Tensor('f32', [3]) });
    const [attribute] = constant.attribute;
    attribute.t = makeExternalTensorProto('c', 'f32', [3], { location: 'w.bin' });
    const nodes = [constant, makeNode('Add', ['x', 'c'], ['y'])];
    const bytes = makeModel({ nodes, inputs: { x: port('f32', [3]) }, outputs: { y: port('f32') } });
    const loaded = await loadModel(await place('attribute', bytes));
    await expect(createSession(loaded, CPU)).rejects.toThrow(ExternalDataError);
  });
});

test('a folder that is itself a link is fine', async () => {
  await place('linked', model('w.bin', { offset: 4 }));
  await mkdir(folder.path('elsewhere'), { recursive: true });
  await symlink(folder.path('linked/inner'), folder.path('elsewhere/link'));
  expect(await run(folder.path('elsewhere/link/model.onnx'))).toEqual([1, 2, 3]);
});
