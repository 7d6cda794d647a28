/** What a session takes it gives back: memory after many sessions is what it was after the first ones. */
import { describe, expect, it } from 'vitest';
import { openSoftware } from '../../../src/host/webgpu.js';
import { nodePlatform } from '../../../src/host/platform.js';
import type { WebGpuDevice } from '../../../src/devices/webgpu/index.js';
import { SharedPlatform, createSession, ownLease, type Platform } from '../../../src/session/index.js';
import { rows, small } from './models.js';

/** 128 KiB in and out, and as much between: a session's memory left behind adds up to what can be seen. */
const X = rows(4096);

/** What may come and go: garbage that is not collected yet, and the allocators' own reserves. */
const TOLERATED_BYTES = 80e6;

/** Creates, runs and disposes of sessions; returns by how many bytes the process has grown since the warm-up. */
async function cycle(platform: Platform, options: { cycles: number; warmUp: number }): Promise<number> {
  const model = await small();
  let before = 0;
  for (let i = 0; i < options.warmUp + options.cycles; i++) {
    if (i === options.warmUp) before = process.memoryUsage().rss;
    const session = await createSession(model, { device: 'webgpu:software' }, platform);
    await session.run({ x: X });
    await session.dispose();
  }
  return process.memoryUsage().rss - before;
}

/** Opens devices and keeps them in a list. */
function watched(devices: WebGpuDevice[]): Platform {
  return {
    openWebGpu: async () => {
      const device = await openSoftware();
      devices.push(device);
      return ownLease(device);
    },
  };
}

describe('sessions leave nothing behind', () => {
  it('on a GPU that they share, a thousand times', async () => {
    const devices: WebGpuDevice[] = [];
    const platform = new SharedPlatform(watched(devices));
    const grown = await cycle(platform, { cycles: 900, warmUp: 100 });
    expect(devices).toHaveLength(1);
    expect(devices[0].allocatedBytes).toBe(0);
    expect(grown).toBeLessThan(TOLERATED_BYTES);
    await platform.close();
    expect(devices[0].lost).toBe(true);
  }, 120_000);

  it('on a GPU of their own each', async () => {
    const devices: WebGpuDevice[] = [];
    const grown = await cycle(watched(devices), { cycles: 25, warmUp: 5 });
    expect(devices).toHaveLength(30);
    for (const device of devices) expect([device.lost, device.allocatedBytes]).toEqual([true, 0]);
    expect(grown).toBeLessThan(TOLERATED_BYTES);
  }, 120_000);

  it('on a GPU of the caller’s, whose memory is free again at once', async () => {
    const { gpu } = await nodePlatform.openWebGpu('software');
    const gpuDevice = gpu.interop?.device;
    const model = await small();
    // 32 MiB in and out: seen at once where they are not given back.
    const x = rows(1 << 20);
    let before = 0;
    for (let i = 0; i < 12; i++) {
      if (i === 4) before = process.memoryUsage().rss;
      const session = await createSession(model, gpuDevice ? { gpuDevice } : {});
      await session.run({ x }, { outputs: {} });
      await session.dispose();
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(TOLERATED_BYTES);
    gpu.destroy();
  });
});
