/** What the normalisations have in common: rows, what is made of a row's statistics, parameters. */
import type { WgslKernel } from '../../devices/gpu.js';
import {
  placementOf,
  rowSpace,
  type AxisGroups,
  type Placement,
  type RowSpace,
} from '../reduce/row-space.js';
import {
  accumulatorWidth,
  parameterFunction,
  parameterWidth,
  placeFunctions,
  vectorOf,
  type RowBinding,
  type TeamGeometry,
} from '../reduce/team.js';
import type { TeamTile } from '../reduce/tile.js';
import { idealBytes, viewSize, type TensorView } from '../view.js';
import { alias, constants, layoutTag } from '../wgsl.js';

/**
 * The factor that a row is multiplied by, given its mean square p (about the mean for the first two) or norm:
 * `deviation` 1 / sqrt(p + epsilon), `deviation-plus` 1 / (sqrt(p) + epsilon), `rms` 1 / sqrt(p + epsilon) without
 * subtracting the mean, `l1` and `l2` 1 / norm, where a row of zeros stays as it is.
 */
export type NormalizeMethod = 'deviation' | 'deviation-plus' | 'rms' | 'l1' | 'l2';

/** A parameter that broadcasts to x: its view, and where its elements lie for x's logical indices. */
export interface RowParameter {
  readonly view: TensorView;
  readonly placement: Placement;
}

export interface NormalizeConfig {
  /** The operator, for the kernel's id: `instancenorm`. */
  readonly name: string;
  readonly method: NormalizeMethod;
  readonly epsilon: number;
  readonly x: TensorView;
  /** Same dims and layout as `x`. */
  readonly y: TensorView;
  /** Axes that a row spans, and an axis of which it spans a group. */
  readonly axes: readonly number[];
  readonly groups?: AxisGroups | undefined;
  readonly scale?: RowParameter | undefined;
  readonly bias?: RowParameter | undefined;
  /** Where to store each row's mean and factor: layer normalisation's further outputs. */
  readonly statistics?: { readonly mean: RowParameter; readonly factor: RowParameter } | undefined;
  readonly tile: TeamTile;
  /** Lanes of a subgroup, to reduce by shuffles; 0 to reduce through workgroup memory. */
  readonly subgroup?: number;
  readonly flops: number;
  readonly maxGrid: number;
}

/** The rows of x. @throws RangeError when groups do not fit the layout's blocks: offer no such candidate */
export function normalizeSpace({
  x,
  axes,
  groups,
}: Pick<NormalizeConfig, 'x' | 'axes' | 'groups'>): RowSpace {
  const space = rowSpace(x.dims, x.layout, axes, groups);
  if (!space) throw new RangeError(`groups do not fit the blocks of ${x.layout.name}`);
  return space;
}

/** `instancenorm_nhwc_VARIANT_TILE_f32`. */
export function normalizeId({ name, x, y }: NormalizeConfig, variant: string, tile: string): string {
  return `${name}_${layoutTag(x.layout)}_${variant}_${tile}_${y.type}`;
}

export function normalizeCost({
  x,
  y,
  scale,
  bias,
  flops,
}: NormalizeConfig): Pick<WgslKernel, 'flops' | 'bytes'> {
  const parameters = [scale, bias].map((parameter) => (parameter ? idealBytes(parameter.view) : 0));
  return { flops, bytes: idealBytes(x) + idealBytes(y) + parameters[0] + parameters[1] };
}

/** `fn factor_of(p: Acc) -> Acc`, from the mean of squares or the sum that the method wants. */
const FACTOR_WGSL = /* wgsl */ `
fn magnitude(v: V) -> V { return select(v * v, abs(v), ABSOLUTE); }
fn factor_of(total: Acc) -> Acc {
  if (NORM) {
    let norm = select(sqrt(total), total, ABSOLUTE);
    return select(Acc(1.0) / norm, Acc(1.0), norm == Acc(0.0));
  }
  let p = total * RECIPROCAL;
  return select(Acc(1.0) / sqrt(p + EPSILON), Acc(1.0) / (sqrt(p) + EPSILON), EPSILON_OUTSIDE);
}
`;

