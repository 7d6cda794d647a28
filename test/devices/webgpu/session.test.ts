/** Sessions on WebGPU, on software: how they end, fail and share a device. */
import { afterEach, describe, expect, it } from 'vitest';
import type { WebGpuDevice } from '../../../src/devices/webgpu/index.js';
import { DeviceError, SessionError, UnsupportedError } from '../../../src/errors.js';
import { nodePlatform } from '../../../src/host/platform.js';
import { openSoftware } from '../../../src/host/webgpu.js';
import { createSession } from '../../../src/node.js';
import {
  SharedPlatform,
  createSession as createSessionOn,
  ownLease,
  type CreateSessionOptions,
  type Platform,
  type Session,
} from '../../../src/session/index.js';
import { difference } from '../../../src/tensor/index.js';
import { small, rows } from './models.js';

const SOFTWARE = { device: 'webgpu:software' } as const;
const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };
const open: { dispose(): Promise<void> | void }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0)) await thing.dispose();
});

async function session(options: CreateSessionOptions = SOFTWARE): Promise<Session> {
  const created = await createSession(await small(), options);
  open.push(created);
  return created;
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Runs a session and returns what differs from the CPU's answers. */
async function wrong(on: Session, n = 3, scale = 1): Promise<string | undefined> {
  const cpu = await session({ device: 'cpu' });
  const inputs = { x: rows(n, scale) };
  const [{ y }, { y: expected }] = [await on.run(inputs), await cpu.run(inputs)];
  return difference(y, expected, TOLERANCE);
}

/** Software WebGPU that is out of memory from some allocation on: the real device, asked for too much. */
async function crowded(room: number): Promise<{ platform: Platform; gpu: WebGpuDevice }> {
  const gpu = await openSoftware();
  let left = room;
  const allocate = gpu.allocate.bind(gpu);
  gpu.allocate = (bytes, label) => allocate(--left < 0 ? gpu.limits.maxBufferBytes : bytes, label);
  return { platform: { openWebGpu: () => Promise.resolve(ownLease(gpu)) }, gpu };
}

describe('sessions', () => {
  it('give what the CPU gives, for one shape after another', async () => {
    const one = await session();
    expect(one.device.kind).toBe('webgpu');
    for (const n of [1, 3, 64, 3, 1]) expect(await wrong(one, n)).toBeUndefined();
  });

  it('run at once on one device, and each several times at once', async () => {
    const platform = new SharedPlatform(nodePlatform);
    open.push({ dispose: () => platform.close() });
    const model = await small();
    const two = [
      await createSessionOn(model, SOFTWARE, platform),
      await createSessionOn(model, SOFTWARE, platform),
    ];
    const found = await Promise.all(
      two.flatMap((s) => [wrong(s, 2), wrong(s, 3, 2), wrong(s, 2, 3), wrong(s, 5)]),
    );
    expect(found.filter(Boolean)).toEqual([]);
    await two[0].dispose();
    expect(await wrong(two[1], 4)).toBeUndefined();
    await two[1].dispose();
  });

  it('run at once on two devices', async () => {
    const two = [await session(), await session()];
    expect(two[0].gpuDevice).not.toBe(two[1].gpuDevice);
    const found = await Promise.all(two.flatMap((s) => [wrong(s, 2), wrong(s, 3), wrong(s, 2, 5)]));
    expect(found.filter(Boolean)).toEqual([]);
    await two[0].dispose();
    expect(await wrong(two[1])).toBeUndefined();
  });

  it('end their runs before they are disposed of, and take none afterwards', async () => {
    const one = await session();
    const { gpuDevice } = one;
    const runs = [one.run({ x: rows(2) }), one.run({ x: rows(2, 2) }), one.run({ x: rows(9) })];
    const disposed = one.dispose();
    expect(await Promise.all(runs)).toHaveLength(3);
    await disposed;
    await one.dispose();
    expect(await rejection(one.run({ x: rows(2) }))).toBeInstanceOf(SessionError);
    expect(await gpuDevice?.lost).toMatchObject({ reason: 'destroyed' });
  });

  it('stop before they are submitted when their signal says so', async () => {
    const one = await session();
    const reason = new Error('no longer wanted');
    expect(await rejection(one.run({ x: rows(2) }, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await wrong(one)).toBeUndefined();
  });

  it('profile every step', async () => {
    const one = await session();
    const { steps, outputs } = await one.profile({ x: rows(4) });
    expect(steps.map(({ op }) => op.split('+')[0])).toContain('BatchNormalization');
    for (const { milliseconds } of steps) expect(milliseconds).toBeGreaterThanOrEqual(0);
    expect(outputs['y'].dims).toEqual([4, 8]);
  });
});

describe('a lost device', () => {
  it('fails the runs under way and all later ones; a new session works', async () => {
    const one = await session();
    expect(await wrong(one)).toBeUndefined();
    const run = one.run({ x: rows(50) });
    one.gpuDevice?.destroy();
    const lost = /^the GPU device was lost \(/;
    for (const error of [await rejection(run), await rejection(one.run({ x: rows(3) }))]) {
      expect(error).toBeInstanceOf(DeviceError);
      expect((error as DeviceError).message).toMatch(lost);
    }
    // A shape that is not prepared yet.
    expect((await rejection(one.run({ x: rows(77) }))) as Error).toMatchObject({
      message: expect.stringMatching(lost),
    });
    await one.dispose();
    expect(await wrong(await session())).toBeUndefined();
  });

  it('is replaced where sessions share it', async () => {
    const platform = new SharedPlatform(nodePlatform);
    open.push({ dispose: () => platform.close() });
    const model = await small();
    const first = await createSessionOn(model, SOFTWARE, platform);
    expect(await wrong(first)).toBeUndefined();
    first.gpuDevice?.destroy();
    expect(await rejection(first.run({ x: rows(1) }))).toBeInstanceOf(DeviceError);
    const second = await createSessionOn(model, SOFTWARE, platform);
    expect(await wrong(second)).toBeUndefined();
    await first.dispose();
    expect(await wrong(second)).toBeUndefined();
    await second.dispose();
  });
});

describe('a shared platform', () => {
  it('tries again after an attempt that failed', async () => {
    let attempts = 0;
    const platform = new SharedPlatform({
      openWebGpu: async (kind) => {
        if (++attempts === 1) throw new DeviceError('the driver is busy', { remedy: 'Try again.' });
        return nodePlatform.openWebGpu(kind);
      },
    });
    open.push({ dispose: () => platform.close() });
    expect(await rejection(platform.openWebGpu('software'))).toBeInstanceOf(DeviceError);
    const one = await createSessionOn(await small(), SOFTWARE, platform);
    expect(await wrong(one)).toBeUndefined();
    await one.dispose();
    expect(attempts).toBe(2);
  });

  it('replaces a lost device once, however many ask for it at once', async () => {
    const opened: WebGpuDevice[] = [];
    const platform = new SharedPlatform({
      openWebGpu: async () => {
        const gpu = await openSoftware();
        opened.push(gpu);
        return ownLease(gpu);
      },
    });
    const { gpu } = await platform.openWebGpu('software');
    gpu.destroy();
    const next = await Promise.all([1, 2, 3].map(() => platform.openWebGpu('software')));
    expect(opened).toHaveLength(2);
    for (const lease of next) expect(lease.gpu).toBe(opened[1]);
    await platform.close();
    expect(opened.map(({ lost }) => lost)).toEqual([true, true]);
  });
});

describe('memory', () => {
  it.each([0, 1, 2, 3])('that ends after %i allocations frees what was taken', async (room) => {
    const { platform, gpu } = await crowded(room);
    const shared = new SharedPlatform(platform);
    open.push({ dispose: () => shared.close() });
    const one = await createSessionOn(await small(), SOFTWARE, shared);
    const error = await rejection(one.run({ x: rows(2) }));
    expect(error).toBeInstanceOf(DeviceError);
    expect((error as DeviceError).message).toMatch(
      /^(the memory of activations \(the largest is "\w+", f32 2x8\)|constant "\w+".*): \d+ bytes could not be allocated/,
    );
    expect(gpu.allocatedBytes).toBe(0);
    await one.dispose();
    expect(await wrong(await session())).toBeUndefined();
  });

  it('of a session that was refused is freed', async () => {
    let gpu: WebGpuDevice | undefined;
    const platform: Platform = { openWebGpu: async () => ownLease((gpu = await openSoftware())) };
    const model = await small();
    const refused = createSessionOn(model, { ...SOFTWARE, dtype: 'f16' }, platform);
    expect(await rejection(refused)).toBeInstanceOf(UnsupportedError);
    expect(gpu?.lost).toBe(true);
  });

  it('does not grow with the shapes that a session has seen', async () => {
    const gpu = await openSoftware();
    const lease = { gpu, release: () => {} };
    open.push({ dispose: () => gpu.destroy() });
    const model = await small();
    const one = await createSessionOn(model, SOFTWARE, { openWebGpu: () => Promise.resolve(lease) });
    const first = async (): Promise<number> => {
      // As many shapes as a session keeps ready.
      for (let n = 1; n <= 8; n++) await one.run({ x: rows(n) });
      return gpu.allocatedBytes;
    };
    const before = await first();
    for (let n = 9; n <= 20; n++) await one.run({ x: rows(n) });
    expect(await first()).toBe(before);
    await one.dispose();
    expect(gpu.allocatedBytes).toBe(0);
  });
});

describe('a device of the caller’s', () => {
  it('survives the sessions on it', async () => {
    const own = await openSoftware();
    open.push({ dispose: () => own.destroy() });
    const gpuDevice = own.interop.device;
    const two = [await session({ gpuDevice }), await session({ gpuDevice })];
    expect(two[0].gpuDevice).toBe(gpuDevice);
    expect(two[0].deviceReason).toBe('given by the caller');
    expect(await Promise.all(two.map((s) => wrong(s)))).toEqual([undefined, undefined]);
    await two[0].dispose();
    expect(await wrong(two[1])).toBeUndefined();
    await two[1].dispose();
    expect(await wrong(await session({ gpuDevice }))).toBeUndefined();
    expect(own.lost).toBe(false);
  });
});
