/**
 * Where boxes lie: how many there are along each loop, in which order they are handed out, and at what multiples of
 * memory they begin. Their index functions in WGSL.
 */
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import type { TensorView } from '../view.js';
import type { Box } from './boxes.js';
import { digitsFunction, type Cells } from './cells.js';

export interface Placement {
  /** Boxes along each loop. */
  readonly counts: readonly number[];
  /** Boxes in all. */
  readonly total: number;
  /**
   * Boxes begin at multiples of this many units of y, where rows of y do not: they are moved back along the innermost
   * loop by what their row begins beyond one. 1 where they lie at multiples of their own extents.
   */
  readonly alignment: number;
}

/** Lays boxes over a tensor. @param aligned whether they are to begin where lines of y's memory do */
export function placeBoxes(cells: Cells, box: Box, y: TensorView, aligned = false): Placement {
  const alignment = aligned ? alignmentOf(cells, box, cells.yUnit * GPU_TYPE_BYTES[y.type]) : 1;
  const innermost = cells.loops.length - 1;
  const counts = cells.loops.map(({ extent }, i) =>
    Math.ceil((extent + (i === innermost ? alignment - 1 : 0)) / box.extents[i]),
  );
  return { counts, total: counts.reduce((product, count) => product * count, 1), alignment };
}

/** What is read and written at once, as GPUs have it today: a line of four sectors of 32 bytes. */
const LINE_BYTES = 128;

/** The share of boxes that moving them back may add. */
const FEW_MORE = 1 / 16;

/**
 * The largest part of a line that boxes can begin at, 1 if they do already. Planes of 55x55 cells of 16 bytes begin
 * anywhere in a line, and every other plane within a sector: without this, both ends of every run that a box writes
 * are parts of sectors.
 */
function alignmentOf(cells: Cells, box: Box, unitBytes: number): number {
  const { loops, yStart } = cells;
  const innermost = loops.length - 1;
  const nearest = box.xOrder[box.xOrder.length - 1];
  const part = box.extents[innermost];
  // Vectors along x must stay whole while boxes move along y.
  const cuts = innermost === nearest || (box.xVector && box.extents[nearest] % 4 !== 0);
  if (cuts || loops[innermost].y !== 1 || part === loops[innermost].extent) return 1;
  const outer = [...loops.entries()].filter(([i]) => i !== innermost);
  // All rows of a box must begin at the same place of a line.
  const within = outer.filter(([i]) => box.extents[i] > 1).map(([, { y }]) => y);
  const across = [yStart, ...outer.map(([i, { y }]) => y * box.extents[i])];
  for (let unit = LINE_BYTES / unitBytes; unit > 1; unit /= 2) {
    const fits = [part, ...within].every((stride) => stride % unit === 0);
    const plain = Math.ceil(loops[innermost].extent / part);
    const moved = Math.ceil((loops[innermost].extent + unit - 1) / part);
    if (!fits || moved > plain * (1 + FEW_MORE)) continue;
    return across.every((stride) => stride % unit === 0) ? 1 : unit;
  }
  return 1;
}

/** `box_origin(group)`: the first cell of a workgroup's box. Before the tensor's first cell it wraps around. */
export function originFunctions(cells: Cells, box: Box, { counts, alignment }: Placement): string {
  const items = box.extents.map((extent, i) => `b[${i}] * ${extent}u`);
  const origin = `Coords(${items.join(', ')})`;
  const innermost = cells.loops.length - 1;
  const lines =
    alignment === 1
      ? [`return ${origin};`]
      : [`var p = ${origin};`, `p[${innermost}] -= (Y_START + y_offset(p)) % ${alignment}u;`, 'return p;'];
  return (
    digitsFunction('box_index', counts, boxOrder(cells, box, counts)) +
    `fn box_origin(group: u32) -> Coords {\n  ${['let b = box_index(group);', ...lines].join('\n  ')}\n}\n`
  );
}

/**
 * The order in which boxes are handed out, outermost first. Those along the innermost loops of x and of y come one
 * after another, the shorter row fastest, so that DRAM pages and sectors shared by neighbours are still in the cache.
 */
function boxOrder(cells: Cells, box: Box, counts: readonly number[]): number[] {
  const inner = new Set([cells.loops.length - 1, box.xOrder[box.xOrder.length - 1]]);
  const outer = [...cells.loops.keys()].filter((i) => !inner.has(i));
  return [...outer, ...[...inner].sort((a, b) => counts[b] - counts[a])];
}

/**
 * `sum(a, b)`, and `inside(origin, p)`: whether a cell of a box is one of the tensor's. Only loops that boxes do not
 * divide need a look.
 */
export function insideFunctions(cells: Cells, box: Box, { alignment }: Placement): string {
  const items = cells.loops.map((_, i) => `a[${i}] + b[${i}]`);
  const ragged = cells.loops.flatMap(({ extent }, i) => {
    const moved = alignment > 1 && i === cells.loops.length - 1;
    return extent % box.extents[i] === 0 && !moved ? [] : [`origin[${i}] + p[${i}] < ${extent}u`];
  });
  return (
    `fn sum(a: Coords, b: Coords) -> Coords { return Coords(${items.join(', ')}); }\n` +
    `fn inside(origin: Coords, p: Coords) -> bool { return ${ragged.join(' && ') || 'true'}; }\n`
  );
}

/** The tile's part of a kernel id: extents above 1, then what boxes are aligned to. */
export function shapeTag(box: Box, { alignment }: Placement): string {
  const shape = box.extents.filter((extent) => extent > 1).join('x');
  return alignment === 1 ? shape : `${shape}a${alignment}`;
}
