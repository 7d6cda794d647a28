/** The CUDA device where several use it, and where something ends under them: two GPUs, work under way, faults, memory. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CudaDevice } from '../../../src/devices/cuda/index.js';
import type { LibraryEnvironment, LibraryRunner } from '../../../src/devices/cuda/library-runner.js';
import type { GpuRecording, LibraryKernel } from '../../../src/devices/gpu.js';
import { CompileError, DeviceError } from '../../../src/errors.js';
import { cudaPlatform } from '../../../src/host/cuda.js';
import { BYTES, counter, increment, kernel } from '../webgpu/kernels.js';
import {
  FAKES,
  LONELY_NVRTC,
  WITH_FAKES,
  cacheForTests,
  fakeControls,
  fakeFolder,
  fakeSearch,
  openFake,
} from './fake.js';

const MIB = 2 ** 20;
const LOST = /^the GPU device was lost \(.*CUDA_ERROR_ILLEGAL_ADDRESS/;
const DESTROYED = /^the GPU device was destroyed\. Create a new session/;

/** The message of the DeviceError that `work` ends in. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeviceError);
  return (error as DeviceError).message;
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What reads so many bytes back. */
async function reading(device: CudaDevice, bytes: number): Promise<GpuRecording> {
  const buffer = await device.allocate(bytes, 'what is read');
  return device.record([], [{ buffer, offset: 0, bytes }]);
}