/** Constants and functions of the method: RECIPROCAL, CENTRED, `magnitude`, `factor_of`. */
export function methodPrelude({ method, epsilon }: NormalizeConfig, space: RowSpace): string[] {
  return [
    constants({
      RECIPROCAL: { f32: 1 / space.length },
      EPSILON: { f32: epsilon },
      CENTRED: method === 'deviation' || method === 'deviation-plus',
      EPSILON_OUTSIDE: method === 'deviation-plus',
      NORM: method === 'l1' || method === 'l2',
      ABSOLUTE: method === 'l1',
    }),
    FACTOR_WGSL,
  ];
}

/** The binding of x; V is what the kernel computes in. */
export function inputBinding({ x, tile }: NormalizeConfig): RowBinding {
  return { name: 'x', access: 'read', element: vectorOf(x.type, tile.vector) };
}

/** Bindings of the parameters and y, as the affine epilogue needs them. */
export function epilogueBindings(
  { scale, bias, tile }: NormalizeConfig,
  geometry: TeamGeometry,
): RowBinding[] {
  const list: RowBinding[] = [];
  for (const [name, parameter] of [['scale', scale] as const, ['bias', bias] as const]) {
    if (!parameter) continue;
    const width = parameterWidth(geometry, parameter.placement) === 4 ? tile.vector : 1;
    list.push({ name, access: 'read', element: vectorOf(parameter.view.type, width) });
  }
  return [...list, { name: 'y', access: 'read_write', element: 'Out' }];
}

/** `x_kept`, `y_kept`, `scale_at`, `bias_at`, ...: everything that the affine epilogue needs. */
export function epiloguePrelude(config: NormalizeConfig, geometry: TeamGeometry): string[] {
  const { x, y, scale, bias, tile } = config;
  return [
    alias('Out', vectorOf(y.type, tile.vector)),
    placeFunctions('x', geometry, placementOf(x)),
    placeFunctions('y', geometry, placementOf(y)),
    parameterFunction('scale', geometry, scale?.placement, scale ? viewSize(scale.view) : 0, 1),
    parameterFunction('bias', geometry, bias?.placement, bias ? viewSize(bias.view) : 0),
  ];
}

/** Bindings of the statistics, if there are any. */
export function statisticsBindings({ statistics }: NormalizeConfig): RowBinding[] {
  if (!statistics) return [];
  return [
    { name: 'means', access: 'read_write', element: statistics.mean.view.type },
    { name: 'factors', access: 'read_write', element: statistics.factor.view.type },
  ];
}

/** `fn put_statistics(k, mean, factor)`: stores them, or does nothing. One row per accumulator, as tiles see to. */
export function statisticsPrelude({ statistics }: NormalizeConfig, geometry: TeamGeometry): string {
  const head = 'fn put_statistics(k: u32, mean: Acc, factor: Acc)';
  if (!statistics) return `${head} {}\n`;
  if (accumulatorWidth(geometry) !== 1) throw new RangeError('statistics need tiles of one row per unit');
  const { mean, factor } = statistics;
  const single: TeamGeometry = { ...geometry, tile: { ...geometry.tile, vector: 1 } };
  return (
    placeFunctions('means', single, mean.placement) +
    placeFunctions('factors', single, factor.placement) +
    `${head} {\n  if (!all(kept_mask(k))) { return; }\n  means[means_kept(k)] = ${mean.view.type}(mean);\n` +
    `  factors[factors_kept(k)] = ${factor.view.type}(factor);\n}\n`
  );
}

/** Parameters, x and y: at most two statistics more. */
export function typesOf({ x, y, scale, bias, statistics }: NormalizeConfig): TensorView['type'][] {
  const views = [x, y, scale?.view, bias?.view, statistics?.mean.view, statistics?.factor.view];
  return views.flatMap((view) => (view ? [view.type] : []));
}
