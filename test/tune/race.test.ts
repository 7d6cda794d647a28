/** Racing on software WebGPU: who is measured, who leaves, what fails, and that all memory comes back. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WebGpuDevice } from '../../src/devices/webgpu/index.js';
import { DeviceError, InputError } from '../../src/errors.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { copyKernel } from '../../src/kernels/roof/copy.js';
import { totalOf, unite, type Needs } from '../../src/tune/timing/buffers.js';
import { Standings } from '../../src/tune/timing/elimination.js';
import { race, type Contender, type RaceOptions } from '../../src/tune/timing/race.js';
import { quantumOf } from '../../src/tune/timing/sampling.js';
import { formBatches, seatingOf } from '../../src/tune/timing/seating.js';
import { Track } from '../../src/tune/timing/track.js';
import { withMemory, withoutClock } from './small-devices.js';
import { BYTES, increment, kernel } from '../devices/webgpu/kernels.js';

let device: WebGpuDevice;

beforeAll(async () => {
  device = await openSoftware();
});

afterAll(() => {
  device.destroy();
});

const contender = (name: string, source = increment, rest: Partial<Contender> = {}): Contender => ({
  subject: { name, buffers: [BYTES], launches: [{ source, buffers: [0] }] },
  group: 'place',
  bound: 0,
  ...rest,
});

/** Hundreds of times as long as `increment`. */
const slow = kernel('slow_f32', 'for (var k = 0u; k < 1000000u; k++) { x[id.x] = x[id.x] * 0.5 + 1.0; }');
const broken = kernel('broken_f32', 'x[0] = ;');

/** Two tensors read, of which one holds weights, and one written. */
const withWeights: Contender['subject'] = {
  name: 'weights',
  buffers: [4096, 1024, 4096],
  constants: [1],
  launches: [
    { source: copyKernel(4096, 65535), buffers: [0, 2] },
    { source: copyKernel(1024, 65535), buffers: [1, 2] },
  ],
};