describe.skipIf(!FAKES)(`the CUDA device under several users${WITH_FAKES}`, () => {
  let cache: ReturnType<typeof cacheForTests>;
  let live: number;
  const devices: CudaDevice[] = [];

  beforeAll(() => {
    cache = cacheForTests();
  });

  afterAll(() => {
    cache.remove();
  });

  beforeEach(() => {
    live = fakeControls().live();
  });

  afterEach(() => {
    fakeControls().starve(0);
    for (const device of devices.splice(0)) device.destroy();
    if (fakeControls().live() !== live) throw new Error('something was not freed');
  });

  async function open(ordinal = 0): Promise<CudaDevice> {
    const device = await openFake(ordinal);
    devices.push(device);
    return device;
  }

  // The fake driver refuses every call that uses what belongs to another context than the thread's.
  it('keeps two GPUs apart, whatever is under way on both', async () => {
    const pair = await Promise.all([open(0), open(1)]);
    const work = pair.flatMap((device, i) =>
      Array.from({ length: 3 }, async (_, j) => {
        const source = kernel(`both_${i}${j}_f32`, `x[id.x] += ${10 * i + j}.0;`);
        const { buffer, recording, step } = await counter(device, source);
        const values = [await step(), await step()];
        expect(await device.time(recording, { repeats: 2 })).toHaveLength(1);
        device.write(buffer, 0, new Float32Array(64).fill(1000));
        values.push(await step());
        device.release(recording);
        buffer.destroy();
        return values;
      }),
    );
    const own = [0, 1, 2, 10, 11, 12];
    expect(await Promise.all(work)).toEqual(own.map((x) => [x, 2 * x, 1000 + x]));
  });

  it.each([2, -1, 0.5, NaN])('has no GPU %d', async (ordinal) => {
    expect(await failure(open(ordinal))).toMatch(
      /^there is no CUDA device (?:2|-1|0\.5|NaN)\. Use an ordinal from 0 to 1/,
    );
  });

  it('loses one GPU and not the other', async () => {
    const [first, second] = await Promise.all([open(0), open(1)]);
    const [broken, whole] = await Promise.all([counter(first), counter(second)]);
    const under = Promise.allSettled([broken.step(), whole.step()]);
    fakeControls().fault(0, 700);
    expect((await under)[1]).toEqual({ status: 'fulfilled', value: 1 });
    expect(await failure(broken.step())).toMatch(LOST);
    expect([first.lost, second.lost]).toEqual([true, false]);
    expect(await whole.step()).toBe(2);
  });

  it('says what to do where a lost GPU is still held, and works once it is not', async () => {
    const [device, other] = await Promise.all([open(), open()]);
    const { step } = await counter(device);
    fakeControls().fault(0, 700);
    await step().catch(() => undefined);
    expect(await failure(step())).toMatch(LOST);
    expect(await failure(open())).toMatch(
      /^the GPU device was lost before \(cuStreamCreate failed .+\)\. Start a new process/,
    );
    // Another session's device learns of it by its first call.
    expect(await failure(other.allocate(4, 'x'))).toMatch(LOST);
    device.destroy();
    other.destroy();
    const { step: again } = await counter(await open());
    expect(await again()).toBe(1);
  });

  it('ends what is under way when it is destroyed, and leaves others on the same GPU alone', async () => {
    const [device, other] = await Promise.all([open(), open()]);
    const { recording } = await counter(device);
    const { step } = await counter(other);
    const ends = [
      device.submit(recording),
      device.submit(recording, { readback: false }),
      device.time(recording, { passes: [1, 0], repeats: 600 }),
      device.compile([kernel('late_f32', 'x[id.x] += 77.0;')]),
    ].map(failure);
    const others = step();
    await turn();
    device.destroy();
    for (const message of await Promise.all(ends)) expect(message).toMatch(DESTROYED);
    expect(await others).toBe(1);
    expect(await step()).toBe(2);
  });

  it('frees what is disposed of while others never stop', async () => {
    const device = await open();
    const [busy, gone] = [await counter(device), await counter(device)];
    const stop = new AbortController();
    // Always two runs under way, one of which begins before the other ends.
    const keepBusy = async (): Promise<void> => {
      while (!stop.signal.aborted) await device.submit(busy.recording, { readback: false });
    };
    const runs = [keepBusy(), turn().then(keepBusy)];
    const last = device.submit(gone.recording);
    const before = fakeControls().live();
    device.release(gone.recording);
    gone.buffer.destroy();
    await last;
    for (let i = 0; i < 20; i++) await turn();
    // The memory and the graph; the event of the last run, and those of runs that come and go.
    expect(fakeControls().live()).toBeLessThanOrEqual(before - 2);
    stop.abort();
    await Promise.all(runs);
  });

  describe('timing', () => {
    it('ends with the recording', async () => {
      const device = await open();
      const { recording, buffer } = await counter(device);
      // More passes than are submitted at once.
      const passes = [1, ...new Array<number>(600).fill(0)];
      const ended = failure(device.time(recording, { passes }));
      await turn();
      device.release(recording);
      buffer.destroy();
      expect(await ended).toMatch(/^the recording was released/);
    });

    it('ends when its signal says so, and leaves the device whole', async () => {
      const device = await open();
      const { recording, step } = await counter(device);
      const stop = new AbortController();
      const passes = [1, ...new Array<number>(5000).fill(0)];
      const timing = device.time(recording, { passes, signal: stop.signal });
      setTimeout(() => {
        stop.abort(new Error('enough'));
      }, 5);
      await expect(timing).rejects.toThrow('enough');
      expect(await device.time(recording, { signal: new AbortController().signal })).toHaveLength(1);
      expect(await step()).toBeGreaterThan(1);
    });
  });

  describe('memory', () => {
    it('for transfers gives way where it is only kept', async () => {
      const device = await open();
      // 64 MiB are kept, 128 are wanted, and 160 can be had.
      device.release(await reading(device, 40 * MIB));
      const [bytes] = await device.submit(await reading(device, 128 * MIB));
      expect(bytes.length).toBe(128 * MIB);
    });

    it('for transfers is named where there is none, and nothing is left behind', async () => {
      const device = await open();
      expect(await failure(reading(device, 130 * MIB))).toMatch(
        /^268435456 bytes of the machine's memory could not be pinned for transfers\. Use a smaller batch/,
      );
      const { step } = await counter(device);
      expect(await step()).toBe(1);
    });

    it('for code is named, and is not a kernel that does not compile', async () => {
      const device = await open();
      const source = kernel('squeezed_f32', 'x[id.x] += 5.5;');
      fakeControls().starve(1);
      const error: unknown = await device.compile([source]).catch((reason: unknown) => reason);
      expect(error).not.toBeInstanceOf(CompileError);
      expect((error as Error).message).toMatch(
        /^there is no memory left for the code of kernel squeezed_f32\. Use a smaller batch/,
      );
      fakeControls().starve(0);
      expect(await (await counter(device, source)).step()).toBe(5.5);
    });

    it('that is read back is each run’s own', async () => {
      const device = await open();
      const { recording } = await counter(device);
      const large = await device.allocate(65 * MIB, 'weights');
      const runs = [device.submit(recording), device.submit(recording)];
      // Waits for both, before the first has looked at what it read back.
      device.write(large, 0, new Uint8Array(65 * MIB));
      const read = (await Promise.all(runs)).map(([bytes]) => new Float32Array(bytes.buffer)[0]);
      expect(read).toEqual([1, 2]);
      expect(await device.submit(recording)).toEqual([new Uint8Array(new Float32Array(64).fill(3).buffer)]);
    });

    it('is written in pieces of any size', async () => {
      const device = await open();
      // Beyond what goes through pinned memory; changed as soon as it is written.
      const large = new Uint8Array(65 * MIB).fill(7);
      const buffer = await device.allocate(large.length, 'weights');
      device.write(buffer, 0, large);
      large.fill(9);
      const slice = { buffer, offset: large.length - 64, bytes: 64 };
      const [bytes] = await device.submit(await device.record([], [slice]));
      expect(bytes).toEqual(new Uint8Array(64).fill(7));
    });
  });

  describe('libraries', () => {
    const log: string[] = [];
    const call: LibraryKernel = {
      id: 'fill_cudnn',
      bindings: increment.bindings,
      workgroup: [1, 1, 1],
      grid: [1, 1, 1],
      features: ['cudnn'],
      workgroupBytes: 0,
      flops: 0,
      bytes: BYTES,
      call: { library: 'cudnn', operation: 'fill', parameters: {} },
    };

    /** A library that asks for memory of its own: only then does it see that the context is lost. */
    function openLibrary({ ffi, path }: LibraryEnvironment): LibraryRunner {
      const free = ffi.load(path).func('cuMemGetInfo_v2', 'int', ['void *', 'void *']);
      const status = (): number => Number(free(new BigUint64Array(1), new BigUint64Array(1)));
      const failed = new DeviceError('fill failed: CUDNN_STATUS_EXECUTION_FAILED', { remedy: 'No.' });
      return {
        library: 'cudnn',
        version: '9.0.0',
        prepare: async () => {
          if (status() !== 0) throw failed;
          return Promise.resolve({
            workspaceBytes: 0,
            launch: () => {
              if (status() !== 0) throw failed;
            },
            release: () => log.push(`release ${status()}`),
          });
        },
        destroy: () => log.push(`destroy ${status()}`),
      };
    }

    async function openWithLibrary(ordinal: number): Promise<CudaDevice> {
      const platform = await cudaPlatform(fakeSearch());
      const library = { library: 'cudnn', path: platform.driverPath, open: openLibrary } as const;
      const device = CudaDevice.create({ ...platform, libraries: [library] }, ordinal);
      devices.push(device);
      return device;
    }

    beforeEach(() => {
      log.length = 0;
    });

    it('are released with their own device’s context', async () => {
      const [first, second] = [await openWithLibrary(0), await openWithLibrary(1)];
      await Promise.all([first.compile([call]), second.compile([call])]);
      // The second GPU's context was the last to be made current, and then goes.
      second.destroy();
      first.destroy();
      expect(log).toEqual(['release 0', 'destroy 0', 'release 0', 'destroy 0']);
    });

    it('that fail on a lost device are not what is wrong', async () => {
      const device = await openWithLibrary(0);
      const [compiled] = await device.compile([call]);
      const { buffer, step } = await counter(device);
      fakeControls().fault(0, 700);
      // The fault comes with the work, which nobody waits for.
      device.write(buffer, 0, new Float32Array(64));
      const running = step().catch(() => undefined);
      const slices = [{ buffer, offset: 0, bytes: BYTES }];
      await running;
      expect(await failure(device.record([{ kernel: compiled, slices }]))).toMatch(LOST);
      expect(await failure(device.compile([{ ...call, call: { ...call.call, operation: 'copy' } }]))).toMatch(
        LOST,
      );
      device.destroy();
      // A lost context frees nothing: it goes as a whole.
      expect(log).toEqual([]);
    });
  });

  it('names the part of NVRTC that is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanewise-cuda-lonely-'));
    copyFileSync(join(fakeFolder(), LONELY_NVRTC), join(folder, 'libnvrtc.so.13'));
    const platform = await cudaPlatform(fakeSearch());
    const device = CudaDevice.create({ ...platform, nvrtcPath: join(folder, 'libnvrtc.so.13') });
    devices.push(device);
    const fresh = kernel('lonely_f32', 'x[id.x] += 1.5;');
    const error: unknown = await device.compile([fresh]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeviceError);
    expect(error).not.toBeInstanceOf(CompileError);
    expect((error as Error).message).toMatch(
      /^NVRTC 13\.0: NVRTC lacks a part of itself \(nvrtc: error: failed to open libnvrtc-builtins\.so\.0\.0\.\)\. libnvrtc-builtins, of/,
    );
    rmSync(folder, { recursive: true });
  });
});
