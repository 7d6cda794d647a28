/** Sessions and commands on the device `cuda`, with a fake driver: answers are those of the CPU device. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Graph, DEFAULT_LIMITS, type Model } from '../../../src/graph/index.js';
import { nodePlatform } from '../../../src/host/platform.js';
import { NetworkBuilder } from '../../../src/networks/builder.js';
import { DeviceError, InputError, Tensor, createSession } from '../../../src/node.js';
import { relu } from '../../../src/ops/unary-functions.js';
import type { DevicesDocument } from '../../../src/report/index.js';
import {
  SharedPlatform,
  openDevice,
  openGpu,
  type DeviceOptions,
  type OpenedDevice,
} from '../../../src/session/index.js';
import { relativeError } from '../../../src/tensor/index.js';
import { lanewise } from '../../support/cli.js';
import { FAKES, WITH_FAKES, cacheForTests, fakeControls, fakeFolder } from './fake.js';

/** Convolutions, pooling, a residual, a fully connected layer and softmax, small enough for fibers on a CPU. */
const MODEL: Model = {
  name: 'small',
  inputs: [{ name: 'image', dtype: 'f32', dims: ['N', 3, 9, 7] }],
  outputs: [{ name: 'probabilities', dtype: 'f32', dims: ['N', 5] }],
  build: ({ dims }) => {
    const graph = new Graph('small', DEFAULT_LIMITS);
    const image = graph.input('image', { dtype: 'f32', dims: dims.get('image') ?? [1, 3, 9, 7] });
    const b = new NetworkBuilder(graph);
    const first = b.conv(image, { channels: 8, kernel: 3, pad: 1, activation: relu });
    const second = b.conv(first, { channels: 8, kernel: 3, pad: 1, normalise: true });
    const pooled = b.maxPool(b.relu(b.add(first, second)), { kernel: 3, stride: 2 });
    graph.output('probabilities', b.softmax(b.linear(b.flatten(pooled), 5)));
    return graph;
  },
};

function open(options: DeviceOptions): Promise<OpenedDevice> {
  return openDevice(nodePlatform, options);
}

function image(batch: number): Tensor {
  const data = Float32Array.from({ length: batch * 3 * 9 * 7 }, (_, i) => Math.sin(i * 1.7));
  return new Tensor('f32', [batch, 3, 9, 7], data);
}

