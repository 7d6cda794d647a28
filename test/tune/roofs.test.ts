/** Roofs: how they are read from sweeps, what their kernels compute, and the whole on software WebGPU. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelSource } from '../../src/devices/gpu.js';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { InputError } from '../../src/errors.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { FMA_WORKGROUP, fmaInputBytes, fmaKernel, fmaOutputBytes } from '../../src/kernels/roof/fma.js';
import { LAUNCH_BYTES, launchKernel } from '../../src/kernels/roof/launch.js';
import { cacheStepOf, saturationOf, type CopyPoint } from '../../src/tune/profile/roof-fit.js';
import { bandwidth, copySubject, measureRoofs } from '../../src/tune/profile/roofs.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await openSoftware();
});

afterAll(() => {
  device.destroy();
});

const MB = 1e6;
const GB = 1e9;

/** Copies of 1, 2, 4, ... MB at these rates in GB/s. */
const copies = (...rates: number[]): CopyPoint[] =>
  rates.map((rate, i) => ({ bytes: 2 ** i * MB, rate: rate * GB }));

describe('the cache', () => {
  it('ends where the rate passes the mid-point', () => {
    // From 8 to 16 MB the rate falls from 800 to 400: the mid-point of 800 and 400 is half of the way.
    const { best, cacheBytes } = cacheStepOf(copies(700, 790, 795, 800, 400, 400), 400 * GB);
    expect(best).toBe(3);
    expect(cacheBytes / MB).toBeCloseTo(8 * Math.SQRT2, 1);
  });

  it('does not end at one odd sample', () => {
    const { best, cacheBytes } = cacheStepOf(
      copies(800, 790, 500, 780, 790, 410, 400, 650, 400, 400),
      400 * GB,
    );
    expect(best).toBe(0);
    expect(cacheBytes / MB).toBeGreaterThan(16);
    expect(cacheBytes / MB).toBeLessThan(32);
  });

  it('does not begin where small copies are slow', () => {
    const { best, cacheBytes } = cacheStepOf(copies(100, 200, 300, 800, 800, 300, 300), 300 * GB);
    expect(best).toBe(3);
    expect(cacheBytes / MB).toBeGreaterThan(16);
    expect(cacheBytes / MB).toBeLessThan(32);
  });

  it.each([
    ['all copies are alike', copies(400, 420, 410, 390, 400), 400 * GB],
    ['copies are all slower than the largest', copies(10, 50, 100, 300), 400 * GB],
    ['nothing could be measured', [], 400 * GB],
  ])('is not there where %s', (_, points, memory) => {
    expect(cacheStepOf(points, memory)).toEqual({ best: undefined, cacheBytes: 0 });
  });

  it('is as large as the sweep where it does not end within it', () => {
    expect(cacheStepOf(copies(800, 810, 800), 400 * GB)).toEqual({ best: 1, cacheBytes: 4 * MB });
  });
});

/** Grids of 64, 128, 256, ... invocations at these rates. */
const sweep = (...rates: number[]) => rates.map((rate, i) => ({ invocations: 64 * 2 ** i, rate }));

describe('saturation', () => {
  it('is where nine tenths of the highest rate are passed', () => {
    // 90 lies four fifths of the way from 50 to 100.
    expect(saturationOf(sweep(25, 50, 100, 100))).toBe(Math.round(128 + 0.8 * 128));
    expect(saturationOf(sweep(10, 20, 40, 80, 98, 100, 99))).toBe(512 + Math.round((10 / 18) * 512));
  });

  it('is the first of the sweep where that is fast already', () => {
    expect(saturationOf(sweep(95, 100, 98))).toBe(64);
  });
});

