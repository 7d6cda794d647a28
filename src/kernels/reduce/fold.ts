/**
 * Reductions: sums, means, extremes, products and norms of rows along any axes of any layout. A team runs along a
 * row with STEPS independent loads at a time, then reduces across the team. Few long rows (whole tensors) are cut
 * into chunks, a workgroup each, whose results a second launch reduces.
 *
 * Memory: every element is read once, coalesced in either form of team; results are few.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import type { DType } from '../../tensor/index.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  computeTypeOf,
  reduceCost,
  reduceId,
  reduceSpace,
  resultPrelude,
  type ReduceConfig,
} from './config.js';
import { INFINITY_WGSL, WHOLE_WGSL, foldWgsl, wrapExpression } from './functions.js';
import { placementOf } from './row-space.js';
import {
  accumulatorOf,
  accumulatorWidth,
  foldFunction,
  placeFunctions,
  rowKernel,
  teamPrelude,
  vectorOf,
  type ComputeType,
  type TeamGeometry,
} from './team.js';
import { chunksOf, tileTag, unitsOf } from './tile.js';

export interface FoldConfig extends ReduceConfig {
  /** The reduction: `ReduceSum`. */
  readonly fn: string;
  /** The logical element type, whose width integers wrap at. */
  readonly dtype: DType;
  /** Lanes of a subgroup, to reduce by shuffles; 0 to reduce through workgroup memory. */
  readonly subgroup?: number;
}

const WHOLE_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var total = V(identity());
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    for (var i = 0u; i < STEPS; i++) {
      total = combined(total, select(V(identity()), mapped(v[i]), row_mask(first + i * TEAM)));
    }
  }
  let result = team_fold(fold_fold(total), lane);
  if (member == 0u && k < KEPT && stored(k)) { y[y_kept(k)] = Out(zero_padding(k, finished(result))); }
}
`;

const PARTIAL_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let group = wid.x + wid.y * GRID_X;
  let chunk = group / GROUPS;
  let k = group % GROUPS * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  let first = chunk * CHUNK + member;
  var v: array<V, STEPS>;
  for (var i = 0u; i < STEPS; i++) {
    v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
  }
  var total = V(identity());
  for (var i = 0u; i < STEPS; i++) {
    total = combined(total, select(V(identity()), mapped(v[i]), row_mask(first + i * TEAM)));
  }
  let result = team_fold(fold_fold(total), lane);
  if (member == 0u && k < KEPT && chunk < CHUNKS) { partials[chunk * KEPT + k] = result; }
}
`;

const COMBINE_BODY = /* wgsl */ `
var<workgroup> scratch: array<Acc, COMBINERS>;

@compute @workgroup_size(COMBINERS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let row = min(k, KEPT - 1u);
  var total = Acc(identity());
  for (var chunk = lane; chunk < CHUNKS; chunk += COMBINERS) {
    total = pair_fold(total, partials[chunk * KEPT + row]);
  }
  scratch[lane] = total;
  for (var half = COMBINERS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      total = pair_fold(total, scratch[lane + half]);
      scratch[lane] = total;
    }
  }
  if (lane == 0u && k < KEPT && stored(k)) { y[y_kept(k)] = Out(zero_padding(k, finished(total))); }
}
`;

/** Invocations that reduce a row's chunks. */
const COMBINERS = 256;

/** The functions that the bodies call. */
function foldPrelude({ fn, dtype }: FoldConfig, geometry: TeamGeometry, type: ComputeType): string[] {
  const { map, combine, identity, finish } = foldWgsl(fn, type, dtype);
  return [
    constants({ LENGTH: geometry.space.length }),
    INFINITY_WGSL,
    type === 'f32' ? '' : WHOLE_WGSL,
    `fn identity() -> ${type} { return ${identity}; }\n`,
    `fn mapped(v: V) -> V { return ${map}; }\n`,
    `fn combined(a: V, b: V) -> V { return ${combine}; }\n`,
    foldFunction('fold', geometry, combine),
    `fn finished(total: Acc) -> Acc { return ${wrapExpression(finish, dtype)}; }\n`,
  ];
}

function out({ y }: FoldConfig, geometry: TeamGeometry): string {
  return alias('Out', vectorOf(y.type, accumulatorWidth(geometry)));
}

/** One launch. Bindings: x, y. */
export function foldKernel(config: FoldConfig): WgslKernel {
  const { x, y, tile, subgroup = 0 } = config;
  const geometry: TeamGeometry = { space: reduceSpace(config), tile };
  const compute = computeTypeOf(x);
  return rowKernel({
    id: reduceId(config, 'team', `${tileTag(tile)}${subgroup > 0 ? `sg${subgroup}` : ''}`),
    geometry,
    compute,
    types: [x.type, y.type],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, tile.vector) },
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    prelude: [
      out(config, geometry),
      placeFunctions('x', geometry, placementOf(x)),
      ...resultPrelude(config, geometry),
      ...foldPrelude(config, geometry, compute),
    ],
    reductions: ['fold'],
    subgroup,
    body: WHOLE_BODY,
    maxGrid: config.maxGrid,
    ...reduceCost(config),
  });
}

/** Bytes of the scratch buffer: a number per chunk and row. */
export function foldWorkspace(config: FoldConfig): number {
  const space = reduceSpace(config);
  return chunksOf(space, config.tile) * space.kept * GPU_TYPE_BYTES[computeTypeOf(config.x)];
}

/** First of two launches. Bindings: x, partials. */
export function partialFold(config: FoldConfig): WgslKernel {
  const { x, tile } = config;
  const space = reduceSpace(config);
  const geometry: TeamGeometry = { space, tile, chunks: chunksOf(space, config.tile) };
  const compute = computeTypeOf(x);
  return rowKernel({
    id: splitFoldId(config),
    geometry,
    compute,
    types: [x.type],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, tile.vector) },
      { name: 'partials', access: 'read_write', element: 'Acc' },
    ],
    prelude: [placeFunctions('x', geometry, placementOf(x)), ...foldPrelude(config, geometry, compute)],
    reductions: ['fold'],
    body: PARTIAL_BODY,
    maxGrid: config.maxGrid,
    ...reduceCost(config),
  });
}

/** Second of two launches. Bindings: partials, y. */
export function combineFold(config: FoldConfig): WgslKernel {
  const { x, y, tile, maxGrid } = config;
  const space = reduceSpace(config);
  const geometry: TeamGeometry = { space, tile, chunks: chunksOf(space, config.tile) };
  const compute = computeTypeOf(x);
  const { grid, gridX } = foldedGrid(unitsOf(space, tile.vector).kept, maxGrid);
  const list = [
    { name: 'partials', access: 'read', element: 'Acc' },
    { name: 'y', access: 'read_write', element: 'Out' },
  ] as const;
  return {
    id: reduceId(config, 'combine', `t${COMBINERS}`),
    wgsl: kernelText(
      [y.type],
      [
        ...teamPrelude(geometry, compute, gridX),
        constants({ COMBINERS }),
        out(config, geometry),
        bindings(list),
        ...resultPrelude(config, geometry),
        ...foldPrelude(config, geometry, compute),
      ],
      COMBINE_BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [COMBINERS, 1, 1],
    grid,
    features: y.type === 'f16' ? ['f16'] : [],
    workgroupBytes: COMBINERS * (accumulatorOf(geometry, compute).startsWith('vec4') ? 16 : 4),
    ...reduceCost(config),
  };
}

/** The id of a split reduction: that of its first launch, which does the work. */
export function splitFoldId(config: FoldConfig): string {
  return reduceId(config, 'split', tileTag(config.tile));
}
