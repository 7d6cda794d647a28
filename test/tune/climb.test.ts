import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neighboursOn, type GridPoint } from '../../src/candidates/grid.js';
import { climb, climbTogether, climbing, exhaustive, type PointCosts } from '../../src/tune/climb.js';

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

/** The neighbourhood of a full grid. */
function beside(points: readonly GridPoint[]): (point: GridPoint) => GridPoint[] {
  const names = new Set(points.map(String));
  const extents = points[0].map((_, axis) => Math.max(...points.map((point) => point[axis])) + 1);
  return neighboursOn(extents, (point) => names.has(String(point)));
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
        const { best, measured, path } = await climb([start], beside(points), costs);
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
        // By name, because neighbours are points of their own.
        const places = new Map(points.map((point, i) => [String(point), prices[i]]));
        const cost = (point: GridPoint): number => places.get(String(point)) ?? NaN;
        const { costs, asked } = counted(cost);
        const { best, path, measured } = await climb([start], beside(points), costs);
        expect(path[0]).toEqual({ point: start, cost: cost(start) });
        expect(path.at(-1)).toBe(best);
        for (const [i, { point, cost: price }] of path.slice(1).entries()) {
          expect(distance(point, path[i].point)).toBe(1);
          expect(price).toBeLessThan(path[i].cost);
        }
        const near = points.filter((point) => distance(point, best.point) === 1);
        expect(Math.min(Infinity, ...near.map(cost))).toBeGreaterThanOrEqual(best.cost);
        expect(new Set(asked).size).toBe(asked.length);
        expect(measured).toBe(asked.length);
      }),
    );
  });

  it('stops where a pit is not the deepest, and asks for neighbours together', async () => {
    const points = gridOf([7]);
    const prices = [0, 9, 5, 4, 6, 7, 8];
    const batches: (readonly GridPoint[])[] = [];
    const { best, measured, path } = await climb([[5]], beside(points), async (asked) => {
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
    expect((await climb([[1]], beside(points), costs)).best).toEqual({ point: [2], cost: 3 });
    expect((await climb([[0]], beside(gridOf([2])), costs)).best.point).toEqual([0]);
    const stranded = await climb([[3]], beside(points), costs);
    expect(stranded.best).toEqual({ point: [2], cost: 3 });
  });

  it('stays where it is alone', async () => {
    const { costs, asked } = counted(() => 1);
    expect((await climb([[0, 0]], beside([[0, 0]]), costs)).path).toHaveLength(1);
    expect(asked).toEqual(['0,0']);
  });
});

describe('hill climbing from several starts', () => {
  it('ends where none of the ways down from any start leads lower', async () => {
    await fc.assert(
      fc.asyncProperty(grids, async ({ points, start, other, prices }) => {
        const places = new Map(points.map((point, i) => [String(point), prices[i]]));
        const cost = (point: GridPoint): number => places.get(String(point)) ?? NaN;
        const { costs, asked } = counted(cost);
        const { best, path, measured } = await climb([start, other], beside(points), costs);
        const alone = [start, other].map((one) => climb([one], beside(points), counted(cost).costs));
        const ends = (await Promise.all(alone)).map((result) => result.best.cost);
        expect(best.cost).toBe(Math.min(...ends));
        expect([start, other]).toContainEqual(path[0].point);
        expect(path.at(-1)).toBe(best);
        expect(new Set(asked).size).toBe(asked.length);
        expect(measured).toBe(asked.length);
      }),
    );
  });

  it('finds the deepest pit of a surface with two where a start lies in each', async () => {
    const points = gridOf([9, 9]);
    const starts = [
      [0, 3],
      [8, 8],
    ];
    const { costs } = counted((point) => Math.min(distance(point, [1, 1]) + 2, distance(point, [7, 6]) + 1));
    const { best } = await climb(starts, beside(points), costs);
    expect(best).toEqual({ point: [7, 6], cost: 1 });
    expect((await climb([starts[0]], beside(points), costs)).best).toEqual({ point: [1, 1], cost: 2 });
  });

  it('measures no more than it may, and then has the best of what was measured on its way', async () => {
    await fc.assert(
      fc.asyncProperty(
        grids,
        fc.integer({ min: 1, max: 30 }),
        async ({ points, start, other, prices }, most) => {
          const places = new Map(points.map((point, i) => [String(point), prices[i]]));
          const { costs, asked } = counted((point) => places.get(String(point)) ?? NaN);
          const { best, measured } = await climb([start, other], beside(points), costs, { most });
          expect(measured).toBe(asked.length);
          expect(measured).toBeLessThanOrEqual(most);
          expect(asked).toContain(String(best.point));
          expect(best.cost).toBeLessThanOrEqual(places.get(String(start)) ?? NaN);
        },
      ),
    );
  });

  it('ends where it is good enough', async () => {
    const points = gridOf([9]);
    const { costs, asked } = counted(([step]) => step);
    const { best } = await climb([[8], [7]], beside(points), costs, { isEnough: ({ cost }) => cost <= 5 });
    expect(best).toEqual({ point: [5], cost: 5 });
    expect(asked).toEqual(['8', '7', '6', '5']);
  });

  it('of several grids goes in step: what they ask for is measured together', async () => {
    const sizes = [7, 3, 5];
    const rounds: (readonly (readonly GridPoint[])[])[] = [];
    const results = await climbTogether(
      sizes.map((size) => climbing([[size - 1]], beside(gridOf([size])))),
      async (asked) => {
        rounds.push(asked);
        return asked.map((points) => points.map(([step]) => step));
      },
    );
    expect(results.map(({ best }) => best.point)).toEqual([[0], [0], [0]]);
    expect(results.map(({ measured }) => measured)).toEqual(sizes);
    expect(rounds).toHaveLength(7);
    expect(rounds[0]).toEqual([[[6]], [[2]], [[4]]]);
    expect(rounds[3]).toEqual([[[3]], [], [[1]]]);
  });
});

describe('the neighbourhood of a grid with holes', () => {
  it('is the next legal place along every axis, either way', () => {
    const holes = new Set(['2,1', '1,2', '1,3']);
    const near = neighboursOn([4, 5], (point) => !holes.has(String(point)));
    expect(near([1, 1])).toEqual([
      [0, 1],
      [3, 1],
      [1, 0],
      [1, 4],
    ]);
    expect(near([3, 4])).toEqual([
      [2, 4],
      [3, 3],
    ]);
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
