/** One GPU for many sessions: it is given back once, whenever it is closed. */
import { afterEach, describe, expect, it } from 'vitest';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { DeviceError, SessionError } from '../../src/errors.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { SharedPlatform } from '../../src/session/index.js';

/** A device that opens when it is told to, and counts how often it is given back. */
class SlowPlatform {
  readonly gpus: WebGpuDevice[] = [];
  readonly releases: number[] = [];
  readonly shared: SharedPlatform;
  attempts = 0;
  #go: () => void = () => undefined;
  readonly #gate = new Promise<void>((resolve) => {
    this.#go = resolve;
  });

  constructor(fails = false) {
    this.shared = new SharedPlatform({
      openWebGpu: async () => {
        this.attempts++;
        await this.#gate;
        if (fails) throw new DeviceError('the driver is busy', { remedy: 'Try again.' });
        const gpu = await openSoftware();
        const place = this.gpus.push(gpu) - 1;
        this.releases.push(0);
        return {
          gpu,
          release: () => {
            this.releases[place]++;
            gpu.destroy();
          },
        };
      },
    });
  }

  /** Lets the device open. */
  open(): void {
    this.#go();
  }
}

const platforms: SlowPlatform[] = [];

function slow(fails = false): SlowPlatform {
  const platform = new SlowPlatform(fails);
  platforms.push(platform);
  return platform;
}

afterEach(() => {
  for (const { gpus } of platforms.splice(0)) for (const gpu of gpus) gpu.destroy();
});

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('closing a shared platform', () => {
  it('gives back what is being opened, once, and refuses who waits for it', async () => {
    const platform = slow();
    const waiting = [1, 2].map(() => rejection(platform.shared.openWebGpu('software')));
    await expect.poll(() => platform.attempts).toBe(1);
    const closed = platform.shared.close();
    platform.open();
    await closed;
    expect(platform.releases).toEqual([1]);
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(SessionError);
  });

  it('gives back once however often it is closed', async () => {
    const platform = slow();
    platform.open();
    await platform.shared.openWebGpu('software');
    await Promise.all([platform.shared.close(), platform.shared.close()]);
    await platform.shared.close();
    expect(platform.releases).toEqual([1]);
  });

  it('gives a lost device back once, also when that is noticed meanwhile', async () => {
    const platform = slow();
    platform.open();
    const { gpu } = await platform.shared.openWebGpu('software');
    gpu.destroy();
    const asked = rejection(platform.shared.openWebGpu('software'));
    const closed = platform.shared.close();
    expect(await asked).toBeInstanceOf(SessionError);
    await closed;
    expect(platform.releases).toEqual([1]);
  });

  it('gives a replacement back too', async () => {
    const platform = slow();
    platform.open();
    const { gpu } = await platform.shared.openWebGpu('software');
    gpu.destroy();
    const asked = rejection(platform.shared.openWebGpu('software'));
    // The lost one has been given back, the next is being opened.
    await expect.poll(() => platform.releases).toEqual([1]);
    await platform.shared.close();
    await asked;
    expect(platform.releases).toEqual([1, 1]);
  });

  it('opens nothing afterwards', async () => {
    const platform = slow();
    platform.open();
    await platform.shared.close();
    const error = await rejection(platform.shared.openWebGpu('software'));
    expect(error).toBeInstanceOf(SessionError);
    expect(String(error)).toMatch(/were closed.*anew/);
    expect(platform.gpus).toEqual([]);
  });

  it('is not disturbed by an attempt that fails, whose error stays its own', async () => {
    const platform = slow(true);
    const asked = rejection(platform.shared.openWebGpu('software'));
    await expect.poll(() => platform.attempts).toBe(1);
    const closed = platform.shared.close();
    platform.open();
    await closed;
    expect(await asked).toBeInstanceOf(DeviceError);
  });
});
