/**
 * The best of a grid of sizes, such as the patches of a pooling kernel: by hill climbing, as the paper finds the
 * working-set expansion of each layer, or by looking at all of them. The grid's axes are sizes in ascending order; its
 * points count steps along them.
 */

/** A place on a grid: whole steps along each axis, from the grid's origin. */
export type GridPoint = readonly number[];

/**
 * What points cost, in any unit; undefined for one that was not or cannot be measured. Those asked for together compete
 * with each other, and should be measured side by side.
 */
export type PointCosts = (points: readonly GridPoint[]) => Promise<readonly (number | undefined)[]>;

/** A point and what it costs: Infinity where that is not known. */
export interface PricedPoint {
  readonly point: GridPoint;
  readonly cost: number;
}

export interface SearchResult {
  readonly best: PricedPoint;
  /** How many points were measured, each once. */
  readonly measured: number;
}

export interface ClimbResult extends SearchResult {
  /** From the start to the best, each cheaper than the one before. */
  readonly path: readonly PricedPoint[];
}

/**
 * Climbs from a start: measures its neighbours, moves to the cheapest of them, and so on until none is cheaper. No point
 * is measured twice.
 * @param neighbours of a point, such as `neighboursAmong` gives
 */
export async function climb(
  start: GridPoint,
  neighbours: (point: GridPoint) => readonly GridPoint[],
  costs: PointCosts,
): Promise<ClimbResult> {
  const seen = new Set([nameOf(start)]);
  const path = await priced([start], costs);
  for (;;) {
    const here = path[path.length - 1];
    const fresh = neighbours(here.point).filter((point) => {
      const isNew = !seen.has(nameOf(point));
      seen.add(nameOf(point));
      return isNew;
    });
    const next = cheapest(await priced(fresh, costs));
    if (!next || !(next.cost < here.cost)) return { best: here, path, measured: seen.size };
    path.push(next);
  }
}

/**
 * Measures all points.
 * @throws RangeError when there are none
 */
export async function exhaustive(points: readonly GridPoint[], costs: PointCosts): Promise<SearchResult> {
  const different = [...new Map(points.map((point) => [nameOf(point), point])).values()];
  const best = cheapest(await priced(different, costs));
  if (!best) throw new RangeError('there is no point to choose from');
  return { best, measured: different.length };
}

/** A grid's neighbourhood: one step along one axis, as far as there is a point. */
export function neighboursAmong(points: readonly GridPoint[]): (point: GridPoint) => GridPoint[] {
  const byName = new Map(points.map((point) => [nameOf(point), point]));
  return (point) =>
    point.flatMap((_, axis) =>
      [-1, 1].flatMap((step) => {
        const beside = byName.get(nameOf(point.map((at, i) => (i === axis ? at + step : at))));
        return beside ? [beside] : [];
      }),
    );
}

async function priced(points: readonly GridPoint[], costs: PointCosts): Promise<PricedPoint[]> {
  if (points.length === 0) return [];
  const found = await costs(points);
  return points.map((point, i) => {
    const cost = found[i] ?? NaN;
    return { point, cost: Number.isNaN(cost) ? Infinity : cost };
  });
}

/** The first of the cheapest. */
function cheapest(points: readonly PricedPoint[]): PricedPoint | undefined {
  return points.reduce<PricedPoint | undefined>(
    (best, point) => (best && !(point.cost < best.cost) ? best : point),
    undefined,
  );
}

function nameOf(point: GridPoint): string {
  return point.join();
}
