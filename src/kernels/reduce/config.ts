/** What kernels with one result per row share: where results lie, and how padding of blocked layouts is stored. */
import type { WgslKernel } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../view.js';
import { constants, layoutTag } from '../wgsl.js';
import { placementOf, reducedPlacement, rowSpace, type Placement, type RowSpace } from './row-space.js';
import { placeFunctions, type ComputeType, type TeamGeometry } from './team.js';
import { vectorFor, type TeamTile } from './tile.js';

export interface ReduceConfig {
  /** The operator, for the kernel's id: `reducesum`. */
  readonly name: string;
  readonly x: TensorView;
  /** One element per row; blocked only along a kept axis along which x is blocked too. */
  readonly y: TensorView;
  /** Axes that a row spans, gone from y unless `keepdims`. */
  readonly axes: readonly number[];
  readonly keepdims: boolean;
  readonly tile: TeamTile;
  readonly flops: number;
  readonly maxGrid: number;
}

/** The rows of x, which any layout has. */
export function reduceSpace({ x, axes }: Pick<ReduceConfig, 'x' | 'axes'>): RowSpace {
  const space = rowSpace(x.dims, x.layout, axes);
  if (!space) throw new RangeError('rows without groups fit every layout');
  return space;
}

/** Where results lie, seen from the axes of x. */
export function resultPlacement({
  x,
  y,
  axes,
  keepdims,
}: Omit<ReduceConfig, 'name' | 'tile' | 'flops' | 'maxGrid'>): Placement {
  return reducedPlacement(y, x.dims.length, axes, keepdims);
}

/** Elements per load; across strided rows the results must be vectors too. */
export function reduceVector(config: Omit<ReduceConfig, 'name' | 'tile' | 'flops' | 'maxGrid'>): 1 | 4 {
  const { x, y } = config;
  const space = reduceSpace(config);
  if (space.inner === 'row') return vectorFor(space, [placementOf(x)]);
  // Vectors of results would reach from the last rows into padding that y does not have.
  if (space.padding && !y.layout.block) return 1;
  return vectorFor(space, [placementOf(x), resultPlacement(config)]);
}

/** What a storage type is computed in. */
export function computeTypeOf({ type }: TensorView): ComputeType {
  return type === 'f16' ? 'f32' : type;
}

/** `reducesum_nhwc_VARIANT_TILE_f32`, with the result's layout where its name is another. */
export function reduceId(
  { name, x, y }: Pick<ReduceConfig, 'name' | 'x' | 'y'>,
  variant: string,
  tile: string,
): string {
  const layouts = [...new Set([layoutTag(x.layout), layoutTag(y.layout)])].join('_');
  return `${name}_${layouts}_${variant}_${tile}_${x.type}`;
}

export function reduceCost({
  x,
  y,
  flops,
}: Pick<ReduceConfig, 'x' | 'y' | 'flops'>): Pick<WgslKernel, 'flops' | 'bytes'> {
  return { flops, bytes: idealBytes(x) + idealBytes(y) };
}

/** `y_kept(k)`: the place of a row's result; `stored(k)`: whether it has one, be it padding. */
export function placePrelude(config: ReduceConfig, geometry: TeamGeometry): string[] {
  const { space, tile } = geometry;
  const perRow: TeamGeometry = space.inner === 'row' ? { space, tile: { ...tile, vector: 1 } } : geometry;
  return [
    constants({ STORE_PADDING: config.y.layout.block !== undefined }),
    placeFunctions('y', perRow, resultPlacement(config)),
    'fn stored(k: u32) -> bool { return STORE_PADDING | all(kept_mask(k)); }\n',
  ];
}

/** `placePrelude`, and `zero_padding(k, value)`: the result, or zero where a blocked y has padding. */
export function resultPrelude(config: ReduceConfig, geometry: TeamGeometry): string[] {
  const mask = geometry.space.inner === 'row' ? 'all(kept_mask(k))' : 'kept_mask(k)';
  return [
    ...placePrelude(config, geometry),
    `fn zero_padding(k: u32, value: Acc) -> Acc { return select(Acc(), value, ${mask}); }\n`,
  ];
}
