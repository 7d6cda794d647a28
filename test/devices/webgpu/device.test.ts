/** The WebGPU device itself, on software WebGPU: what goes wrong is a clear error, and everything else goes on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebGpuDevice } from '../../../src/devices/webgpu/index.js';
import { codeOf, type KernelSource } from '../../../src/devices/gpu.js';
import { CompileError, DeviceError } from '../../../src/errors.js';
import { openSoftware } from '../../../src/host/webgpu.js';
import { buffersMadeBy, isDestroyed } from './buffers.js';
import { BYTES, counter, increment, kernel } from './kernels.js';

let device: WebGpuDevice;

beforeEach(async () => {
  device = await openSoftware();
});

afterEach(() => {
  device.destroy();
});

/** The message of the DeviceError that `work` ends in. */
async function failure(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeviceError);
  return (error as DeviceError).message;
}

/** Whether a device still computes. */
async function works(on: WebGpuDevice = device): Promise<boolean> {
  const { step } = await counter(on);
  return (await step()) === 1 && (await step()) === 2;
}

describe('memory', () => {
  it('refuses what is over the limit, by name and at once', async () => {
    const bytes = device.limits.maxBufferBytes + 4;
    expect(await failure(() => device.allocate(bytes, 'activations of "conv1"'))).toMatch(
      /^activations of "conv1" takes \d+ bytes, over the device's limit of \d+\. Use a smaller batch/,
    );
    expect(await works()).toBe(true);
  });

  it('says by name when memory is exhausted, and goes on', async () => {
    // SwiftShader has no allocation as large as the limit that it declares.
    const bytes = device.limits.maxBufferBytes;
    expect(await failure(() => device.allocate(bytes, 'weights of "fc6"'))).toMatch(
      /^weights of "fc6": \d+ bytes could not be allocated \(.*OUT_OF_DEVICE_MEMORY.*\)\. Use a smaller batch/,
    );
    expect(device.allocatedBytes).toBe(0);
    expect(await works()).toBe(true);
  });

  it('counts what is allocated', async () => {
    const { buffer, recording } = await counter(device);
    expect(device.allocatedBytes).toBe(2 * BYTES);
    device.release(recording);
    buffer.destroy();
    buffer.destroy();
    expect(device.allocatedBytes).toBe(0);
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

  it('writes from shared memory and in odd lengths', async () => {
    const { buffer, step } = await counter(device);
    const shared = new Float32Array(new SharedArrayBuffer(BYTES)).fill(5);
    device.write(buffer, 0, shared);
    expect(await step()).toBe(6);
    const slice = { buffer, offset: 0, bytes: 7 };
    device.write(buffer, 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
    const recording = await device.record([], [slice]);
    expect(await device.submit(recording)).toEqual([Uint8Array.of(1, 2, 3, 4, 5, 6, 7)]);
  });
});

describe('kernels', () => {
  it.each<[string, KernelSource, RegExp]>([
    ['wrong syntax', kernel('broken_f32', 'x[0] = ;'), /kernel broken_f32 does not compile \(3:\d+ /],
    ['a wrong type', kernel('typed_f32', 'x[0] = 1u;'), /kernel typed_f32 does not compile \(3:\d+ .*u32/],
    [
      'too many invocations',
      { ...increment, id: 'wide_f32', wgsl: increment.wgsl.replace('(64)', '(64, 64)') },
      /kernel wide_f32 does not compile \(.*exceeds/,
    ],
    [
      'too much workgroup memory',
      kernel('fat_f32', 'w[id.x] = x[id.x]; workgroupBarrier(); x[id.x] = w[id.x + 1];', {
        wgsl: `var<workgroup> w: array<f32, 60000>;\n${kernel('', 'w[id.x] = x[id.x]; x[id.x] = w[id.x + 1];').wgsl}`,
      }),
      /kernel fat_f32 does not compile \(.*workgroup storage/i,
    ],
    [
      'a feature that is not there',
      { ...increment, id: 'half_f16', wgsl: `enable f16;\n${increment.wgsl}` },
      /kernel half_f16 does not compile \(1:8 .*f16/,
    ],
    [
      'bindings other than declared',
      kernel('bound_f32', 'x[id.x] += 2;', { bindings: [{ name: 'x', access: 'read' }] }),
      /kernel bound_f32 does not compile/,
    ],
    [
      'more bindings than the device has',
      kernel('many_f32', 'x[id.x] += 3;', {
        bindings: Array.from({ length: 40 }, (_, i) => ({ name: `x${i}`, access: 'read_write' })),
      }),
      /kernel many_f32 does not compile/,
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
    const [a, b] = await device.compile([increment, { ...increment, id: 'other_f32', grid: [2, 1, 1] }]);
    expect(b).toMatchObject({
      source: { id: 'other_f32' },
      pipeline: (a as unknown as { pipeline: object }).pipeline,
    });
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
    expect(await failure(step)).toMatch(/counter/);
    expect(await failure(step)).toMatch(/counter/);
    expect(await works()).toBe(true);
  });

  it('copy on the device before and after the kernels', async () => {
    const { buffer, recording } = await counter(device);
    const [source, target] = [await device.allocate(BYTES, 'source'), await device.allocate(BYTES, 'target')];
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

  it('are timed, in passes and repeated', async () => {
    const { recording } = await counter(device);
    const [nanoseconds] = await device.time(recording, { repeats: 3 });
    expect(nanoseconds).toBeGreaterThan(0);
  });

  it('tell of errors that nobody waited for, once', async () => {
    const { step } = await counter(device);
    // As a fault in this library would: a call outside of any error scope.
    device.interop.device.createBuffer({ size: 4, usage: 0 });
    await device.interop.device.queue.onSubmittedWorkDone();
    expect(await failure(step)).toMatch(/^WebGPU reports an error in earlier work \(/);
    expect(await step()).toBe(1);
  });

  it('tell of them at an allocation, whose memory is freed', async () => {
    const native = device.interop.device;
    const made = await buffersMadeBy(native, async () => {
      const allocation = device.allocate(BYTES, 'ours');
      native.createBuffer({ label: 'foreign', size: 4, usage: 0 });
      expect(await failure(() => allocation)).toMatch(/^WebGPU reports an error in earlier work \(/);
    });
    expect(made.map(({ label }) => label)).toEqual(['ours', 'foreign']);
    expect(await isDestroyed(native, made[0])).toBe(true);
    expect(device.allocatedBytes).toBe(0);
    expect(await works()).toBe(true);
  });
});

describe('a lost device', () => {
  it('fails every call, and a new one works', async () => {
    const { step, recording } = await counter(device);
    expect(device.lost).toBe(false);
    device.interop.device.destroy();
    const lost = /^the GPU device was lost \(.*\)\. Create a new session/;
    expect(await failure(step)).toMatch(lost);
    expect(device.lost).toBe(true);
    expect(await failure(() => device.allocate(4, 'x'))).toMatch(lost);
    expect(await failure(() => device.compile([increment]))).toMatch(lost);
    expect(await failure(() => device.time(recording))).toMatch(lost);
    expect(await failure(() => device.record([]))).toMatch(lost);
    const next = await openSoftware();
    expect(await works(next)).toBe(true);
    next.destroy();
  });

  it.each(['submit', 'time', 'compile', 'allocate'] as const)('ends a %s under way', async (method) => {
    const { recording } = await counter(device);
    const work = {
      submit: () => device.submit(recording),
      time: () => device.time(recording, { repeats: 100 }),
      compile: () => device.compile([kernel('fresh_f32', 'x[id.x] *= 3;')]),
      allocate: () => device.allocate(BYTES, 'more'),
    }[method]();
    device.interop.device.destroy();
    expect(await failure(() => work)).toMatch(/was lost/);
  });

  it('may be destroyed', async () => {
    const { buffer } = await counter(device);
    device.interop.device.destroy();
    await device.interop.device.lost;
    buffer.destroy();
    device.destroy();
    device.destroy();
    expect(device.allocatedBytes).toBe(0);
    expect(await failure(() => device.allocate(4, 'x'))).toMatch(/^the GPU device was destroyed/);
  });
});

describe('a device of the caller’s', () => {
  it('is not destroyed, and its own errors stay its own', async () => {
    const native = device.interop.device;
    const adopted = WebGpuDevice.adopt(native);
    const other = WebGpuDevice.adopt(native);
    const { step } = await counter(adopted);
    native.pushErrorScope('validation');
    native.createBuffer({ size: 4, usage: 0 });
    expect(await step()).toBe(1);
    expect(await native.popErrorScope()).not.toBeNull();
    adopted.destroy();
    expect(adopted.allocatedBytes).toBe(0);
    expect(await works(other)).toBe(true);
    other.destroy();
    expect(await works()).toBe(true);
  });
});
