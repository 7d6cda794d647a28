/** Numbers that are printed: never without their spread. */
import { spreadOf, type Samples, type Spread } from '../tune/timing/measure.js';

/**
 * How much longer `slow` takes than `fast`, round by round: samples of one round were taken within a moment of each other, so
 * that a drift of the clock is in both. Undefined where either was not measured.
 */
export function speedup(slow: Samples, fast: Samples): Spread | undefined {
  const rounds = Math.min(slow.length, fast.length);
  if (rounds === 0) return undefined;
  return spreadOf(Array.from({ length: rounds }, (_, i) => slow[i] / fast[i]));
}

/** Work per second, the quartiles in order. @param work bytes or FLOP of one run */
export function rateOf(work: number, samples: Samples): Spread | undefined {
  return samples.length === 0 ? undefined : spreadOf(samples.map((time) => (work / time) * 1e9));
}

/** The spread of samples; undefined of none. */
export function timeOf(samples: Samples): Spread | undefined {
  return samples.length === 0 ? undefined : spreadOf(samples);
}

/** Of those that were timed the one with the least median. */
export function fastest<T extends { readonly cold: Samples }>(entries: readonly T[]): T | undefined {
  return extreme(entries, (a, b) => a < b);
}

/** Of those that were timed the one with the largest median. */
export function slowest<T extends { readonly cold: Samples }>(entries: readonly T[]): T | undefined {
  return extreme(entries, (a, b) => a > b);
}

function extreme<T extends { readonly cold: Samples }>(
  entries: readonly T[],
  isBetter: (a: number, b: number) => boolean,
): T | undefined {
  return entries
    .filter(({ cold }) => cold.length > 0)
    .reduce<T | undefined>(
      (best, entry) =>
        best && !isBetter(spreadOf(entry.cold).median, spreadOf(best.cold).median) ? best : entry,
      undefined,
    );
}

/** A place of a sweep, and what two ways take there. */
export interface CrossingPoint {
  readonly x: number;
  readonly a: number;
  readonly b: number;
}

/**
 * Where two curves cross, on a logarithmic x: between neighbouring points where the quotient a / b passes 1, interpolated on
 * logarithms of both. Ascending; a point at which they are equal counts once.
 * @param points of positive numbers, x ascending
 */
export function crossings(points: readonly CrossingPoint[]): number[] {
  const found: number[] = [];
  const logs = points.map(({ x, a, b }) => ({ x: Math.log(x), ratio: Math.log(a / b) }));
  for (const [i, { x, ratio }] of logs.entries()) {
    const before = i > 0 ? logs[i - 1] : undefined;
    if (before && before.ratio * ratio < 0) {
      const share = before.ratio / (before.ratio - ratio);
      found.push(Math.exp(before.x + share * (x - before.x)));
    }
    // Touching and turning back is no crossing.
    const next = logs.slice(i + 1).find((other) => other.ratio !== 0);
    const last = logs
      .slice(0, i)
      .reverse()
      .find((other) => other.ratio !== 0);
    const isFirstZero = ratio === 0 && before?.ratio !== 0;
    if (isFirstZero && last && next && last.ratio * next.ratio < 0) found.push(points[i].x);
  }
  return found;
}
