/** What callers from JavaScript may pass to `createSession` and `run`, and the choice of a device. */
import { describe, expect, it } from 'vitest';
import { DeviceError, InputError, UnsupportedError } from '../../src/errors.js';
import type { Model } from '../../src/graph/index.js';
import {
  createSession,
  loadModel,
  type CreateSessionOptions,
  type Platform,
  type Session,
} from '../../src/session/index.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';

function relu(): Promise<Model> {
  return loadModel(
    makeModel({
      nodes: [makeNode('Relu', ['x'], ['y'])],
      inputs: { x: port('f32', ['N']) },
      outputs: { y: port('f32', ['N']) },
    }),
  );
}

/** A machine whose lack of a GPU shows when one is opened. */
const WITHOUT_GPU: Platform = {
  openWebGpu: () => Promise.reject(new DeviceError('there is no adapter', { remedy: 'Use the CPU.' })),
};

/** A machine whose lack of a GPU is known beforehand. */
const KNOWN_WITHOUT_GPU: Platform = { ...WITHOUT_GPU, lacksGpu: () => 'this machine has no driver' };

async function create(options: CreateSessionOptions, platform = WITHOUT_GPU): Promise<Session> {
  return createSession(await relu(), options, platform);
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error as Error,
  );
}

describe('createSession', () => {
  it('refuses what is not a model', async () => {
    for (const model of [undefined, null, 'model.onnx', relu()]) {
      const error = await rejection(createSession(model as never));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/first argument of createSession is not a model.*loadModel/);
    }
  });

  it('refuses a device that does not exist, with the choices', async () => {
    const error = await rejection(create({ device: 'gpu' as never }));
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toMatch(/no device "gpu".*auto, cpu, webgpu, webgpu:software, cuda/);
  });

  it.each(['auto', 'cpu', 'webgpu'] as const)(
    'on %s refuses a policy or a dtype that does not exist, with the choices',
    async (device) => {
      const policy = await rejection(create({ device, policy: 'hwcn' as never }));
      expect(policy).toBeInstanceOf(InputError);
      expect(policy.message).toMatch(/no policy "hwcn".*nchw, nhwc, chwn/);
      const dtype = await rejection(create({ device, dtype: 'f64' as never }));
      expect(dtype).toBeInstanceOf(InputError);
      expect(dtype.message).toMatch(/no dtype "f64".*f32, f16/);
    },
  );

  it.each<[string, CreateSessionOptions, Platform]>([
    ['asked for', { device: 'cpu' }, WITHOUT_GPU],
    ['taken for want of an adapter', { device: 'auto' }, WITHOUT_GPU],
    ['taken for want of a driver', {}, KNOWN_WITHOUT_GPU],
  ])('refuses half precision on the CPU, %s', async (_, options, platform) => {
    const error = await rejection(create({ ...options, dtype: 'f16' }, platform));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error.message).toMatch(/half-precision storage on the CPU.*Use dtype "f32"/);
    const session = await create({ ...options, dtype: 'f32' }, platform);
    expect(session.device.kind).toBe('cpu');
    await session.dispose();
  });
});

describe('run', () => {
  it('refuses to go without inputs', async () => {
    const session = await create({ device: 'cpu' });
    for (const inputs of [undefined, null, 3]) {
      const error = await rejection(session.run(inputs as never));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/no inputs were given.*x: f32 N/);
    }
    await session.dispose();
  });
});
