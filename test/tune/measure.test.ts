/** Measuring on software WebGPU: whose times mean nothing, but whose memory and errors do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { DeviceError } from '../../src/errors.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { measure, type Subject } from '../../src/tune/timing/measure.js';
import { BYTES, increment, kernel } from '../devices/webgpu/kernels.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await openSoftware();
});

afterAll(() => {
  device.destroy();
});

/** Four sets of one buffer. */
const OPTIONS = { rounds: 3, repeats: 2, coldBytes: 4 * BYTES };

const subject = (name: string, launches: Subject['launches'], buffers = [BYTES]): Subject => ({
  name,
  buffers,
  launches,
});

const COUNT = subject('count', [{ source: increment, buffers: [0] }]);

describe('measuring', () => {
  it('gives a sample per round and frees what it took', async () => {
    const [first, second] = await measure(device, [COUNT, { ...COUNT, name: 'again' }], OPTIONS);
    expect([first.name, second.name]).toEqual(['count', 'again']);
    for (const { samples, low, median, high } of [first, second]) {
      expect(samples).toHaveLength(3);
      expect(low).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(high);
    }
    expect(device.allocatedBytes).toBe(0);
  });

  it('of nothing is nothing, with a warm-up too', async () => {
    expect(await measure(device, [], { warmUpMs: 10 })).toEqual([]);
  });

  it.each<[string, () => Subject, RegExp]>([
    [
      'memory ends',
      () => subject('large', COUNT.launches, [BYTES, device.limits.maxBufferBytes + 4]),
      /^large buffer 1 takes/,
    ],
    [
      'a kernel does not compile',
      () => subject('broken', [{ source: kernel('broken_f32', 'x[0] = ;'), buffers: [0] }]),
      /^kernel broken_f32 does not compile/,
    ],
    [
      'a kernel cannot be recorded',
      () =>
        subject('wide', [
          { source: { ...increment, grid: [device.limits.maxGrid + 1, 1, 1] }, buffers: [0] },
        ]),
      /^kernel increment_f32 has \d+ x 1 x 1 workgroups/,
    ],
  ])('frees what it took where %s', async (_, make, message) => {
    const error = await measure(device, [COUNT, make()], OPTIONS).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeviceError);
    expect((error as DeviceError).message).toMatch(message);
    expect(device.allocatedBytes).toBe(0);
  });
});