/** What a kernel leaves in its last binding, which begins as zeros. */
async function outcome(source: KernelSource, inputs: readonly Float32Array[], outputBytes: number) {
  const sizes = [...inputs.map(({ byteLength }) => byteLength), outputBytes];
  const buffers = await Promise.all(sizes.map((bytes, i) => device.allocate(bytes, `buffer ${i}`)));
  for (const [i, input] of inputs.entries()) device.write(buffers[i], 0, input);
  const slices = buffers.map((buffer, i) => ({ buffer, offset: 0, bytes: sizes[i] }));
  const [kernel] = await device.compile([source]);
  const recording = await device.record([{ kernel, slices }], [slices[slices.length - 1]]);
  const [bytes] = await device.submit(recording);
  device.release(recording);
  for (const buffer of buffers) buffer.destroy();
  return new Float32Array(bytes.buffer);
}

describe('kernels', () => {
  it('fma does the multiply-adds that it counts', async () => {
    const config = { type: 'f32', workgroups: 3, iterations: 2, maxGrid: 2 } as const;
    const source = fmaKernel(config);
    const x = Float32Array.from({ length: fmaInputBytes('f32') / 4 }, (_, i) => Math.sin(i));
    const y = await outcome(source, [x], fmaOutputBytes(config));
    const row = 4 * FMA_WORKGROUP;
    let operations = 0;
    const expected = Float32Array.from(y, (_, i) => {
      const at = i % row;
      const a = x[at] * 0.0001;
      let sum = 0;
      for (let chain = 1; chain < 5; chain++) {
        let value = x[chain * row + at];
        for (let k = 0; k < 8 * config.iterations; k++) {
          value = value * a + value;
          operations += 2;
        }
        sum += value;
      }
      return sum;
    });
    expect(Math.max(...y.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
    expect(source.flops).toBe(operations);
    expect(source.bytes).toBe(x.byteLength + y.byteLength);
  });

  it('fma asks for half precision where it uses it', () => {
    const source = fmaKernel({ type: 'f16', workgroups: 1, iterations: 8, maxGrid: 65535 });
    expect(source.features).toEqual(['f16']);
    expect(source.wgsl).toMatch(/^enable f16;\n[^]*alias Vector = vec4<f16>;/);
    expect(source.id).toBe('fma_chains16_8x8_f16');
  });

  it('launch needs what the launch before it left', async () => {
    expect([...new Set(await outcome(launchKernel(), [], LAUNCH_BYTES))]).toEqual([1]);
  });
});

describe('a device', () => {
  it('has its roofs measured, within seconds', async () => {
    const seen: number[] = [];
    const roofs = await measureRoofs(device, {
      rounds: 2,
      onProgress: ({ done, total }) => seen.push(done / total),
    });
    for (const { low, median, high } of [roofs.copy, roofs.cachedCopy, roofs.f32, roofs.launch]) {
      expect(low).toBeGreaterThan(0);
      expect(low).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(high);
    }
    expect(roofs.f16).toBeNull();
    expect(roofs.cacheBytes).toBeGreaterThanOrEqual(0);
    expect(roofs.saturation).toBeGreaterThanOrEqual(FMA_WORKGROUP);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[seen.length - 1]).toBe(1);
    expect(device.allocatedBytes).toBe(0);
  });

  it.each([0, 3])('frees its memory when measuring is aborted after %d samples', async (samples) => {
    const controller = new AbortController();
    const onProgress = ({ done }: { readonly done: number }): void => {
      if (done === samples) controller.abort(new Error('enough'));
    };
    await expect(measureRoofs(device, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    expect(device.allocatedBytes).toBe(0);
  });

  it.each([0, 1.5, NaN])('is not measured for %d rounds', async (rounds) => {
    await expect(measureRoofs(device, { rounds })).rejects.toBeInstanceOf(InputError);
  });

  it('has a copy as a subject', () => {
    const { buffers, launches } = copySubject(device, 1000);
    expect(buffers).toEqual([992, 992]);
    expect(launches[0].source.bytes).toBe(2 * 992);
    expect(bandwidth(1000, { median: 10 })).toBe(100 * GB);
  });
});
