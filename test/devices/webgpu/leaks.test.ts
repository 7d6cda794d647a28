/** What a session takes it gives back: memory after many sessions is what it was after the first ones. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { openSoftware } from '../../../src/host/webgpu.js';
import { nodePlatform } from '../../../src/host/platform.js';
import type { WebGpuDevice } from '../../../src/devices/webgpu/index.js';
import { SharedPlatform, createSession, ownLease, type Platform } from '../../../src/session/index.js';
import { rows, small } from './models.js';

/** 256 KiB in and out, and as much between: a session's memory left behind adds up to what can be seen. */
const X = rows(8192);

/** What may come and go: the allocators' own reserves. */
const TOLERATED_BYTES = 100e6;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the process's memory, without garbage. */
async function processBytes(): Promise<number> {
  // The second time for what finalisers of the first have let go.
  for (let i = 0; i < 2; i++) {
    collect();
    await sleep(20);
  }
  return process.memoryUsage().rss;
}

/** Creates, runs and disposes of sessions; returns by how many bytes the process has grown since the warm-up. */
async function cycle(platform: Platform, options: { cycles: number; warmUp: number }): Promise<number> {
  const model = await small();
  let before = 0;
  for (let i = 0; i < options.warmUp + options.cycles; i++) {
    if (i === options.warmUp) before = await processBytes();
    const session = await createSession(model, { device: 'webgpu:software' }, platform);
    await session.run({ x: X });
    await session.dispose();
  }
  return (await processBytes()) - before;
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
    // The process grows by some 200 MB over its first 200 sessions, and hardly any more: the memory of engine and driver.
    const grown = await cycle(platform, { cycles: 700, warmUp: 300 });
    expect(devices).toHaveLength(1);
    expect(devices[0].allocatedBytes).toBe(0);
    expect(grown).toBeLessThan(TOLERATED_BYTES);
    await platform.close();
    expect(devices[0].lost).toBe(true);
  }, 120_000);

  it('on a GPU of their own each', async () => {
    const devices: WebGpuDevice[] = [];
    const grown = await cycle(watched(devices), { cycles: 25, warmUp: 15 });
    expect(devices).toHaveLength(40);
    for (const device of devices) expect([device.lost, device.allocatedBytes]).toEqual([true, 0]);
    expect(grown).toBeLessThan(TOLERATED_BYTES);
  }, 120_000);

  it('on a GPU of the caller’s, whose memory is free again at once', async () => {
    const { gpu } = await nodePlatform.openWebGpu('software');
    const gpuDevice = gpu.interop?.device;
    const model = await small();
    // 4 MiB in and out: soon seen where they are not given back.
    const x = rows(1 << 17);
    let before = 0;
    for (let i = 0; i < 24; i++) {
      if (i === 4) before = await processBytes();
      const session = await createSession(model, gpuDevice ? { gpuDevice } : {});
      await session.run({ x }, { outputs: {} });
      await session.dispose();
    }
    expect((await processBytes()) - before).toBeLessThan(TOLERATED_BYTES);
    gpu.destroy();
  });
});
