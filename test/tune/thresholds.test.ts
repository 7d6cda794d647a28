import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ThresholdSample } from '../../src/tune/profile/profile.js';
import { Estimator } from '../../src/tune/profile/model.js';
import { parseProfile } from '../../src/tune/profile/parse-profile.js';
import { estimatedProfile } from '../../src/tune/profile/profiles.js';
import {
  PAPER_SWEEP,
  QUICK_SWEEP,
  UNREACHED,
  layoutByRule,
  measureThresholds,
  thresholdsFrom,
  timeLost,
  type Sweep,
} from '../../src/tune/profile/thresholds.js';
import { useSoftwareDevice } from '../kernels/run-cases.js';

const { batches, channels, fixedChannels } = PAPER_SWEEP;

/** The paper's sweep, with channels at a batch of 64, as a device would measure it that times say so. */
function sampled(chwnIsFaster: (n: number, c: number) => boolean): ThresholdSample[] {
  const points = [
    ...batches.map((n) => ({ n, c: fixedChannels })),
    ...channels.filter((c) => c !== fixedChannels).map((c) => ({ n: 64, c })),
  ];
  return points.map(({ n, c }) => {
    const time = n * c;
    return chwnIsFaster(n, c) ? { n, c, nchw: 2 * time, chwn: time } : { n, c, nchw: time, chwn: 2 * time };
  });
}

describe('thresholds of a sweep', () => {
  it.each([
    { of: 'the paper’s GTX Titan Black', channels: 32, batch: 128 },
    { of: 'a device that likes CHWN for images in colour alone', channels: 4, batch: UNREACHED },
    { of: 'a device that likes it for large batches alone', channels: 1, batch: 128 },
  ])('are found again: $of', ({ channels: ct, batch: nt }) => {
    const samples = sampled((n, c) => c < ct || n >= nt);
    expect(thresholdsFrom(samples)).toEqual({ channels: ct, batch: nt, samples });
  });

  it('are the smallest sizes where CHWN is always faster, and unreached where it never is', () => {
    expect(thresholdsFrom(sampled(() => true))).toMatchObject({ channels: 1, batch: 1 });
    expect(thresholdsFrom(sampled(() => false))).toMatchObject({ channels: 1, batch: UNREACHED });
  });

  it('are not moved by an odd sample that costs little', () => {
    const samples = sampled((n, c) => c < 32 || n >= 128).map((sample) =>
      sample.n === 16 ? { ...sample, chwn: 0.99 * sample.nchw } : sample,
    );
    expect(thresholdsFrom(samples)).toMatchObject({ channels: 32, batch: 128 });
  });

  it('lose no more time than any other rule', () => {
    const sizes = fc.constantFrom(1, 2, 4, 8, 16);
    const times = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ n: sizes, c: sizes, nchw: times, chwn: times }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.record({ channels: fc.integer({ min: 0, max: 20 }), batch: fc.integer({ min: 0, max: 20 }) }),
        (samples, other) => {
          const found = thresholdsFrom(samples);
          expect(timeLost(found, samples)).toBeLessThanOrEqual(timeLost(other, samples));
          const sum = samples.reduce((all, sample) => all + sample[layoutByRule(found, sample)], 0);
          const best = samples.reduce((all, { nchw, chwn }) => all + Math.min(nchw, chwn), 0);
          expect(timeLost(found, samples)).toBeCloseTo(sum - best);
        },
      ),
    );
  });

  it('need samples', () => {
    expect(() => thresholdsFrom([])).toThrow(RangeError);
  });
});

describe('sweeps', () => {
  it('begin with one image and one channel, so that thresholds below them mean never', () => {
    for (const sweep of [PAPER_SWEEP, QUICK_SWEEP]) {
      expect([sweep.batches[0], sweep.channels[0]]).toEqual([1, 1]);
      expect(sweep.batches).toContain(sweep.largestBatch);
      expect(sweep.channels).toContain(sweep.fixedChannels);
    }
  });
});

describe('the sweep on a device', () => {
  const device = useSoftwareDevice();
  const sweep: Sweep = {
    outChannels: 4,
    size: 5,
    kernel: 3,
    batches: [2],
    fixedChannels: 3,
    channels: [1, 3],
    largestBatch: 2,
  };

  it('gives a sample per point, teaches the model, and its result goes into a profile', async () => {
    const estimate = estimatedProfile(device());
    // A launch that takes no time: else these sizes would be too small to learn anything from.
    const launch = { median: 0, low: 0, high: 0 };
    const profile = { ...estimate, roofs: { ...estimate.roofs, launch } };
    const estimator = new Estimator(profile);
    const said = new Set<string>();
    const thresholds = await measureThresholds(device(), estimator, {
      sweep,
      rounds: 1,
      onProgress: ({ what }) => said.add(what.split(',')[0]),
    });
    const { samples } = thresholds;
    expect(samples.map(({ n, c }) => [n, c])).toEqual([
      [2, 3],
      [2, 1],
    ]);
    for (const { nchw, chwn } of samples) {
      expect(nchw).toBeGreaterThan(0);
      expect(chwn).toBeGreaterThan(0);
    }
    expect([...said]).toEqual(['sweep over batch sizes', 'sweep over channels']);
    expect(Object.keys(estimator.slowdowns)).toContain('conv_nchw_direct_f32');
    expect(device().allocatedBytes).toBe(0);
    const text = JSON.stringify({ ...profile, thresholds });
    expect(parseProfile(JSON.parse(text), 'test').thresholds).toEqual(thresholds);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const measured = measureThresholds(device(), new Estimator(estimatedProfile(device())), {
      sweep,
      signal: controller.signal,
      onProgress: () => {
        controller.abort(new Error('enough'));
      },
    });
    await expect(measured).rejects.toThrow('enough');
    expect(device().allocatedBytes).toBe(0);
  });
});
