/** Tensors in GPU memory as inputs and outputs of sessions, on software WebGPU. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BUFFER_USAGE } from '../../../src/devices/webgpu/constants.js';
import type { WebGpuDevice } from '../../../src/devices/webgpu/index.js';
import { DeviceError, InputError, ShapeError } from '../../../src/errors.js';
import { openSoftware } from '../../../src/host/webgpu.js';
import { GpuTensor, createSession, loadModel, type Session } from '../../../src/node.js';
import { Tensor, difference } from '../../../src/tensor/index.js';
import { makeModel, makeNode, port } from '../../support/onnx-builder.js';
import { buffersMadeBy, isDestroyed } from './buffers.js';
import { rows, small } from './models.js';

const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };
let own: WebGpuDevice;
let gpuDevice: GPUDevice;
let session: Session;
let cpu: Session;
const tensors: GpuTensor[] = [];

beforeAll(async () => {
  own = await openSoftware();
  gpuDevice = own.interop.device;
  session = await createSession(await small(), { gpuDevice });
  cpu = await createSession(await small(), { device: 'cpu' });
});

afterEach(() => {
  for (const tensor of tensors.splice(0)) tensor.dispose();
});

afterAll(async () => {
  await session.dispose();
  await cpu.dispose();
  own.destroy();
});

async function upload(tensor: Tensor): Promise<GpuTensor> {
  const uploaded = await GpuTensor.upload(gpuDevice, tensor);
  tensors.push(uploaded);
  return uploaded;
}

/** A tensor on a fresh buffer with room for it at an offset. */
function place(dims: readonly number[], offset = 0, usage: number = USAGE.all): GpuTensor {
  const size = offset + 4 * dims.reduce((a, b) => a * b, 1);
  const tensor = new GpuTensor('f32', dims, gpuDevice.createBuffer({ size, usage }), offset);
  tensors.push(tensor);
  return tensor;
}

const USAGE = {
  all: BUFFER_USAGE.COPY_SRC | BUFFER_USAGE.COPY_DST,
  source: BUFFER_USAGE.COPY_SRC,
  target: BUFFER_USAGE.COPY_DST,
};

async function expected(x: Tensor): Promise<Tensor> {
  return (await cpu.run({ x }))['y'];
}

/** What differs from the CPU's answer for x. */
async function wrong(actual: GpuTensor, x: Tensor): Promise<string | undefined> {
  return difference(await actual.download(gpuDevice), await expected(x), TOLERANCE);
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error as Error,
  );
}

describe('a GPU tensor', () => {
  it.each([
    Tensor.from('f32', [2, 3], [1, -2, 3.5, 0, 1e30, -1e-30]),
    Tensor.from('f16', [3], [1, -2, 0.5]),
    Tensor.from('i32', [2], [-7, 2 ** 31 - 1]),
    Tensor.from('u32', [], [4e9]),
    new Tensor('f32', [0, 4]),
  ])('goes to the GPU and back: %s', async (tensor) => {
    const uploaded = await upload(tensor);
    expect(String(uploaded)).toBe(`Gpu${String(tensor)}`);
    expect(await uploaded.download(gpuDevice)).toEqual(tensor);
  });

  it('must lie within its buffer, at a multiple of four, with a type that GPUs have', async () => {
    const buffer = gpuDevice.createBuffer({ size: 32, usage: USAGE.all });
    const make =
      (...[dims, offset]: [readonly number[], number?]) =>
      () =>
        new GpuTensor('f32', dims, buffer, offset);
    expect(make([2, 4])).not.toThrow();
    expect(make([7], 4)).not.toThrow();
    expect(make([8], 4)).toThrow(/a GPU tensor of type f32 8 does not lie at byte 4 of a buffer of 32/);
    for (const wrong of [make([9]), make([1], 2), make([1], -4), make([1.5]), make([-1])]) {
      expect(wrong).toThrow(ShapeError);
    }
    expect(() => new GpuTensor('f64' as 'f32', [1], buffer)).toThrow(
      /"f64" is not an element type in GPU memory/,
    );
    expect(await rejection(GpuTensor.upload(gpuDevice, new Tensor('i64', [1])))).toBeInstanceOf(ShapeError);
    expect(new GpuTensor('f16', [3], buffer).bytes).toBe(8);
    buffer.destroy();
  });

  it('says why it cannot be read', async () => {
    const tensor = await upload(rows(1));
    tensor.dispose();
    expect(await rejection(tensor.download(gpuDevice))).toMatchObject({
      name: 'DeviceError',
      message: expect.stringMatching(/^GpuTensor\(f32 1x8\) cannot be read \(.*destroyed.*\)/),
    });
  });
});

