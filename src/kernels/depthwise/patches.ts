/**
 * What the depthwise patch kernel may do: elements per memory access, and outputs per invocation. Pure functions of a
 * shape, for the kernel's defaults and for a search that starts there.
 */
import { viewOffset, viewStrides, type TensorView } from '../view.js';
import { spanOf, type Patch } from './launch.js';
import { vectorsAlong } from '../conv/geometry.js';
import { channelsInnermost, type ConvProblem } from '../conv/problem.js';

/** What one access to memory moves: neighbouring channels, images of the batch, or one element. */
export interface DepthwiseAccess {
  readonly along: 'channels' | 'images' | 'nothing';
  /** 8 are halves: 16 bytes, as 4 floats are. */
  readonly elements: 1 | 4 | 8;
}

/** Taps of the largest window whose weights stay in registers. */
export const MOST_TAPS = 25;

/** 32-bit registers for weights, sums and a line of input; about 50 more hold addresses. */
const REGISTERS = 192;

/** Heights and widths worth trying. */
export const PATCH_HEIGHTS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14];
export const PATCH_WIDTHS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/** The widest access that all tensors of a lifted problem allow, of so many elements at most. */
export function accessOf({ x, y, w, residual, geometry }: ConvProblem, most = 8): DepthwiseAccess {
  const views = [x, y, ...(residual ? [residual] : [])];
  const along = channelsInnermost(y) ? 'channels' : y.layout.order.at(-1) === 0 ? 'images' : 'nothing';
  const single: DepthwiseAccess = { along: 'nothing', elements: 1 };
  if (along === 'nothing' || (along === 'channels' && geometry.outChannels !== geometry.channels))
    return single;
  const axis = along === 'channels' ? 1 : 0;
  if (!views.every((view) => vectorsAlong(view, axis))) return single;
  if (along === 'channels' && geometry.channels % 4 !== 0) return single;
  const halves = [...views, w].every(({ type }) => type === 'f16');
  const eights = most >= 8 && halves && views.every((view) => dividesAlong(view, axis, 8));
  return { along, elements: eights ? 8 : 4 };
}

/** Whether neighbours along an axis divide into aligned vectors of so many, in a layout without blocks. */
export function dividesAlong(view: TensorView, axis: number, size: number): boolean {
  if (view.layout.block || view.layout.order.at(-1) !== axis) return false;
  const others = viewStrides(view).filter(
    (_, other) => other !== axis && (view.dims[other] > 1 || view.within),
  );
  return [view.dims[axis], viewOffset(view), ...others].every((count) => count % size === 0);
}

/** Why a patch is of no use for a lifted problem, or undefined. */
export function patchRefusal(problem: ConvProblem, { height, width }: Patch, most = 8): string | undefined {
  const { geometry } = problem;
  const { output, kernel } = geometry;
  if (height > output[1] || width > output[2])
    return `a patch of ${height}x${width} is larger than the output`;
  if (height * width === 1) return undefined;
  const items = kernel[1] * kernel[2] + height * width + Math.min(spanOf(geometry, 2, width), 8);
  const registers = items * accessOf(problem, most).elements;
  return registers > REGISTERS ? `a patch of ${height}x${width} takes ${registers} registers` : undefined;
}

/** Heights of a column of single outputs to start from, the first that divides the output. */
const COLUMN_HEIGHTS = [8, 7, 6, 5];

/** Heights and widths of patches of vectors to start from, the first that is legal. */
const VECTOR_PATCHES: readonly Patch[] = [
  { height: 2, width: 2 },
  { height: 2, width: 1 },
  { height: 1, width: 2 },
];

/** The height of a column of outputs that divides so many rows, if there is one. */
export function columnHeight(rows: number): number {
  return COLUMN_HEIGHTS.find((height) => rows % height === 0) ?? Math.min(rows, 4);
}

/** The patch to start from: 2x2 in vectors; where neighbours lie along W, a column. */
export function defaultPatch(problem: ConvProblem): Patch {
  const column = { height: columnHeight(problem.geometry.output[1]), width: 1 };
  const wanted = accessOf(problem).elements > 1 ? VECTOR_PATCHES : [column];
  return wanted.find((patch) => patchRefusal(problem, patch) === undefined) ?? { height: 1, width: 1 };
}
