/** The CUDA device on a fake driver: what goes wrong is a clear error, and everything else goes on. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LibraryEnvironment, LibraryRunner } from '../../../src/devices/cuda/library-runner.js';
import { CudaDevice } from '../../../src/devices/cuda/index.js';
import {
  codeOf,
  type CudaKernel,
  type KernelSource,
  type LibraryKernel,
  type WgslKernel,
} from '../../../src/devices/gpu.js';
import { CompileError, DeviceError } from '../../../src/errors.js';
import { fillKernel } from '../../../src/kernels/roof/fill.js';
import { cudaPlatform } from '../../../src/host/cuda.js';
import { BYTES, counter, increment, kernel } from '../webgpu/kernels.js';
import { FAKES, WITH_FAKES, cacheForTests, fakeControls, fakeSearch, openFake } from './fake.js';

/** What a kernel tells of itself, whatever it is written in. */
const FRAME: Omit<WgslKernel, 'wgsl'> = omitText(increment);

function omitText({ id, bindings, workgroup, grid, features, workgroupBytes, flops, bytes }: WgslKernel) {
  return { id, bindings, workgroup, grid, features, workgroupBytes, flops, bytes };
}

/** A kernel that is CUDA C++ from the start, on one array of 64 floats. */
function native(id: string, body: string, rest: Partial<CudaKernel> = {}): CudaKernel {
  return {
    ...FRAME,
    id,
    cuda: `extern "C" __global__ void main_kernel(float* __restrict__ x) {\n${body}\n}\n`,
    ...rest,
  };
}

/** The message of the DeviceError that `work` ends in. */
async function failure(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeviceError);
  return (error as DeviceError).message;
}

/** How many of the launches of a recording with three kernels were dependent, and the device's runtime. */
async function launched(major: number, wish: string): Promise<[number, string]> {
  fakeControls().major(major);
  const device = CudaDevice.create(await cudaPlatform(fakeSearch({ LANEWISE_CUDA_PDL: wish })));
  try {
    const before = fakeControls().dependentLaunches();
    const [waiting, other] = await device.compile([increment, native('idle', '  x[threadIdx.x] += 1.0f;')]);
    const buffer = await device.allocate(BYTES, 'counter');
    const slice = { buffer, offset: 0, bytes: BYTES };
    const dispatches = [waiting, waiting, other].map((kernel) => ({ kernel, slices: [slice] }));
    const [bytes] = await device.submit(await device.record(dispatches, [slice]));
    expect(new Float32Array(bytes.buffer)[0]).toBe(3);
    return [fakeControls().dependentLaunches() - before, device.identity.runtime];
  } finally {
    device.destroy();
  }
}