describe.skipIf(!FAKES)(`sessions on CUDA${WITH_FAKES}`, () => {
  let cache: ReturnType<typeof cacheForTests>;
  const before = process.env.LANEWISE_CUDA_LIBS;

  beforeAll(() => {
    cache = cacheForTests();
    process.env.LANEWISE_CUDA_LIBS = fakeFolder();
  });

  afterEach(() => {
    delete process.env.FAKE_CUDA_DEVICES;
    fakeControls().breakNow(0);
  });

  afterAll(() => {
    cache.remove();
    if (before === undefined) delete process.env.LANEWISE_CUDA_LIBS;
    else process.env.LANEWISE_CUDA_LIBS = before;
    if (fakeControls().live() !== 0) throw new Error('something was not freed');
  });

  it('answer as the CPU does, for several batches, on two GPUs at once', async () => {
    const sessions = await Promise.all(
      ([{ device: 'cpu' }, { device: 'cuda' }, { device: 'cuda', ordinal: 1 }] as const).map((options) =>
        createSession(MODEL, options),
      ),
    );
    expect(sessions.map(({ device }) => [device.kind, device.description])).toEqual([
      ['cpu', 'CPU (one thread)'],
      ['cuda', 'Fake GPU 0 (CUDA)'],
      ['cuda', 'Fake GPU 1 (CUDA)'],
    ]);
    for (const batch of [1, 2]) {
      const [expected, ...answers] = await Promise.all(
        sessions.map((session) => session.run({ image: image(batch) })),
      );
      for (const { probabilities } of answers) {
        expect(probabilities.dims).toEqual([batch, 5]);
        const error = relativeError(probabilities.toFloat64(), expected.probabilities.toFloat64());
        expect(error).toBeLessThan(1e-5);
      }
    }
    const [, session] = sessions;
    // One buffer may be read and written by one launch there: the arena needs no banks.
    expect(session.plan?.banks).toHaveLength(1);
    const { steps } = await session.profile({ image: image(1) });
    expect(steps.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
    for (const one of sessions) await one.dispose();
  }, 180_000);

  it('refuse tensors in GPU memory, which are WebGPU’s', async () => {
    const session = await createSession(MODEL, { device: 'cuda' });
    expect(session.gpuDevice).toBeUndefined();
    const run = session.run({ image: image(1) }, { outputs: 'gpu' });
    await expect(run).rejects.toThrow(InputError);
    await expect(run).rejects.toThrow(/outputs are to stay in GPU memory, and the session runs on .*CUDA/);
    await session.dispose();
  });

  it('name what they cannot have', async () => {
    await expect(open({ device: 'cuda', ordinal: 7 })).rejects.toThrow(/there is no CUDA device 7/);
    await expect(open({ device: 'cuda', ordinal: -1 })).rejects.toThrow(/the ordinal is -1/);
    await expect(open({ device: 'webgpu', ordinal: 1 })).rejects.toThrow(/ask for the device "cuda"/);
    process.env.FAKE_CUDA_DEVICES = '0';
    await expect(open({ device: 'cuda' })).rejects.toThrow(/CUDA sees no device: check nvidia-smi/);
  });

  it('share one device, and get another when that was lost', async () => {
    const platform = new SharedPlatform(nodePlatform);
    const first = await openGpu(platform, 'cuda');
    expect((await openGpu(platform, 'cuda')).gpu).toBe(first.gpu);
    expect((await openGpu(platform, 'cuda', 1)).gpu).not.toBe(first.gpu);
    fakeControls().breakNow(700);
    await expect(first.gpu.allocate(4, 'x')).rejects.toThrow(DeviceError);
    fakeControls().breakNow(0);
    const next = await openGpu(platform, 'cuda');
    expect(next.gpu).not.toBe(first.gpu);
    expect(next.gpu.lost).toBe(false);
    await platform.close();
  });

  it('are what auto takes where there is no other GPU', async () => {
    const platform = { ...nodePlatform, lacksGpu: () => 'this machine has no Vulkan driver' };
    const { device, reason } = await openDevice(platform);
    expect([device.kind, reason]).toEqual(['cuda', 'the fastest device found']);
    await device.dispose();
    process.env.FAKE_CUDA_DEVICES = '0';
    const fallback = await openDevice(platform);
    expect([fallback.device.kind, fallback.reason]).toEqual([
      'cpu',
      'no GPU: this machine has no Vulkan driver; there is no CUDA device 0',
    ]);
  });

  it('are listed by `lanewise devices`, with libraries', async () => {
    const { code, stdout } = await lanewise('devices', '--json');
    expect(code).toBe(0);
    const { devices, libraries } = JSON.parse(stdout) as DevicesDocument;
    expect(devices.filter(({ device }) => device === 'cuda')).toMatchObject([
      { ordinal: 0, description: 'Fake GPU 0 (CUDA)', limits: { maxGrid: 65_535 }, problem: null },
      { ordinal: 1, description: 'Fake GPU 1 (CUDA)' },
    ]);
    expect(libraries.slice(0, 2)).toMatchObject([
      { name: 'driver', version: 'CUDA 13.0' },
      { name: 'nvrtc', version: '13.0' },
    ]);
    const text = await lanewise('devices');
    expect(text.stdout).toMatch(/^cuda --ordinal 1 +Fake GPU 1 \(CUDA\)$/m);
    expect(text.stdout).toMatch(/^NVRTC, which compiles kernels +13\.0,/m);
  });

  it('serve commands with --device cuda', async () => {
    const explained = await lanewise('explain', 'lenet', '--device', 'cuda', '--ordinal', '1', '--json');
    expect(explained.code).toBe(0);
    expect((JSON.parse(explained.stdout) as { device: string }).device).toBe('Fake GPU 1 (CUDA)');
    const wrong = await lanewise('explain', 'lenet', '--device', 'cuda', '--ordinal', 'one');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/--ordinal is "one"/)]);
  });
});
