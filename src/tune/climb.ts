/**
 * The best of a grid of sizes, such as the tiles of a matrix product or the patches of a pooling kernel: by hill climbing,
 * as the paper finds the working-set expansion of each layer, or by looking at all of them. The grid's axes are sizes in
 * ascending order; its points count along them.
 */
import type { GridPoint } from '../candidates/grid.js';

/** What points cost, in any unit; undefined for one that was not or cannot be measured. */
export type Prices = readonly (number | undefined)[];

/** Measures points. Those asked for together compete with each other, and should be measured side by side. */
export type PointCosts = (points: readonly GridPoint[]) => Promise<Prices>;

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
  /** From a start to the best, each cheaper than the one before. */
  readonly path: readonly PricedPoint[];
}

export interface ClimbOptions {
  /** Points that may be measured, starts among them; all when left out. */
  readonly most?: number;
  /** Whether nothing much can be better: the search then ends. */
  readonly isEnough?: (found: PricedPoint) => boolean;
}

/** Asks for points to be measured, and is told what they cost. */
export type Climb = Generator<readonly GridPoint[], ClimbResult, Prices>;

/**
 * Climbs from each start in turn, the cheapest first: measures the neighbours, moves to the cheapest of them, and so on
 * until none is cheaper, or another climb has been there. No point is measured twice. The result is a local optimum,
 * unless the measurements were used up before: none of its neighbours is cheaper.
 * @param starts one or more
 * @param neighbours of a point, such as a `SizeGrid` gives
 */
export function* climbing(
  starts: readonly GridPoint[],
  neighbours: (point: GridPoint) => readonly GridPoint[],
  { most = Infinity, isEnough = () => false }: ClimbOptions = {},
): Climb {
  const known = new Map<string, PricedPoint>();
  /** Of the points, those that are known when as many as may be were measured. */
  const priced = function* (points: readonly GridPoint[]): Generator<GridPoint[], PricedPoint[], Prices> {
    const fresh = [...new Map(points.map((point) => [nameOf(point), point]))]
      .filter(([name]) => !known.has(name))
      .slice(0, most - known.size);
    if (fresh.length > 0) {
      const costs = yield fresh.map(([, point]) => point);
      for (const [i, [name, point]] of fresh.entries()) known.set(name, pricedPoint(point, costs[i]));
    }
    return points.flatMap((point) => known.get(nameOf(point)) ?? []);
  };
  const climbed = new Set<PricedPoint>();
  const firsts = yield* priced(starts);
  let path = [cheapest(firsts) ?? pricedPoint(starts[0], undefined)];
  for (const start of firsts.sort(byCost)) {
    const way = [start];
    for (let here = start; !climbed.has(here) && !isEnough(here); way.push(here)) {
      climbed.add(here);
      const next = cheapest(yield* priced(neighbours(here.point)));
      if (!next || !(next.cost < here.cost)) break;
      here = next;
    }
    if (way[way.length - 1].cost < path[path.length - 1].cost) path = way;
    if (isEnough(path[path.length - 1])) break;
  }
  return { best: path[path.length - 1], path, measured: known.size };
}

/** Climbs alone. */
export async function climb(
  starts: readonly GridPoint[],
  neighbours: (point: GridPoint) => readonly GridPoint[],
  costs: PointCosts,
  options: ClimbOptions = {},
): Promise<ClimbResult> {
  const [result] = await climbTogether([climbing(starts, neighbours, options)], async ([points]) => [
    await costs(points),
  ]);
  return result;
}

/**
 * Climbs several grids in step: what all of them ask for next is measured at once.
 * @param costs is given a list of points for every climb, and gives what they cost; empty for those that have arrived
 */
export async function climbTogether(
  climbs: readonly Climb[],
  costs: (asked: readonly (readonly GridPoint[])[]) => Promise<readonly Prices[]>,
): Promise<ClimbResult[]> {
  const results: ClimbResult[] = [];
  let asked = climbs.map((one, i) => advance(one.next(), i));
  while (asked.some((points) => points.length > 0)) {
    const prices = await costs(asked);
    asked = asked.map((points, i) => (points.length > 0 ? advance(climbs[i].next(prices[i]), i) : points));
  }
  return results;

  function advance(
    step: IteratorResult<readonly GridPoint[], ClimbResult>,
    place: number,
  ): readonly GridPoint[] {
    if (!step.done) return step.value;
    results[place] = step.value;
    return [];
  }
}

/**
 * Measures all points.
 * @throws RangeError when there are none
 */
export async function exhaustive(points: readonly GridPoint[], costs: PointCosts): Promise<SearchResult> {
  const different = [...new Map(points.map((point) => [nameOf(point), point])).values()];
  const found = different.length > 0 ? await costs(different) : [];
  const best = cheapest(different.map((point, i) => pricedPoint(point, found[i])));
  if (!best) throw new RangeError('there is no point to choose from');
  return { best, measured: different.length };
}

function pricedPoint(point: GridPoint, cost: number | undefined = NaN): PricedPoint {
  return { point, cost: Number.isNaN(cost) ? Infinity : cost };
}

function byCost(a: PricedPoint, b: PricedPoint): number {
  // Two that are not known cost the same.
  return a.cost === b.cost ? 0 : a.cost - b.cost;
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