describe.skipIf(!FAKES)(`the CUDA device${WITH_FAKES}`, () => {
  let cache: ReturnType<typeof cacheForTests>;
  let device: CudaDevice;
  let live: number;

  beforeAll(() => {
    cache = cacheForTests();
  });

  afterAll(() => {
    cache.remove();
  });

  beforeEach(async () => {
    live = fakeControls().live();
    device = await openFake();
  });

  afterEach(() => {
    device.destroy();
    // Nothing is left behind on the driver, whatever a test did.
    if (fakeControls().live() !== live) throw new Error('something was not freed');
  });

  /** Whether a device still computes. */
  async function works(on = device): Promise<boolean> {
    const { step, recording, buffer } = await counter(on);
    const right = (await step()) === 1 && (await step()) === 2;
    on.release(recording);
    buffer.destroy();
    return right;
  }

  it('tells a kernel the length of what it binds', async () => {
    const [fill] = await device.compile([fillKernel(400, device.limits.maxGrid)]);
    const buffer = await device.allocate(1024, 'numbers');
    const whole = { buffer, offset: 0, bytes: 1024 };
    const recording = await device.record(
      [{ kernel: fill, slices: [{ buffer, offset: 256, bytes: 400 }] }],
      [whole],
    );
    const [bytes] = await device.submit(recording);
    const numbers = [...new Float32Array(bytes.buffer)];
    expect(numbers.map((x) => x !== 0 && Math.abs(x) <= 1)).toEqual(
      numbers.map((_, i) => i >= 64 && i < 164),
    );
    device.release(recording);
    buffer.destroy();
  });

  describe('dependent launch', () => {
    afterEach(() => {
      fakeControls().major(8);
    });

    it('is of kernels that wait, where it is asked for and there', async () => {
      expect(await launched(9, '1')).toEqual([2, expect.stringContaining(', dependent launch')]);
      expect(await launched(9, '0')).toEqual([0, expect.not.stringContaining('dependent')]);
      expect(await launched(8, '1')).toEqual([0, expect.not.stringContaining('dependent')]);
    });
  });

  describe('memory', () => {
    it('refuses what is over the limit, by name and at once', async () => {
      const bytes = device.limits.maxBufferBytes + 4;
      expect(await failure(() => device.allocate(bytes, 'activations of "conv1"'))).toMatch(
        /^activations of "conv1" takes \d+ bytes, over the device's limit of \d+\. Use a smaller batch/,
      );
      expect(await works()).toBe(true);
    });

    it('says by name when memory is exhausted, and goes on', async () => {
      const half = await device.allocate(device.limits.maxBufferBytes / 2, 'half');
      expect(await failure(() => device.allocate(device.limits.maxBufferBytes, 'weights of "fc6"'))).toMatch(
        /^weights of "fc6": \d+ bytes could not be allocated \(134217728 are free\)\. Use a smaller batch/,
      );
      expect(device.allocatedBytes).toBe(half.bytes);
      half.destroy();
      expect(await works()).toBe(true);
    });

    it('counts what is allocated, and has nothing empty', async () => {
      const { buffer, recording } = await counter(device);
      expect(device.allocatedBytes).toBe(BYTES);
      const empty = await device.allocate(0, 'empty');
      expect(empty.bytes).toBe(4);
      device.write(empty, 0, new Uint8Array(0));
      const reading = await device.record([], [{ buffer: empty, offset: 0, bytes: 0 }]);
      expect(await device.submit(reading)).toEqual([new Uint8Array(0)]);
      device.release(recording);
      for (const one of [buffer, buffer, empty]) one.destroy();
      expect(device.allocatedBytes).toBe(0);
    });

    it('is zero at first', async () => {
      const buffer = await device.allocate(64, 'fresh');
      const reading = await device.record([], [{ buffer, offset: 0, bytes: 64 }]);
      expect(await device.submit(reading)).toEqual([new Uint8Array(64)]);
    });

    it('refuses writes beyond a buffer, and into a freed one', async () => {
      const buffer = await device.allocate(8, 'small');
      const write = (offset: number, length: number) => () => {
        device.write(buffer, offset, new Uint8Array(length));
      };
      expect(write(0, 8)).not.toThrow();
      expect(write(4, 8)).toThrow(/small: bytes 4 to 12 are not a range of the 8 bytes there/);
      expect(write(2, 4)).toThrow(DeviceError);
      buffer.destroy();
      expect(write(0, 8)).toThrow(/small: its memory was freed/);
      expect(await works()).toBe(true);
    });

    it('writes from shared memory and in odd lengths, and takes a copy at once', async () => {
      const { buffer, step } = await counter(device);
      const shared = new Float32Array(new SharedArrayBuffer(BYTES)).fill(5);
      device.write(buffer, 0, shared);
      shared.fill(9);
      expect(await step()).toBe(6);
      const slice = { buffer, offset: 0, bytes: 7 };
      device.write(buffer, 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
      const recording = await device.record([], [slice]);
      expect(await device.submit(recording)).toEqual([Uint8Array.of(1, 2, 3, 4, 5, 6, 7)]);
    });

    it('keeps many writes apart until they are done', async () => {
      const buffers = await Promise.all(Array.from({ length: 40 }, (_, i) => device.allocate(4, `b${i}`)));
      for (const [i, buffer] of buffers.entries()) device.write(buffer, 0, Uint32Array.of(i));
      const slices = buffers.map((buffer) => ({ buffer, offset: 0, bytes: 4 }));
      const results = await device.submit(await device.record([], slices));
      expect(results.map((bytes) => new Uint32Array(bytes.buffer)[0])).toEqual(buffers.map((_, i) => i));
    });

    it('may be freed while work on it is under way', async () => {
      const { buffer, recording } = await counter(device);
      const done = device.submit(recording);
      buffer.destroy();
      device.release(recording);
      const [bytes] = await done;
      expect(new Float32Array(bytes.buffer)).toEqual(new Float32Array(64).fill(1));
    });
  });

  describe('kernels', () => {
    it.each<[string, KernelSource, RegExp]>([
      [
        'wrong syntax',
        kernel('broken_f32', 'x[0] = ;'),
        /kernel broken_f32 does not compile \(.+\)\. Please/,
      ],
      ['a wrong type', kernel('typed_f32', 'x[0] = 1u;'), /kernel typed_f32 does not compile \(.*u32/],
      [
        'wrong syntax in CUDA C++',
        native('native_f32', '  float y = 1.0f;\n  x[0] = ;'),
        /kernel native_f32 does not compile \(line 3: expected/,
      ],
      [
        'no entry point',
        native('lost_f32', '', { cuda: 'extern "C" __global__ void other(float* x) {}' }),
        /kernel lost_f32 does not compile \(cuModuleGetFunction failed/,
      ],
      [
        'too many invocations',
        { ...increment, id: 'wide_f32', workgroup: [64, 64, 1] },
        /kernel wide_f32 does not compile \(64 x 64 x 1 invocations per workgroup exceed 1024\)/,
      ],
      [
        'too much workgroup memory',
        native('fat_f32', 'x[0] = 1;', { workgroupBytes: 200_000 }),
        /kernel fat_f32 does not compile \(200000 bytes of workgroup storage exceed 166912\)/,
      ],
      [
        'bindings other than declared',
        kernel('bound_f32', 'x[id.x] += 2;', { bindings: [{ name: 'x', access: 'read' }] }),
        /kernel bound_f32 does not compile/,
      ],
      [
        'more bindings than the device has',
        kernel('many_f32', 'x[id.x] += 3;', {
          bindings: Array.from({ length: 65 }, (_, i) => ({ name: `x${i}`, access: 'read_write' })),
        }),
        /kernel many_f32 does not compile \(65 bindings exceed 64\)/,
      ],
    ])('names the one with %s', async (_, source, message) => {
      expect(await failure(() => device.compile([increment, source]))).toMatch(message);
      expect(await failure(() => device.compile([source]))).toMatch(message);
      const error: unknown = await device.compile([source]).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CompileError);
      expect(error).toMatchObject({ kernel: source.id, code: codeOf(source) });
      expect(await works()).toBe(true);
    });

    it('compiles equal texts once', async () => {
      const fresh = kernel('twice_f32', 'x[id.x] *= 2.5;');
      const before = fakeControls().compilations();
      const [a, b] = await device.compile([fresh, { ...fresh, id: 'other_f32', grid: [2, 1, 1] }]);
      expect(b.source.id).toBe('other_f32');
      expect(a.source.id).toBe('twice_f32');
      expect(fakeControls().compilations()).toBe(before + 1);
    });

    it('gives dynamic memory to those in CUDA C++, over 48 KiB too', async () => {
      const body = `  extern __shared__ __align__(16) unsigned char memory[];
  float* last = reinterpret_cast<float*>(memory + 99996);
  if (threadIdx.x == 5) *last = x[7];
  __syncthreads();
  x[threadIdx.x] = *last + threadIdx.x;`;
      const [compiled] = await device.compile([native('large_f32', body, { workgroupBytes: 100_000 })]);
      const buffer = await device.allocate(BYTES, 'x');
      device.write(buffer, 0, new Float32Array(64).fill(3));
      const slice = { buffer, offset: 0, bytes: BYTES };
      const recording = await device.record([{ kernel: compiled, slices: [slice] }], [slice]);
      const [bytes] = await device.submit(recording);
      expect(new Float32Array(bytes.buffer)).toEqual(Float32Array.from({ length: 64 }, (_, i) => 3 + i));
    });

    it('are kept on disk, and made again where the file is damaged', async () => {
      const fresh = kernel('kept_f32', 'x[id.x] += 1 + 0 * 123.25;');
      const folder = join(cache.folder, 'cubins-v1');
      const kept = new Set(readdirSync(folder));
      const compiled = fakeControls().compilations();
      expect((await counter(device, fresh)).buffer.bytes).toBe(BYTES);
      expect(fakeControls().compilations()).toBe(compiled + 1);
      const file = readdirSync(folder).find((name) => !kept.has(name)) ?? '';
      device.destroy();
      device = await openFake();
      expect(await (await counter(device, fresh)).step()).toBe(1);
      expect(fakeControls().compilations()).toBe(compiled + 1);
      const image = readFileSync(join(folder, file));
      for (const damaged of [
        image.subarray(0, 1000),
        Buffer.alloc(0),
        image.fill(0, 500, 501).fill(1, 501, 502),
      ]) {
        writeFileSync(join(folder, file), damaged);
        device.destroy();
        device = await openFake();
        expect(await (await counter(device, fresh)).step()).toBe(1);
      }
      expect(fakeControls().compilations()).toBe(compiled + 4);
    });

    it('refuses bindings over the limit, outside their buffer and off the alignment, by name', async () => {
      const [compiled] = await device.compile([increment]);
      const buffer = await device.allocate(1024, 'arena');
      const bind = (offset: number, bytes: number) => () =>
        device.record([{ kernel: compiled, slices: [{ buffer, offset, bytes, label: '"conv1"' }] }]);
      const over = device.limits.maxBindingBytes + 4;
      expect(await failure(bind(0, over))).toMatch(/^"conv1" in kernel increment_f32 takes \d+ bytes, over/);
      expect(await failure(bind(768, 512))).toMatch(
        /^"conv1" in kernel increment_f32: bytes 768 to 1280 are not/,
      );
      expect(await failure(bind(4, 256))).toMatch(/^"conv1" in kernel increment_f32 is bound at byte 4/);
      buffer.destroy();
      expect(await failure(bind(0, 256))).toMatch(/^"conv1" in kernel increment_f32: its memory was freed/);
      expect(await works()).toBe(true);
    });

    it('refuses grids over the limit, by name', async () => {
      const grid = [device.limits.maxGrid + 1, 1, 1] as const;
      expect(await failure(() => counter(device, { ...increment, grid }))).toMatch(
        /^kernel increment_f32 has 65536 x 1 x 1 workgroups/,
      );
      expect(await works()).toBe(true);
    });
  });

  describe('submissions', () => {
    it('name memory that was freed under them, and leave the device whole', async () => {
      const { buffer, step } = await counter(device);
      buffer.destroy();
      expect(await failure(step)).toMatch(/counter: its memory was freed/);
      expect(await failure(step)).toMatch(/counter/);
      expect(await works()).toBe(true);
    });

    it('refuse a recording that was released', async () => {
      const { recording } = await counter(device);
      device.release(recording);
      device.release(recording);
      expect(await failure(() => device.submit(recording))).toMatch(/the recording was released/);
    });

    it('copy on the device before and after the kernels', async () => {
      const { buffer, recording } = await counter(device);
      const [source, target] = [
        await device.allocate(BYTES, 'source'),
        await device.allocate(BYTES, 'target'),
      ];
      device.write(source, 0, new Float32Array(64).fill(40));
      const whole = (of: typeof buffer) => ({ buffer: of, offset: 0, bytes: BYTES });
      await device.submit(recording, {
        before: [{ from: whole(source), to: whole(buffer) }],
        after: [{ from: whole(buffer), to: whole(target) }],
        readback: false,
      });
      const readback = await device.record([], [whole(target)]);
      const [bytes] = await device.submit(readback);
      expect(new Float32Array(bytes.buffer)).toEqual(new Float32Array(64).fill(41));
    });

    it('let the event loop go on', async () => {
      const { recording } = await counter(device);
      let turns = 0;
      const count = (): void => {
        turns++;
        setImmediate(count);
      };
      setImmediate(count);
      await device.submit(recording);
      expect(turns).toBeGreaterThan(1);
      turns = -Infinity;
    });

    it('may queue behind one another', async () => {
      const { buffer, recording } = await counter(device);
      await Promise.all(Array.from({ length: 5 }, () => device.submit(recording, { readback: false })));
      const [bytes] = await device.submit(await device.record([], [{ buffer, offset: 0, bytes: 4 }]));
      expect(new Float32Array(bytes.buffer)[0]).toBe(5);
    });

    it('are timed, in passes and repeated', async () => {
      const [one, two] = await device.compile([increment, kernel('double_f32', 'x[id.x] *= 2;')]);
      const buffer = await device.allocate(BYTES, 'x');
      const slices = [{ buffer, offset: 0, bytes: BYTES }];
      const recording = await device.record(
        [one, two, one].map((compiled) => ({ kernel: compiled, slices })),
      );
      const times = await device.time(recording);
      expect(times).toHaveLength(3);
      expect(Math.min(...times)).toBeGreaterThan(0);
      expect(await device.time(recording, { passes: [2, 0, 1], repeats: 3 })).toHaveLength(3);
      // ((0 + 1) * 2 + 1), then the first two three times and the last one three times.
      const [bytes] = await device.submit(await device.record([], slices));
      expect(new Float32Array(bytes.buffer)[0]).toBe((((3 + 1) * 2 + 1) * 2 + 1) * 2 + 3);
      // More than fit into one graph.
      expect(await device.time(recording, { passes: [3], repeats: 400 })).toHaveLength(1);
      expect(await device.time(await device.record([]))).toEqual([]);
    });
  });

  describe('a lost device', () => {
    const lost =
      /^the GPU device was lost \(.*CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access.*\)\. Create/;

    afterEach(() => {
      fakeControls().breakNow(0);
    });

    it('fails every call, and a new one works', async () => {
      const { step, recording, buffer } = await counter(device);
      expect(device.lost).toBe(false);
      fakeControls().breakNow(700);
      expect(await failure(step)).toMatch(lost);
      expect(device.lost).toBe(true);
      fakeControls().breakNow(0);
      expect(await failure(() => device.allocate(4, 'x'))).toMatch(lost);
      expect(await failure(() => device.compile([increment]))).toMatch(lost);
      expect(await failure(() => device.time(recording))).toMatch(lost);
      expect(await failure(() => device.record([]))).toMatch(lost);
      expect(() => device.write(buffer, 0, new Uint8Array(4))).toThrow(lost);
      const next = await openFake();
      expect(await works(next)).toBe(true);
      next.destroy();
    });

    it.each(['submit', 'time'] as const)('ends a %s under way', async (method) => {
      const { recording } = await counter(device);
      await device.time(recording);
      const work = method === 'submit' ? device.submit(recording) : device.time(recording, { repeats: 9 });
      fakeControls().breakNext(700);
      // The work itself is done before the fault; what comes after it is not.
      await work.catch(() => undefined);
      expect(await failure(() => device.submit(recording))).toMatch(lost);
    });

    it('may be destroyed', async () => {
      const { buffer } = await counter(device);
      fakeControls().breakNow(719);
      expect(await failure(() => device.allocate(4, 'x'))).toMatch(
        /was lost \(cuCtxSetCurrent failed \(error 719\)\)/,
      );
      buffer.destroy();
      device.destroy();
      device.destroy();
      expect(device.allocatedBytes).toBe(0);
      expect(await failure(() => device.allocate(4, 'x'))).toMatch(/^the GPU device was destroyed/);
    });
  });

  describe('several devices', () => {
    it('work at once, on one GPU and on two', async () => {
      const others = await Promise.all([openFake(0), openFake(1)]);
      expect(others.map(({ description }) => description)).toEqual([
        'Fake GPU 0 (CUDA)',
        'Fake GPU 1 (CUDA)',
      ]);
      const counters = await Promise.all([device, ...others].map((one) => counter(one)));
      const steps = counters.flatMap(({ step }, i) => Array.from({ length: i + 1 }, () => step));
      const counted: number[] = [];
      for (const step of steps) counted.push(await step());
      expect(counted).toEqual([1, 1, 2, 1, 2, 3]);
      await Promise.all(counters.map(({ step }) => step()));
      others[0].destroy();
      expect(await works(others[1])).toBe(true);
      expect(await works()).toBe(true);
      others[1].destroy();
    });

    it('are told apart, and none is made up', async () => {
      expect(await failure(() => openFake(2))).toMatch(
        /there is no CUDA device 2\. Use an ordinal from 0 to 1/,
      );
      expect(device.identity).toMatchObject({
        kind: 'cuda',
        vendor: 'nvidia',
        name: 'Fake GPU 0',
        runtime: 'nvrtc 13.0',
      });
      expect([...device.features]).toEqual(['f16', 'subgroups', 'subgroup-matrix', 'cuda']);
      expect(device.limits).toMatchObject({ maxWorkgroupBytes: 49_152, maxGrid: 65_535, sharedAccess: true });
    });
  });

  describe('libraries', () => {
    const call: LibraryKernel = {
      ...FRAME,
      id: 'fill_cudnn',
      call: { library: 'cudnn', operation: 'fill', parameters: { byte: 7 } },
    };

    /** A library with one operation: it fills its workspace with a byte and copies that to its binding. */
    function openLibrary({ ffi, path, makeCurrent, capability }: LibraryEnvironment): LibraryRunner {
      expect(capability).toEqual([8, 0]);
      const library = ffi.load(path);
      const fill = library.func('cuMemsetD8Async', 'int', ['void *', 'uchar', 'size_t', 'void *']);
      const copy = library.func('cuMemcpyDtoDAsync_v2', 'int', ['void *', 'void *', 'size_t', 'void *']);
      return {
        library: 'cudnn',
        version: '9.0.0',
        prepare: async ({ operation, parameters }) => {
          await Promise.resolve();
          makeCurrent();
          if (operation !== 'fill')
            throw new DeviceError(`${operation} failed (CUDNN_STATUS_NOT_SUPPORTED)`, { remedy: 'No.' });
          log.push('prepared');
          return {
            workspaceBytes: BYTES,
            launch: (stream, [x], workspace) => {
              expect(fill(workspace, Number(parameters.byte), BYTES, stream)).toBe(0);
              expect(copy(x, workspace, BYTES, stream)).toBe(0);
            },
            release: () => log.push('released'),
          };
        },
        destroy: () => log.push('destroyed'),
      };
    }
    const log: string[] = [];

    it('are called in a recording, with memory of their own, and freed', async () => {
      const platform = await cudaPlatform(fakeSearch());
      const path = platform.driverPath;
      const own = CudaDevice.create({
        ...platform,
        libraries: [{ library: 'cudnn', path, open: openLibrary }],
      });
      expect(own.features.has('cudnn')).toBe(true);
      expect(own.identity.runtime).toBe('nvrtc 13.0, cudnn 9.0.0');
      const [compiled, same] = await own.compile([call, call]);
      expect(log).toEqual(['prepared']);
      const buffer = await own.allocate(BYTES, 'x');
      const slice = { buffer, offset: 0, bytes: BYTES };
      const recording = await own.record([{ kernel: compiled, slices: [slice] }], [slice]);
      expect(own.allocatedBytes).toBe(2 * BYTES);
      expect(await own.submit(recording)).toEqual([new Uint8Array(BYTES).fill(7)]);
      expect(await own.time(recording, { repeats: 3 })).toHaveLength(1);
      own.release(recording);
      expect(own.allocatedBytes).toBe(BYTES);
      expect(same.source).toBe(call);
      const wrong = { ...call, id: 'sort_cudnn', call: { ...call.call, operation: 'sort' } };
      expect(await failure(() => own.compile([wrong]))).toMatch(
        /^kernel sort_cudnn does not compile \(sort failed \(CUDNN_STATUS_NOT_SUPPORTED\)\)/,
      );
      own.destroy();
      expect(log).toEqual(['prepared', 'released', 'destroyed']);
    });

    it('that are not there are named', async () => {
      expect(await failure(() => device.compile([call]))).toMatch(
        /^kernel fill_cudnn needs cudnn, which was not found\. See `lanewise devices`/,
      );
    });
  });
});
