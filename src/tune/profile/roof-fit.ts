/** Roofs read from sweeps: numbers in, numbers out. */

/** A copy that was timed. */
export interface CopyPoint {
  /** Read and written in all. */
  readonly bytes: number;
  /** Bytes per second. */
  readonly rate: number;
}

export interface CacheStep {
  /** The place in the list of the copy that ran fastest; undefined where no step is to be seen. */
  readonly best: number | undefined;
  /** Bytes up to which copies run nearer to the fastest rate than to the memory's; 0 without a step. */
  readonly cacheBytes: number;
}

/** A rate this much above the memory's is a cache's. Without one, copies of many sizes differ by less. */
const VISIBLE_STEP = 1.25;

/**
 * Where copies fall from the cache's rate to the memory's.
 *
 * The step is the place that leaves the fewest points on its wrong side, so that a single odd sample does not move
 * it; between its two neighbours it is where the rate, over the logarithm of the size, passes the mid-point.
 * @param points by size
 * @param memory the rate beyond all caches
 */
export function cacheStepOf(points: readonly CopyPoint[], memory: number): CacheStep {
  let best = 0;
  for (const [i, { rate }] of points.entries()) if (rate > points[best].rate) best = i;
  if (points.length === 0 || points[best].rate < VISIBLE_STEP * memory)
    return { best: undefined, cacheBytes: 0 };
  const middle = (points[best].rate + memory) / 2;
  const last = lastAbove(points, best, middle);
  const from = points[last];
  const to = points[last + 1];
  if (!to || from.rate <= middle || to.rate >= middle) return { best, cacheBytes: from.bytes };
  const share = (from.rate - middle) / (from.rate - to.rate);
  return { best, cacheBytes: Math.round(from.bytes * (to.bytes / from.bytes) ** share) };
}

/** The last point that counts as above: splits the points from `first` on with the fewest exceptions. */
function lastAbove(points: readonly CopyPoint[], first: number, middle: number): number {
  const isAbove = points.map(({ rate }) => rate > middle);
  let exceptions = isAbove.slice(first + 1).filter(Boolean).length;
  let fewest = exceptions;
  let last = first;
  for (let i = first + 1; i < points.length; i++) {
    exceptions += isAbove[i] ? -1 : 1;
    if (exceptions >= fewest) continue;
    fewest = exceptions;
    last = i;
  }
  return last;
}

/** Arithmetic that was timed. */
export interface ArithmeticPoint {
  readonly invocations: number;
  /** FLOP per second. */
  readonly rate: number;
}

/** Of the highest rate. */
const SATURATED = 0.9;

/**
 * Invocations from which on the rate is nine tenths of the highest: between two points, where a straight line passes
 * it.
 * @param points by invocations; at least one
 */
export function saturationOf(points: readonly ArithmeticPoint[]): number {
  const enough = SATURATED * Math.max(...points.map(({ rate }) => rate));
  const reached = points.findIndex(({ rate }) => rate >= enough);
  const to = points[reached];
  const from = points[reached - 1];
  if (!from) return to.invocations;
  const share = (enough - from.rate) / (to.rate - from.rate);
  return Math.round(from.invocations + share * (to.invocations - from.invocations));
}
