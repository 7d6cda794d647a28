/**
 * Movement of elements: layout transforms, and the ops that are nothing but a movement. The same elements in another
 * order, or in another type, or both.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import type { TensorView } from '../view.js';
import { layoutTag } from '../wgsl.js';
import type { TileWish } from './boxes.js';
import { cellsOf, type Cells } from './cells.js';
import { directKernel } from './direct.js';
import { identityMovement, type Movement } from './movement.js';
import { naiveKernel } from './naive.js';
import { movedBytes } from './source.js';
import { stridedForm, type Strided } from './strided.js';
import { tiledKernel } from './tiled.js';

export { naiveKernel } from './naive.js';
export { isAlias } from './strided.js';
export * from './movement.js';

export interface MoveConfig {
  /** The op, in lower case: the first word of the kernel's id. */
  readonly op: string;
  /** What goes where; undefined for the same row-major sequence under other dims. */
  readonly movement: Movement | undefined;
  readonly x: TensorView;
  readonly y: TensorView;
  readonly limits: GpuLimits;
  /** For tuning: stages through tiles of this size; see `TiledConfig.tile`. */
  readonly tile?: TileWish | undefined;
  /** For tuning, of tiles: whether boxes begin where lines of y's memory do. What was measured to be best by default. */
  readonly aligned?: boolean | undefined;
}

/** The best kernel that converts x to y: same logical dims, another layout or type. */
export function transformKernel(x: TensorView, y: TensorView, limits: GpuLimits): WgslKernel {
  return moveKernel({ op: 'transform', movement: identityMovement(y.dims), x, y, limits });
}

/** The best kernel for a movement; x and y may be parts of larger tensors, and of different types. */
export function moveKernel({ op, movement, x, y, limits, tile, aligned }: MoveConfig): WgslKernel {
  const id = moveId(op, x, y);
  const form = movement && stridedForm(movement, x, y);
  if (!movement || !form) return naiveKernel({ id, movement, x, y, maxGrid: limits.maxGrid });
  const cells = cellsOf(form);
  const config = { id, cells, x, y, bytes: movedBytes(movement, x, y), limits };
  if (tile || !coalescesTogether(cells)) {
    return tiledKernel({ ...config, tile, aligned: aligned ?? gathers(cells) });
  }
  return scattersAcross(form, cells) ? tiledKernel({ ...config, tile: SCATTERED_RUN }) : directKernel(config);
}

/**
 * Whether quads are read one by one and written whole (CHWN -> NCHW4c). Boxes that begin at lines of y then reach
 * 87.8 % of the copy roof on an H200 for 128x96x55x55, where those that begin anywhere reach 83.3 %. Writing one by one
 * (NCHW4c -> CHWN) reached 92.5 % without.
 */
function gathers({ xUnit, yUnit }: Cells): boolean {
  return xUnit === 1 && yUnit === 4;
}

/** One quad for every invocation of a workgroup: half as long a run reached 78 % where this one reaches 93 %. */
const SCATTERED_RUN: TileWish = { x: 256, y: 256 };

/**
 * Whether quads are stored into four runs that start anywhere (NCHW4c -> NCHW with H * W not divisible by 4). Direct
 * stores then cut every memory transaction: 77 % of the copy roof on an H200 for 128x96x55x55, 93 % through tiles.
 */
function scattersAcross({ quad }: Strided, { size, yUnit }: Cells): boolean {
  return size === 4 && yUnit === 1 && quad !== undefined && quad.y % 4 !== 0;
}

/** `op_inlayout_outlayout`, or `op_layout` where they are the same. */
export function moveId(op: string, x: TensorView, y: TensorView): string {
  const [from, to] = [layoutTag(x.layout), layoutTag(y.layout)];
  return from === to ? `${op}_${from}` : `${op}_${from}_${to}`;
}

/** Whether neighbours in y are neighbours in x, or the nearest there are. */
function coalescesTogether({ loops }: Cells): boolean {
  if (loops.length === 0) return true;
  const innermost = loops[loops.length - 1];
  const distances = loops.map(({ x }) => Math.abs(x)).filter((distance) => distance > 0);
  return innermost.x === 0 || Math.abs(innermost.x) === Math.min(...distances);
}
