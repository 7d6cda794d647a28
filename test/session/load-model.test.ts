/** Models from the network: addresses, and weights beside them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExternalDataError, FormatError } from '../../src/errors.js';
import { createSession, loadModel, type ModelSource } from '../../src/session/index.js';
import { Tensor } from '../../src/tensor/index.js';
import { makeExternalTensorProto, makeModel, makeNode, port } from '../support/onnx-builder.js';

const WEIGHTS = new Uint8Array(Float32Array.of(9, 1, 2, 9).buffer);

/** y = x + w, with w's two floats in another file. */
function model(
  location: string,
  place: { offset?: number; length?: number } = { offset: 4 },
  dims = [2],
): Uint8Array {
  return makeModel({
    nodes: [makeNode('Add', ['x', 'w'], ['y'])],
    inputs: { x: port('f32', dims) },
    outputs: { y: port('f32') },
    initializers: [makeExternalTensorProto('w', 'f32', dims, { location, ...place })],
  });
}

const files = new Map<string, Uint8Array>([
  ['/models/w.bin', WEIGHTS],
  ['/models/sub/w.bin', WEIGHTS],
  ['/models/deaf.bin', WEIGHTS],
  ['/secret.bin', WEIGHTS],
  ['/models/good.onnx', model('w.bin')],
  ['/models/below.onnx', model('sub/w.bin', { offset: 4, length: 8 })],
  ['/models/deaf.onnx', model('deaf.bin')],
  ['/models/missing.onnx', model('missing.bin')],
  ['/models/empty.onnx', model('w.bin', {}, [0])],
  ['/models/short.onnx', model('w.bin', { offset: 12 })],
  ...[
    '../secret.bin',
    '/secret.bin',
    'https://example.com/w.bin',
    '%2e%2e/secret.bin',
    'http://[',
    'data:,x',
  ].map((location, i): [string, Uint8Array] => [`/models/outside${i}.onnx`, model(location)]),
]);

/** Paths that were asked for, with the range. */
const asked: string[] = [];
let server: Server;
let root = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(`${path} ${request.headers.range ?? ''}`.trim());
    const bytes = files.get(path);
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    // A deaf server sends the whole file whatever range is asked for.
    const part = range && !path.includes('deaf');
    response.statusCode = bytes ? (part ? 206 : 200) : 404;
    response.end(
      part ? bytes?.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined) : bytes,
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

async function run(source: ModelSource): Promise<number[]> {
  const session = await createSession(await loadModel(source), { device: 'cpu' });
  const { y } = await session.run({ x: new Tensor('f32', session.inputs[0].dims as number[]) });
  return y.toNumbers();
}

describe('weights beside the model', () => {
  test.each(['good', 'below', 'deaf'])('%s', async (name) => {
    expect(await run(`${root}/models/${name}.onnx`)).toEqual([1, 2]);
    expect(asked.at(-1)).toMatch(/w\.bin|deaf\.bin/);
    expect(asked.at(-1)).toMatch(/bytes=4-11$/);
  });

  test('the address may be a URL, and an empty tensor needs no file', async () => {
    expect(await run(new URL(`${root}/models/empty.onnx`))).toEqual([]);
  });

  test.each([0, 1, 2, 3, 4, 5])('what lies outside the folder is not asked for (%i)', async (i) => {
    const before = asked.length;
    await expect(loadModel(`${root}/models/outside${i}.onnx`)).rejects.toThrow(ExternalDataError);
    expect(asked.length).toBe(before + 1);
  });

  test('a missing file and a short one', async () => {
    await expect(loadModel(`${root}/models/missing.onnx`)).rejects.toThrow(/missing\.bin .*status 404/);
    await expect(loadModel(`${root}/models/short.onnx`)).rejects.toThrow(/tensor "w".*4 bytes/);
  });
});

describe('sources', () => {
  test('bytes in any view', async () => {
    const bytes = makeModel({
      nodes: [makeNode('Relu', ['x'], ['y'])],
      inputs: { x: port('f32', [1]) },
      outputs: { y: port('f32') },
    });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    for (const source of [bytes, bytes.buffer, shifted.subarray(3), Buffer.from(bytes)]) {
      expect(await run(source)).toEqual([0]);
    }
  });

  test.each([
    ['a server that does not answer', 'http://127.0.0.1:1/model.onnx'],
    ['no address', 'model.onnx'],
    ['nothing', undefined],
    ['a number', 7],
    ['a page that is not there', () => `${root}/nothing.onnx`],
  ])('%s is refused', async (_, source) => {
    const address = typeof source === 'function' ? source() : source;
    await expect(loadModel(address as string)).rejects.toThrow(FormatError);
  });
});
