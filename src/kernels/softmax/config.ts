/** What the softmax kernels share: their config, and the parts of a WgslKernel that are the op's. */
import { sizeOf } from '../../tensor/index.js';
import { placementOf, rowSpace, type Placement, type RowSpace } from '../reduce/row-space.js';
import type { TeamTile } from '../reduce/tile.js';
import { idealBytes, type TensorView } from '../view.js';
import { layoutTag } from '../wgsl.js';

export interface SoftmaxConfig {
  readonly x: TensorView;
  /** Same dims and layout as `x`. */
  readonly y: TensorView;
  /** Axes that a row spans. */
  readonly axes: readonly number[];
  /** Whether the result is the logarithm. */
  readonly log: boolean;
  readonly maxGrid: number;
}

export interface SoftmaxTileConfig extends SoftmaxConfig {
  readonly tile: TeamTile;
  /** Lanes of a subgroup, to reduce by shuffles; 0 to reduce through workgroup memory. */
  readonly subgroup?: number;
}

/** The rows of x, which any layout has. */
export function softmaxSpace({ dims, layout }: TensorView, axes: readonly number[]): RowSpace {
  const space = rowSpace(dims, layout, axes);
  if (!space) throw new RangeError('rows without groups fit every layout');
  return space;
}

/** Where x and y lie. */
export function softmaxPlacements(
  x: TensorView,
  y: TensorView,
): { readonly x: Placement; readonly y: Placement } {
  return { x: placementOf(x), y: placementOf(y) };
}

/** `softmax_nchw_VARIANT_TILE_f32`. */
export function softmaxId({ x, y, log }: SoftmaxConfig, variant: string, tile: string): string {
  return `${log ? 'logsoftmax' : 'softmax'}_${layoutTag(x.layout)}_${variant}_${tile}_${y.type}`;
}

/** Maximum, subtract, exp, sum, divide: 5 per element. */
export function softmaxCost({ x, y }: SoftmaxConfig): { readonly flops: number; readonly bytes: number } {
  return { flops: 5 * sizeOf(y.dims), bytes: idealBytes(x) + idealBytes(y) };
}

/** Below every element: where maxima start. */
export const LOWEST = -3.4028234663852886e38;
