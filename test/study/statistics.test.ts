import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  crossings,
  fastest,
  rateOf,
  slowest,
  speedup,
  thresholdSamples,
  timeOf,
  type CrossingPoint,
} from '../../src/study/index.js';
import { SAMPLE } from './sample-results.js';

describe('speedup', () => {
  it('is taken round by round: a drift that hits both is not in it', () => {
    expect(speedup([20, 40, 80], [10, 20, 40])).toEqual({ median: 2, low: 2, high: 2 });
  });

  it('has the quartiles of the rounds', () => {
    expect(speedup([10, 20, 30, 40, 50], [10, 10, 10, 10, 10])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it('is undefined without samples of both', () => {
    expect(speedup([], [1])).toBeUndefined();
    expect(speedup([1], [])).toBeUndefined();
  });
});

describe('rates and times', () => {
  it('have their quartiles in order', () => {
    expect(rateOf(1000, [1, 2, 4, 5, 10])).toEqual({ median: 250e9, low: 200e9, high: 500e9 });
    expect(timeOf([3, 1, 2])).toMatchObject({ median: 2 });
    expect([rateOf(1, []), timeOf([])]).toEqual([undefined, undefined]);
  });

  it('are those of the extremes among what was timed', () => {
    const entries = [{ cold: [5] }, { cold: [] }, { cold: [2] }, { cold: [9] }];
    expect([fastest(entries), slowest(entries)]).toEqual([{ cold: [2] }, { cold: [9] }]);
    expect(fastest([{ cold: [] }])).toBeUndefined();
  });
});

function points(list: readonly (readonly [number, number, number])[]): CrossingPoint[] {
  return list.map(([x, a, b]) => ({ x, a, b }));
}

describe('crossings', () => {
  it('are interpolated on logarithms', () => {
    const found = crossings(
      points([
        [1, 1, 4],
        [16, 16, 4],
      ]),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toBeCloseTo(4, 12);
  });

  it('at a point count once', () => {
    expect(
      crossings(
        points([
          [1, 1, 2],
          [2, 3, 3],
          [4, 5, 2],
        ]),
      ),
    ).toEqual([2]);
    expect(
      crossings(
        points([
          [1, 1, 2],
          [2, 3, 3],
          [3, 4, 4],
          [4, 5, 2],
        ]),
      ),
    ).toEqual([2]);
  });

  it('are none where curves touch, never meet, or are one', () => {
    expect(
      crossings(
        points([
          [1, 1, 2],
          [2, 3, 3],
          [4, 1, 2],
        ]),
      ),
    ).toEqual([]);
    expect(
      crossings(
        points([
          [1, 1, 2],
          [2, 1, 3],
        ]),
      ),
    ).toEqual([]);
    expect(
      crossings(
        points([
          [1, 1, 1],
          [2, 3, 3],
        ]),
      ),
    ).toEqual([]);
    expect(crossings([])).toEqual([]);
  });

  it('of a power and a constant lie where both are equal, wherever was measured', () => {
    const exponent = fc.double({ min: 0.2, max: 3, noNaN: true });
    const at = fc.double({ min: 1.5, max: 400, noNaN: true });
    fc.assert(
      fc.property(exponent, at, (power, x0) => {
        const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
        const found = crossings(sizes.map((x) => ({ x, a: x ** power, b: x0 ** power })));
        expect(found).toHaveLength(1);
        expect(found[0] / x0).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('samples for thresholds', () => {
  it('are medians of points that have both layouts', () => {
    const [first, ...rest] = SAMPLE.convolution?.batches ?? [];
    const half = { ...first, entries: first.entries.slice(0, 1) };
    const found = thresholdSamples([half, ...rest]);
    expect(found.map(({ n, c }) => [n, c])).toEqual(rest.map(({ n, c }) => [n, c]));
    expect(found[0].nchw).toBe(timeOf(rest[0].entries[0].cold)?.median);
    expect(found[0].chwn).toBe(timeOf(rest[0].entries[1].cold)?.median);
  });
});