describe('standings', () => {
  it('put out who is slower than the group’s best by the slack', () => {
    const standings = new Standings({ slack: 1.5, enough: 1.05 });
    standings.note({ group: 'a', bound: 0 }, 100);
    standings.note({ group: 'b', bound: 0 }, 10);
    expect([150, 151].map((time) => standings.isOut('a', time))).toEqual([false, true]);
    standings.note({ group: 'a', bound: 0 }, 80);
    standings.note({ group: 'a', bound: 0 }, 300);
    expect([120, 121].map((time) => standings.isOut('a', time))).toEqual([false, true]);
    expect(standings.isOut('unknown', 1e9)).toBe(false);
  });

  it('settle a group near its bound, and never without one', () => {
    const standings = new Standings({ slack: 1.5, enough: 1.05 });
    standings.note({ group: 'a', bound: 100 }, 106);
    standings.note({ group: 'b', bound: 100 }, 105);
    standings.note({ group: 'c', bound: 0 }, 1);
    expect(['a', 'b', 'c', 'd'].map((group) => standings.isSettled(group))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    standings.note({ group: 'b', bound: 100 }, 200);
    expect(standings.isSettled('b')).toBe(true);
  });
});

describe('a clock', () => {
  it.each<[string, readonly number[], number]>([
    ['Dawn rounds', [65536, 0, 131072, 65536 * 7, 65536], 65536],
    ['browsers round', [100_000, 300_000, 2e6, 1.1e6], 100_000],
    ['is fine', [65536, 131072, 65536, 70_001], 1],
    ['was seen too little', [65536, 131072, 65536], 1],
  ])('that %s', (_, times, quantum) => {
    expect(quantumOf(times)).toBe(quantum);
  });
});

describe('seating', () => {
  const limits = { maxBufferBytes: 1e9, offsetAlignment: 256 };

  it('puts what is read, written and constant apart, the largest first', () => {
    const subject: Contender['subject'] = {
      name: 'all roles',
      buffers: [300, 500, 100, 200, 64, 500, 700],
      constants: [2, 3],
      launches: [
        { source: copyKernel(16, 8), buffers: [0, 5] },
        { source: copyKernel(16, 8), buffers: [1, 4] },
        { source: copyKernel(16, 8), buffers: [2, 4] },
        { source: copyKernel(16, 8), buffers: [3, 4] },
        { source: copyKernel(16, 8), buffers: [5, 4] },
      ],
    };
    const { places, copies, needs } = seatingOf(subject, { limits, coldBytes: 2048, budget: 1e9 });
    expect(copies).toBe(4);
    expect(places.map((place) => place?.slot)).toEqual([
      'read 1',
      'read 0',
      'constant 1',
      'constant 0',
      'written 1',
      'written 0',
      undefined,
    ]);
    expect(places.map((place) => place?.stride)).toEqual([0, 0, 256, 256, 0, 0, undefined]);
    expect(Object.fromEntries(needs)).toEqual({
      'read 1': 300,
      'read 0': 500,
      'constant 1': 3 * 256 + 100,
      'constant 0': 3 * 256 + 200,
      'written 1': 64,
      'written 0': 500,
    });
  });

  it.each<[string, number, number, number]>([
    ['as many copies as coldness takes', 10_240, 1e9, 10],
    ['one where caches may be warm', 0, 1e9, 1],
    ['no more than half of the budget', 1e9, 20_000, 9],
    ['one where they are large', 1, 1, 1],
    ['not thousands', 1e12, 1e12, 128],
  ])('gives constants %s', (_, coldBytes, budget, copies) => {
    expect(seatingOf(withWeights, { limits, coldBytes, budget }).copies).toBe(copies);
  });

  it('keeps all copies of a constant in one buffer', () => {
    const rules = { limits: { ...limits, maxBufferBytes: 5000 }, coldBytes: 1e9, budget: 1e9 };
    const { copies, needs } = seatingOf(withWeights, rules);
    expect(copies).toBe(4);
    expect(needs.get('constant 0')).toBe(4096);
  });
});

/** Contenders that share one slot, and contenders that share none. */
const needsOf = (...sizes: number[]): Needs[] => sizes.map((size) => new Map([['read 0', size]]));
const apart = (...sizes: number[]): Needs[] => sizes.map((size, i) => new Map([[`slot ${i}`, size]]));

describe('batches', () => {
  it('hold all that share memory, up to a number', () => {
    const groups = [[0, 2], [1], [3, 4]];
    expect(formBatches(groups, needsOf(9, 9, 9, 9, 9), { budget: 10, most: 9 })).toEqual([[0, 2, 1, 3, 4]]);
    expect(formBatches(groups, needsOf(9, 9, 9, 9, 9), { budget: 10, most: 3 })).toEqual([
      [0, 2, 1],
      [3, 4],
    ]);
  });

  it('are cut between groups where memory ends, and within them where it must be', () => {
    expect(formBatches([[0], [1, 2], [3]], apart(4, 4, 4, 4), { budget: 10, most: 9 })).toEqual([
      [0],
      [1, 2],
      [3],
    ]);
    expect(formBatches([[0, 1, 2]], apart(6, 4, 99), { budget: 10, most: 9 })).toEqual([[0, 1], [2]]);
  });

  it('hold everyone once, in the order of groups, within their bounds', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(11)), fc.integer({ min: 1, max: 5 }), (bytes, cuts, most) => {
        const needs = bytes.map((size, i): Needs => new Map([[`slot ${i % 3}`, size]]));
        const groups: number[][] = [[]];
        for (const i of bytes.keys()) {
          if (cuts.includes(i) && groups[groups.length - 1].length > 0) groups.push([]);
          groups[groups.length - 1].push(i);
        }
        const batches = formBatches(groups, needs, { budget: 40, most });
        expect(batches.flat()).toEqual([...bytes.keys()]);
        for (const batch of batches) {
          const together = batch.reduce<Needs>((sum, i) => unite(sum, needs[i]), new Map());
          expect(batch.length).toBeLessThanOrEqual(most);
          expect(batch.length === 1 || totalOf(together) <= 40).toBe(true);
        }
      }),
    );
  });
});

/** Reads so much. */
const sized = (bytes: number): Contender => ({
  subject: { ...withWeights, name: `${bytes}`, buffers: [bytes, 1024, 4096] },
  group: 'place',
  bound: 0,
});