describe('a session', () => {
  it('reads inputs and leaves outputs in GPU memory', async () => {
    for (const x of [rows(3), rows(5, 2), rows(3, 3)]) {
      const { y } = await session.run({ x: await upload(x) }, { outputs: 'gpu' });
      tensors.push(y);
      expect(y).toMatchObject({ dtype: 'f32', dims: [x.dims[0], 8], offset: 0 });
      expect(await wrong(y, x)).toBeUndefined();
    }
  });

  it('mixes host and GPU memory', async () => {
    const x = rows(2);
    const { y } = await session.run({ x: await upload(x) });
    expect(difference(y, await expected(x), TOLERANCE)).toBeUndefined();
    const { y: kept } = await session.run({ x }, { outputs: 'gpu' });
    tensors.push(kept);
    expect(await wrong(kept, x)).toBeUndefined();
    const { steps, outputs } = await session.profile({ x: await upload(x) });
    expect(steps.length).toBeGreaterThan(0);
    expect(difference(outputs['y'], await expected(x), TOLERANCE)).toBeUndefined();
  });

  it('writes to tensors that it is given, and allocates nothing', async () => {
    const target = place([4, 8], 12, USAGE.all);
    await session.run({ x: rows(4) }, { outputs: { y: target } });
    const before = own.allocatedBytes;
    for (const scale of [2, 3]) {
      const x = rows(4, scale);
      expect(await session.run({ x }, { outputs: { y: target } })).toEqual({ y: target });
      expect(await wrong(target, x)).toBeUndefined();
    }
    expect(own.allocatedBytes).toBe(before);
  });

  it('feeds outputs back without waiting, run after run', async () => {
    const a = await upload(rows(6));
    const b = place([6, 8]);
    const runs: Promise<unknown>[] = [];
    for (let i = 0; i < 5; i++) {
      runs.push(session.run({ x: a }, { outputs: { y: b } }), session.run({ x: b }, { outputs: { y: a } }));
    }
    await Promise.all(runs);
    let x: Tensor = rows(6);
    for (let i = 0; i < 10; i++) x = await expected(x);
    expect(difference(await a.download(gpuDevice), x, { relative: 1e-4, absolute: 1e-5 })).toBeUndefined();
  });

  it('leaves outputs alive when it is disposed of', async () => {
    const brief = await createSession(await small(), { gpuDevice });
    const { y } = await brief.run({ x: rows(2) }, { outputs: 'gpu' });
    tensors.push(y);
    await brief.dispose();
    expect(await wrong(y, rows(2))).toBeUndefined();
  });

  it.each<[string, () => Record<string, GpuTensor>, RegExp]>([
    ['of another shape', () => ({ x: place([2, 9]) }), /input "x" got dims 2x9/],
    ['of another rank', () => ({ x: place([16]) }), /input "x" got dims 16/],
    [
      'of another type',
      () => ({ x: new GpuTensor('i32', [2, 8], place([2, 8]).buffer) }),
      /input "x" got a GPU tensor of type i32 2x8/,
    ],
    ['without COPY_SRC', () => ({ x: place([2, 8], 0, USAGE.target) }), /made without the usage COPY_SRC/],
    ['under another name', () => ({ z: place([2, 8]) }), /the model has no input "z"/],
  ])('refuses inputs %s', async (_, make, message) => {
    const error = await rejection(session.run(make()));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(message);
  });

  it.each<[string, () => Record<string, GpuTensor>, RegExp]>([
    [
      'of another shape',
      () => ({ y: place([2, 7]) }),
      /output "y" was given a GPU tensor of type f32 2x7.*f32 2x8/,
    ],
    ['without COPY_DST', () => ({ y: place([2, 8], 0, USAGE.source) }), /made without the usage COPY_DST/],
    ['under another name', () => ({ z: place([2, 8]) }), /the model has no output "z"\. It has y/],
    [
      'that are none',
      () => ({ y: rows(2) as unknown as GpuTensor }),
      /output "y" was not given a GpuTensor\. Pass a GpuTensor of type f32 2x8/,
    ],
  ])('refuses outputs %s', async (_, make, message) => {
    const error = await rejection(session.run({ x: rows(2) }, { outputs: make() }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(message);
  });

  it('says so when a buffer is destroyed, mapped or of another device, and goes on', async () => {
    const gone = await upload(rows(2));
    gone.dispose();
    expect(await rejection(session.run({ x: gone }))).toBeInstanceOf(DeviceError);
    expect(await rejection(session.run({ x: gone }, { outputs: 'gpu' }))).toMatchObject({
      message: expect.stringMatching(
        /the GPU refused the work \(.*destroyed.*Pass GPU tensors whose buffers/,
      ),
    });
    const mapped = gpuDevice.createBuffer({ size: 64, usage: USAGE.source, mappedAtCreation: true });
    expect(await rejection(session.run({ x: new GpuTensor('f32', [2, 8], mapped) }))).toMatchObject({
      message: expect.stringMatching(/the buffer of input "x" is mapped/),
    });
    mapped.destroy();
    const other = await openSoftware();
    const foreign = await GpuTensor.upload(other.interop.device, rows(2));
    expect(await rejection(session.run({ x: foreign }))).toMatchObject({
      message: expect.stringMatching(/the GPU refused the work \(.*Pass GPU tensors whose buffers/),
    });
    other.destroy();
    const { y } = await session.run({ x: rows(2) });
    expect(difference(y, await expected(rows(2)), TOLERANCE)).toBeUndefined();
  });

  it('takes integers as GPUs store them', async () => {
    const model = await loadModel(
      makeModel({
        nodes: [makeNode('Abs', ['x'], ['y'])],
        inputs: { x: port('i64', [3]) },
        outputs: { y: port('i64', [3]) },
      }),
    );
    const wide = await createSession(model, { gpuDevice });
    const { y } = await wide.run({ x: await upload(Tensor.from('i32', [3], [-1, 2, -3])) });
    expect(y).toEqual(Tensor.from('i64', [3], [1, 2, 3]));
    await wide.dispose();
  });

  it('frees the outputs of a run whose inputs a GPU cannot hold', async () => {
    const model = await loadModel(
      makeModel({
        nodes: [makeNode('Abs', ['x'], ['y']), makeNode('Neg', ['x'], ['z'])],
        inputs: { x: port('i64', [2]) },
        outputs: { y: port('i64', [2]), z: port('i64', [2]) },
      }),
    );
    const wide = await createSession(model, { gpuDevice });
    const x = Tensor.from('i64', [2], [1n, 2n ** 40n]);
    const made = await buffersMadeBy(gpuDevice, async () => {
      const error = await rejection(wide.run({ x }, { outputs: 'gpu' }));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/"x" holds 1099511627776, which does not fit into 32 bits/);
    });
    const outputs = made.filter(({ label }) => label.startsWith('output '));
    expect(outputs).toHaveLength(2);
    for (const output of outputs) expect(await isDestroyed(gpuDevice, output)).toBe(true);
    await wide.dispose();
  });

  it('refuses two outputs in the same memory', async () => {
    const model = await loadModel(
      makeModel({
        nodes: [makeNode('Abs', ['x'], ['y']), makeNode('Neg', ['x'], ['z'])],
        inputs: { x: port('f32', [4]) },
        outputs: { y: port('f32', [4]), z: port('f32', [4]) },
      }),
    );
    const two = await createSession(model, { gpuDevice });
    const x = Tensor.from('f32', [4], [1, -2, 3, -4]);
    const { buffer } = place([4], 16);
    const at = (offset: number): GpuTensor => new GpuTensor('f32', [4], buffer, offset);
    const y = at(0);
    for (const z of [y, at(0), at(12)]) {
      const error = await rejection(two.run({ x }, { outputs: { y, z } }));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/outputs "y" and "z" were given the same GPU memory/);
    }
    const z = at(16);
    await two.run({ x }, { outputs: { y, z } });
    expect((await y.download(gpuDevice)).toNumbers()).toEqual([1, 2, 3, 4]);
    expect((await z.download(gpuDevice)).toNumbers()).toEqual([-1, 2, -3, 4]);
    await two.dispose();
  });

  it('on the CPU refuses GPU memory', async () => {
    const x = await upload(rows(2));
    const reasons = [
      await rejection(cpu.run({ x })),
      await rejection(cpu.profile({ x })),
      await rejection(cpu.run({ x: rows(2) }, { outputs: 'gpu' })),
      await rejection(cpu.run({ x: rows(2) }, { outputs: { y: x } })),
    ];
    for (const reason of reasons) expect(reason).toBeInstanceOf(InputError);
    expect(reasons[0].message).toMatch(/^input "x" is in GPU memory, and the session runs on the CPU/);
    expect(reasons[2].message).toMatch(
      /^the outputs are to stay in GPU memory, and the session runs on the CPU/,
    );
    expect(cpu.gpuDevice).toBeUndefined();
  });
});
