/**
 * How a permutation is cut into boxes that a workgroup stages: long runs on both sides, loops divided evenly, many
 * bytes in flight.
 */
import type { Cells } from './cells.js';

export interface Box {
  /** Extent of the box along each loop. */
  readonly extents: readonly number[];
  /** Loops in x's order, outermost first; y's order is that of the loops themselves. */
  readonly xOrder: readonly number[];
  /** Cells in the box. */
  readonly volume: number;
  /** Whether four neighbours in x (in y) can be moved as one vec4. */
  readonly xVector: boolean;
  readonly yVector: boolean;
}

/** Cells that lie together on a side, wished for: a tile of `x` by `y` cells. For tuning. */
export interface TileWish {
  readonly x: number;
  readonly y: number;
}

export interface BoxOptions {
  /** Most cells that a workgroup stages. */
  readonly budget: number;
  readonly xBytes: number;
  readonly yBytes: number;
  readonly wish?: TileWish | undefined;
}

const RUNS = [8, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024, 2048];

/**
 * The part of the budget that boxes fill by default. Half-full boxes leave room for twice the workgroups, whose loads
 * hide the others' barriers: on an H200, 64x96x110x110 NCHW -> NHWC reaches 80 % of the copy roof with 128x32 and 96 %
 * with 48x32, NCHW -> CHWN 85 % with 64x64 and 97 % with 64x32.
 */
const GOOD_SHARE = 0.5;

/**
 * The box that is wished for, or else the one with the best guess of a bandwidth: see `score`.
 * @throws RangeError when the wished one is over the budget
 */
export function chooseBox(cells: Cells, options: BoxOptions): Box {
  if (options.wish) {
    const box = growBox(cells, options.wish);
    if (box.volume <= options.budget) return box;
    throw new RangeError(`a tile of ${box.volume} cells is over the budget of ${options.budget}`);
  }
  const budget = options.budget * GOOD_SHARE;
  const wishes = RUNS.flatMap((x) => RUNS.map((y): TileWish => ({ x, y })));
  let best = growBox(cells, { x: 1, y: 1 });
  let highest = -1;
  for (const wish of wishes) {
    const box = growBox(cells, wish);
    if (box.volume > budget) continue;
    const value = score(cells, box, { ...options, budget });
    if (value > highest) [best, highest] = [box, value];
  }
  return best;
}

/** Loops from the outermost in x to the innermost; those that repeat x outermost of all. */
function orderInX(cells: Cells): number[] {
  const distance = (i: number): number => Math.abs(cells.loops[i].x) || Infinity;
  return [...cells.loops.keys()].sort((a, b) =>
    distance(a) === distance(b) ? a - b : distance(b) - distance(a),
  );
}

/** A box whose runs on either side have at least the wished length, where the loops are long enough. */
function growBox(cells: Cells, wish: TileWish): Box {
  const { loops } = cells;
  const extents = loops.map(() => 1);
  const xOrder = orderInX(cells);
  const grow = (order: readonly number[], length: number): void => {
    let run = 1;
    for (const i of [...order].reverse()) {
      extents[i] = Math.max(extents[i], evenPart(loops[i].extent, Math.ceil(length / run)));
      run *= extents[i];
      if (run >= length || extents[i] < loops[i].extent) break;
    }
  };
  grow(
    xOrder.filter((i) => loops[i].x !== 0),
    wish.x,
  );
  grow([...loops.keys()], wish.y);
  const volume = extents.reduce((product, extent) => product * extent, 1);
  const scalar = cells.size === 1;
  return {
    extents,
    xOrder,
    volume,
    xVector: scalar && isVector(cells, extents, xOrder, 'x'),
    yVector: scalar && isVector(cells, extents, [...loops.keys()], 'y'),
  };
}

/** At most about `wish` of an extent, so that all parts are alike and begin at multiples of 4. */
function evenPart(extent: number, wish: number): number {
  if (wish >= extent) return extent;
  const part = Math.ceil(extent / Math.ceil(extent / wish));
  return wish < 4 ? wish : Math.min(Math.ceil(part / 4) * 4, extent);
}

/** Cells that lie together on a side, innermost loops first, and whether the box's part of each loop is aligned. */
function runOf(
  cells: Cells,
  extents: readonly number[],
  order: readonly number[],
  side: 'x' | 'y',
): { readonly length: number; readonly members: readonly number[]; readonly reach: number } {
  let length = 1;
  let reach = 1;
  const members: number[] = [];
  for (const i of [...order].reverse()) {
    if (cells.loops[i][side] !== reach || length !== reach) break;
    members.push(i);
    length *= extents[i];
    reach *= cells.loops[i].extent;
  }
  return { length, members, reach };
}

/**
 * Every group of four neighbours in the box's order must lie together, at a multiple of 4, and be wholly inside or
 * outside the tensor.
 */
function isVector(
  cells: Cells,
  extents: readonly number[],
  order: readonly number[],
  side: 'x' | 'y',
): boolean {
  const { length, members, reach } = runOf(cells, extents, order, side);
  const others = cells.loops.filter((_, i) => !members.includes(i));
  const start = side === 'x' ? cells.xStart : cells.yStart;
  return (
    length % 4 === 0 && reach % 4 === 0 && start % 4 === 0 && others.every((loop) => loop[side] % 4 === 0)
  );
}

/** What is used of what a run touches: it costs about `waste` bytes more, half of a 32-byte sector or more. */
function share(run: number, bytes: number, waste = 16): number {
  return (run * bytes) / (run * bytes + waste);
}

/**
 * Cells of four elements want longer runs on the side where they lie together: CHWN -> NCHW4c of 128x96x55x55 reaches
 * 85 % with runs of 16 images by 32 pixels, 76 % with 128 by 8.
 */
const QUAD_WASTE = 64;
const LARGEST_SCALAR = 4;

/** A guess at the share of bandwidth: evenly divided loops, long runs, full boxes, vectors. */
function score(cells: Cells, box: Box, { budget, xBytes, yBytes }: BoxOptions): number {
  let even = 1;
  for (const [i, { extent }] of cells.loops.entries()) {
    even *= extent / (Math.ceil(extent / box.extents[i]) * box.extents[i]);
  }
  const xRun = runOf(cells, box.extents, box.xOrder, 'x').length;
  const yRun = runOf(cells, box.extents, [...cells.loops.keys()], 'y').length;
  const full = (box.volume / budget) ** 0.15;
  const vectors = (box.xVector ? 1.02 : 1) * (box.yVector ? 1.02 : 1);
  const xShare = share(xRun, xBytes, xBytes > LARGEST_SCALAR ? QUAD_WASTE : undefined);
  const yShare = share(yRun, yBytes, yBytes > LARGEST_SCALAR ? QUAD_WASTE : undefined);
  return even * xShare * yShare * full * vectors;
}