describe('a race', () => {
  it('samples in rounds who stays, and once who is beaten', async () => {
    const contenders = [
      contender('fast'),
      contender('slow', slow),
      contender('slow alone', slow, { group: 'elsewhere' }),
    ];
    const [fast, beaten, alone] = await race(device, contenders, { rounds: 3, slack: 20 });
    expect([fast, beaten, alone].map((samples) => samples?.length)).toEqual([3, 1, 3]);
    expect([...(fast ?? []), ...(beaten ?? []), ...(alone ?? [])].every((time) => time > 0)).toBe(true);
    expect(device.allocatedBytes).toBe(0);
  });

  it('puts out who was first, when somebody much faster comes', async () => {
    const contenders = [contender('slow', slow), contender('fast')];
    const [beaten, fast] = await race(device, contenders, { rounds: 3, slack: 20 });
    expect([beaten?.length, fast?.length]).toEqual([1, 3]);
  });

  it('does not look at the rest of a group near its roof', async () => {
    const near = { bound: 1e12 };
    const contenders = [
      contender('first', increment, near),
      contender('other', increment, { group: 'elsewhere' }),
      contender('second', increment, near),
      contender('broken', broken, near),
    ];
    const failures: string[] = [];
    const [first, other, second, third] = await race(device, contenders, {
      rounds: 2,
      onFailure: ({ subject }) => failures.push(subject.name),
    });
    expect([first?.length, other?.length]).toEqual([2, 2]);
    expect([second, third]).toEqual([undefined, undefined]);
    expect(failures).toEqual([]);
  });

  it('goes on without who fails', async () => {
    const { maxGrid, maxBufferBytes } = device.limits;
    const large: Contender = {
      subject: {
        name: 'large',
        buffers: [maxBufferBytes + 4],
        launches: [{ source: increment, buffers: [0] }],
      },
      group: 'place',
      bound: 0,
    };
    const contenders = [
      contender('broken', broken),
      contender('first'),
      contender('wide', { ...increment, grid: [maxGrid + 1, 1, 1] }),
      large,
      contender('second'),
    ];
    const failures: [string, DeviceError][] = [];
    const samples = await race(device, contenders, {
      rounds: 2,
      slack: 1000,
      onFailure: ({ subject }, error) => failures.push([subject.name, error]),
    });
    expect(samples.map((list) => list?.length)).toEqual([undefined, 2, undefined, undefined, 2]);
    expect(failures.map(([name]) => name).sort()).toEqual(['broken', 'large', 'wide']);
    expect(failures.every(([, error]) => error instanceof DeviceError)).toBe(true);
    expect(device.allocatedBytes).toBe(0);
  });

  it('measures in smaller batches where memory is short', async () => {
    const options: RaceOptions = { rounds: 2, slack: 1000 };
    const narrow = new Track(device, 10_000);
    const tight = await race(device, [4096, 8192, 4096].map(sized), { ...options, track: narrow });
    expect(tight.map((list) => list?.length)).toEqual([2, 2, 2]);
    narrow.free();
    // Within its budget, but not within what the device has: those that fit are measured all the same.
    const contenders: Contender[] = [1, 2, 3].map((count) => ({
      subject: {
        name: `${count} outputs`,
        buffers: [1024, ...Array.from({ length: count }, () => (count === 3 ? 8192 : 4096 / count))],
        launches: Array.from({ length: count }, (_, i) => ({
          source: copyKernel(1024, 65535),
          buffers: [0, i + 1],
        })),
      },
      group: 'place',
      bound: 0,
    }));
    const failed: string[] = [];
    const small = withMemory(device, 6000);
    const track = new Track(small, 1e9);
    const short = await race(small, contenders, {
      ...options,
      track,
      onFailure: ({ subject }) => failed.push(subject.name),
    });
    expect(short.map((list) => list?.length)).toEqual([2, 2, undefined]);
    expect(failed).toEqual(['3 outputs']);
    track.free();
    expect(device.allocatedBytes).toBe(0);
  });

  it('on a track finds its memory and the warm-up’s copy there, as the race before left them', async () => {
    const allocate = vi.spyOn(device, 'allocate');
    const track = new Track(device);
    try {
      const counts: number[] = [];
      for (const names of [['first', 'second'], ['third']]) {
        const samples = await race(
          device,
          names.map((name) => contender(name)),
          { rounds: 2, slack: 1000, warmUpMs: 5, track },
        );
        expect(samples.map((list) => list?.length)).toEqual(names.map(() => 2));
        counts.push(allocate.mock.calls.length);
      }
      // What the contenders write, and two ends of a copy.
      expect(counts).toEqual([3, 3]);
      expect(device.allocatedBytes).toBeGreaterThan(0);
      track.free();
      expect(device.allocatedBytes).toBe(0);
      // It can be used again.
      expect((await race(device, [contender('fourth')], { rounds: 2, track }))[0]).toHaveLength(2);
    } finally {
      track.free();
      allocate.mockRestore();
    }
    expect(device.allocatedBytes).toBe(0);
  });

  it('walks over copies of weights', async () => {
    const contenders = [{ subject: withWeights, group: 'place', bound: 0 }];
    const [samples] = await race(device, contenders, { rounds: 2, coldBytes: 8 * 1024, warmUpMs: 5 });
    expect(samples).toHaveLength(2);
    expect(device.allocatedBytes).toBe(0);
  });

  it('compiles and then measures where times come from the host’s clock', async () => {
    const names = ['first', 'second', 'third'];
    const own = names.map((name) =>
      contender(name, kernel(`${name}_f32`, `x[id.x] += f32(${name.length});`)),
    );
    const contenders = [...own.slice(0, 2), contender('broken', broken), ...own.slice(2)];
    const failed: string[] = [];
    const samples = await race(withoutClock(device), contenders, {
      rounds: 1,
      onFailure: ({ subject }) => failed.push(subject.name),
    });
    expect(samples.map((list) => list?.length)).toEqual([1, 1, undefined, 1]);
    expect(failed).toEqual(['broken']);
    expect(device.allocatedBytes).toBe(0);
  });

  it('tells how far it is, up to the end', async () => {
    const contenders = [
      contender('first', increment, { bound: 1e12 }),
      contender('skipped'),
      contender('slow', slow, { group: 'b' }),
      contender('broken', broken, { group: 'b' }),
      contender('fast', increment, { group: 'b' }),
    ];
    const seen: number[] = [];
    await race(device, contenders, {
      rounds: 2,
      slack: 20,
      onProgress: ({ done, total }) => {
        expect(total).toBe(10);
        seen.push(done);
      },
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[seen.length - 1]).toBe(10);
  });

  it.each([0, 1, 3])('ends with the signal’s reason when it is aborted after %d samples', async (samples) => {
    const controller = new AbortController();
    const contenders = [contender('first'), contender('second'), contender('third')];
    const raced = race(device, contenders, {
      rounds: 2,
      slack: 1000,
      warmUpMs: 5,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === samples) controller.abort(new Error('enough'));
      },
    });
    await expect(raced).rejects.toThrow('enough');
    expect(device.allocatedBytes).toBe(0);
  });

  it('ends when the device does', async () => {
    const mortal = await openSoftware();
    const failures: unknown[] = [];
    const raced = race(mortal, [contender('first'), contender('second')], {
      onProgress: () => mortal.destroy(),
      onFailure: (_, error) => failures.push(error),
    });
    await expect(raced).rejects.toThrow(/^the GPU device was destroyed/);
    expect(failures).toEqual([]);
    expect(mortal.allocatedBytes).toBe(0);
  });

  it('of nobody is over at once', async () => {
    expect(await race(device, [])).toEqual([]);
  });

  it.each<[string, readonly Contender[], RaceOptions]>([
    ['no rounds', [], { rounds: 0 }],
    ['parts of rounds', [], { rounds: 2.5 }],
    ['slack below one', [], { slack: 0.9 }],
    ['a roof that all pass', [], { enough: NaN }],
    ['negative bytes', [], { coldBytes: -1 }],
    ['a bound that is no number', [contender('odd', increment, { bound: NaN })], {}],
    [
      'nothing to launch',
      [contender('idle')].map((one) => ({ ...one, subject: { ...one.subject, launches: [] } })),
      {},
    ],
  ])('refuses %s', async (_, contenders, options) => {
    await expect(race(device, contenders, options)).rejects.toBeInstanceOf(InputError);
  });
});
