import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { climb, exhaustive, neighboursAmong, type GridPoint, type PointCosts } from '../../src/tune/climb.js';

/** All points of a grid of these extents. */
function gridOf(extents: readonly number[]): GridPoint[] {
  return extents.reduce<number[][]>(
    (points, extent) =>
      points.flatMap((point) => Array.from({ length: extent }, (_, step) => [...point, step])),
    [[]],
  );
}

/** A cost function that keeps the points which it was asked for. */
function counted(cost: (point: GridPoint) => number): { costs: PointCosts; asked: string[] } {
  const asked: string[] = [];
  const costs: PointCosts = async (points) => {
    asked.push(...points.map((point) => point.join()));
    return points.map(cost);
  };
  return { costs, asked };
}

function distance(a: GridPoint, b: GridPoint): number {
  return a.reduce((sum, step, axis) => sum + Math.abs(step - b[axis]), 0);
}

const extents = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
/** A grid with a start on it, and whatever else is drawn there. */
const grids = extents.chain((list) => {
  const points = gridOf(list);
  return fc.record({
    points: fc.constant(points),
    start: fc.constantFrom(...points),
    other: fc.constantFrom(...points),
    prices: fc.array(fc.integer({ min: 0, max: 20 }), {
      minLength: points.length,
      maxLength: points.length,
    }),
    slopes: fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), {
      minLength: list.length,
      maxLength: list.length,
    }),
    steepness: fc.double({ min: 0.5, max: 3, noNaN: true }),
  });
});

describe('hill climbing', () => {
  it('finds the optimum of functions that have one along every axis', async () => {
    await fc.assert(
      fc.asyncProperty(grids, async ({ points, start, other: optimum, slopes, steepness }) => {
        const cost = (point: GridPoint): number =>
          point.reduce(
            (sum, step, axis) => sum + slopes[axis] * Math.abs(step - optimum[axis]) ** steepness,
            0,
          );
        const { costs, asked } = counted(cost);
        const { best, measured, path } = await climb(start, neighboursAmong(points), costs);
        expect(best.point).toEqual(optimum);
        expect(path).toHaveLength(distance(start, optimum) + 1);
        expect(measured).toBe(asked.length);
        expect((await exhaustive(points, costs)).best).toEqual(best);
      }),
    );
  });

  it('walks a connected way down to a local optimum, whatever the costs, and measures no point twice', async () => {
    await fc.assert(
      fc.asyncProperty(grids, async ({ points, start, prices }) => {
        const cost = (point: GridPoint): number => prices[points.indexOf(point)];
        const { costs, asked } = counted(cost);
        const { best, path, measured } = await climb(start, neighboursAmong(points), costs);
        expect(path[0]).toEqual({ point: start, cost: cost(start) });
        expect(path.at(-1)).toBe(best);
        for (const [i, { point, cost: price }] of path.slice(1).entries()) {
          expect(distance(point, path[i].point)).toBe(1);
          expect(price).toBeLessThan(path[i].cost);
        }
        const beside = points.filter((point) => distance(point, best.point) === 1);
        expect(Math.min(Infinity, ...beside.map(cost))).toBeGreaterThanOrEqual(best.cost);
        expect(new Set(asked).size).toBe(asked.length);
        expect(measured).toBe(asked.length);
      }),
    );
  });

  it('stops where a pit is not the deepest, and asks for neighbours together', async () => {
    const points = gridOf([7]);
    const prices = [0, 9, 5, 4, 6, 7, 8];
    const batches: (readonly GridPoint[])[] = [];
    const { best, measured, path } = await climb([5], neighboursAmong(points), async (asked) => {
      batches.push(asked);
      return asked.map(([step]) => prices[step]);
    });
    expect(best).toEqual({ point: [3], cost: 4 });
    expect(path.map(({ point: [step] }) => step)).toEqual([5, 4, 3]);
    expect(batches).toEqual([[[5]], [[4], [6]], [[3]], [[2]]]);
    expect(measured).toBe(5);
  });

  it('leaves a start that cannot be measured, and points that cannot be', async () => {
    const points = gridOf([4]);
    const prices = [NaN, Infinity, 3, undefined];
    const costs: PointCosts = async (asked) => asked.map(([step]) => prices[step]);
    expect((await climb([1], neighboursAmong(points), costs)).best).toEqual({ point: [2], cost: 3 });
    expect((await climb([0], neighboursAmong(gridOf([2])), costs)).best.point).toEqual([0]);
    const stranded = await climb([3], neighboursAmong(points), costs);
    expect(stranded.best).toEqual({ point: [2], cost: 3 });
  });

  it('stays where it is alone', async () => {
    const { costs, asked } = counted(() => 1);
    expect((await climb([0, 0], neighboursAmong([[0, 0]]), costs)).path).toHaveLength(1);
    expect(asked).toEqual(['0,0']);
  });
});

describe('exhaustive search', () => {
  it('takes the first of the cheapest and measures each point once', async () => {
    const { costs, asked } = counted(([step]) => [3, 1, 1, 2][step]);
    const result = await exhaustive([[0], [1], [2], [1], [3]], costs);
    expect(result).toEqual({ best: { point: [1], cost: 1 }, measured: 4 });
    expect(asked).toEqual(['0', '1', '2', '3']);
  });

  it('needs a point', async () => {
    await expect(exhaustive([], async () => [])).rejects.toThrow(RangeError);
  });
});
