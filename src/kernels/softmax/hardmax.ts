/**
 * Hardmax: 1 at each row's first maximum, 0 elsewhere. A team finds the place of the maximum, then writes the
 * row; every element is read once and written once.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { sizeOf } from '../../tensor/index.js';
import { BEST_WGSL, orderFunction } from '../reduce/order.js';
import { placementOf, rankPlacement, segmentsExpression, segmentsOf } from '../reduce/row-space.js';
import { placeFunctions, rowKernel } from '../reduce/team.js';
import { tileTag, type TeamTile } from '../reduce/tile.js';
import { idealBytes, type TensorView } from '../view.js';
import { alias, constants, layoutTag } from '../wgsl.js';
import { softmaxSpace } from './config.js';

export interface HardmaxConfig {
  readonly x: TensorView;
  /** Same dims and layout as `x`. */
  readonly y: TensorView;
  /** Axes that a row spans: which maximum is the first goes by their row-major order. */
  readonly axes: readonly number[];
  /** With single elements as units. */
  readonly tile: TeamTile;
  readonly maxGrid: number;
}

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var best = Best(0u, WORST_RANK);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      if (row_mask(r)) { best = pair_best(best, Best(key_of(v[i]), rank_of(r))); }
    }
  }
  let hot = team_best(best, lane).rank;
  if (k >= KEPT) { return; }
  let to = y_kept(k);
  for (var r = member; r < ROW; r += TEAM) {
    let one = row_mask(r) & kept_mask(k) & (rank_of(r) == hot);
    y[to + y_row(r)] = Out(select(0.0, 1.0, one));
  }
}
`;

export function hardmaxKernel({ x, y, axes, tile, maxGrid }: HardmaxConfig): WgslKernel {
  const space = softmaxSpace(x, axes);
  const geometry = { space, tile };
  const ranks = segmentsOf(space, 'row', rankPlacement(x.dims, axes));
  return rowKernel({
    id: `hardmax_${layoutTag(x.layout)}_team_${tileTag(tile)}_${y.type}`,
    geometry,
    compute: 'f32',
    accumulator: { type: 'Best', bytes: 8 },
    types: [x.type, y.type],
    bindings: [
      { name: 'x', access: 'read', element: x.type },
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    prelude: [
      alias('Out', y.type),
      constants({ LAST: false, WORST_RANK: 0xffffffff }),
      placeFunctions('x', geometry, placementOf(x)),
      placeFunctions('y', geometry, placementOf(y)),
      `fn rank_of(r: u32) -> u32 { return ${segmentsExpression(ranks, 'r')}; }\n`,
      orderFunction('f32', 'largest'),
      BEST_WGSL,
    ],
    reductions: ['best'],
    body: BODY,
    maxGrid,
    flops: sizeOf(y.dims),
    bytes: idealBytes(x) + idealBytes(y),
  });
}
