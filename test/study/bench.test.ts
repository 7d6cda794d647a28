/** Timing and progress. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuDevice, GpuDispatch, GpuSlice } from '../../src/devices/gpu.js';
import { copyKernel } from '../../src/kernels/roof/copy.js';
import { Bench } from '../../src/study/bench.js';
import { EXPERIMENTS, type StudyProgress } from '../../src/study/index.js';
import { Meter } from '../../src/study/run.js';
import type { Subject } from '../../src/tune/timing/measure.js';
import { useSoftwareDevice } from '../kernels/run-cases.js';

function copy(name: string, bytes: number, wgsl?: string): Subject {
  const kernel = copyKernel(bytes, 65535);
  const source = wgsl === undefined ? kernel : { ...kernel, id: name, wgsl };
  return { name, buffers: [bytes, bytes], launches: [{ source, buffers: [0, 1] }] };
}

describe('the bench', () => {
  const device = useSoftwareDevice();

  it('gives every round of each, names what does not compile, and frees all memory', async () => {
    const before = device().allocatedBytes;
    const bench = new Bench(device(), { rounds: 3 });
    const said: number[] = [];
    const subjects = [copy('a', 4096), copy('broken', 4096, 'fn main() { nonsense }'), copy('b', 65536)];
    const [a, broken, b] = await bench.time(subjects, (_, share) => said.push(share));
    expect(a).toMatchObject({ cold: [expect.any(Number), expect.any(Number), expect.any(Number)], warm: [] });
    expect(b).toHaveProperty('cold.length', 3);
    expect(broken).toMatchObject({ failure: expect.stringContaining('broken') });
    expect([...said].sort((x, y) => x - y)).toEqual(said);
    expect(said.every((share) => share >= 0 && share <= 1)).toBe(true);
    bench.end();
    expect(device().allocatedBytes).toBe(before);
  });

  it('walks over copies for cold times, and stays where it is for warm ones', async () => {
    const walks: GpuDispatch[][] = [];
    const real = device();
    const hardware = new Proxy<GpuDevice>(real, {
      get: (_, name) => {
        if (name === 'software') return false;
        if (name === 'record') {
          return (dispatches: GpuDispatch[], readbacks?: readonly GpuSlice[]) => {
            walks.push(dispatches);
            return real.record(dispatches, readbacks);
          };
        }
        const value: unknown = Reflect.get(real, name);
        return typeof value === 'function' ? value.bind(real) : value;
      },
    });
    const bench = new Bench(hardware, { rounds: 2 });
    const bytes = 1008;
    const [timing] = await bench.time([copy('a', bytes)]);
    bench.end();
    expect(timing).toHaveProperty('cold.length', 2);
    expect(timing).toHaveProperty('warm.length', 2);
    const own = walks.filter(([{ slices }]) => slices[0].bytes === bytes);
    expect(own.map((walk) => walk.length)).toEqual([1, expect.any(Number)]);
    const [, cold] = own;
    expect(cold.length).toBeGreaterThan(1);
    for (const place of [0, 1]) {
      const offsets = cold.map(({ slices }) => slices[place].offset);
      expect(new Set(offsets).size).toBe(cold.length);
      expect(offsets.every((offset) => offset % 1024 === 0)).toBe(true);
    }
    expect(cold[0].slices[0].buffer).not.toBe(cold[0].slices[1].buffer);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const bench = new Bench(device(), { rounds: 50, signal: controller.signal });
    const timing = bench.time([copy('a', 4096)], (_, share) => {
      if (share > 0.6) controller.abort(new Error('enough'));
    });
    await expect(timing).rejects.toThrow('enough');
    bench.end();
  });
});

describe('progress', () => {
  it('never goes back, ends at one, and tells how much is left by the pace so far', () => {
    const told: StudyProgress[] = [];
    let now = 0;
    const meter = new Meter(
      ['softmax', 'transforms'],
      (progress) => told.push(progress),
      () => now,
    );
    now = 10_000;
    meter.tell('roofs', 'copy', 1);
    meter.tell('transforms', 'a', 1);
    expect(told.at(-1)?.share).toBeCloseTo(20 / 55, 12);
    expect(told.at(-1)?.secondsLeft).toBeCloseTo((10 * 35) / 20, 9);
    meter.tell('transforms', 'b', 0.2);
    expect(told.at(-1)?.share).toBeCloseTo(20 / 55, 12);
    meter.tell('softmax', 'c', 1);
    expect(told.at(-1)).toMatchObject({ share: 1, secondsLeft: 0 });
  });

  it('is finite whatever is told', () => {
    const share = fc.double({ noNaN: true });
    fc.assert(
      fc.property(fc.subarray([...EXPERIMENTS], { minLength: 1 }), fc.array(share), (names, shares) => {
        const told: StudyProgress[] = [];
        const meter = new Meter(
          names,
          (progress) => told.push(progress),
          () => told.length * 100,
        );
        for (const one of shares) meter.tell(names[0], 'x', one);
        for (const { share: part, secondsLeft } of told) {
          expect(part >= 0 && part <= 1).toBe(true);
          expect(Number.isFinite(secondsLeft) && secondsLeft >= 0).toBe(true);
        }
      }),
    );
  });
});
