/**
 * Softmax of rows that fit in a team's registers: every element is read once and written once (the paper's fused
 * softmax, section V.B, with the team as wide as the row needs). Each member of a team loads STEPS units, all
 * independent of each other, before the first reduction; maximum and sum go across the team.
 *
 * Memory: where rows are contiguous, neighbouring members load neighbouring vectors; where they are strided,
 * neighbouring lanes do, each for its own row or rows.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { foldFunction, placeFunctions, rowKernel, vectorOf } from '../reduce/team.js';
import { tileTag } from '../reduce/tile.js';
import { alias, constants } from '../wgsl.js';
import {
  LOWEST,
  softmaxCost,
  softmaxId,
  softmaxPlacements,
  softmaxSpace,
  type SoftmaxTileConfig,
} from './config.js';

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var v: array<V, STEPS>;
  // Loads past the row's end repeat its last unit and are masked afterwards: no branch keeps loads apart.
  for (var i = 0u; i < STEPS; i++) {
    v[i] = V(x[origin + x_row(min(member + i * TEAM, ROW - 1u))]);
  }
  var peak = V(LOWEST);
  for (var i = 0u; i < STEPS; i++) {
    peak = max(peak, select(V(LOWEST), v[i], row_mask(member + i * TEAM)));
  }
  let top = V(team_max(fold_max(peak), lane));
  var sum = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    let mask = row_mask(member + i * TEAM);
    if (LOG) {
      v[i] = v[i] - top;
      sum += select(V(0.0), exp(v[i]), mask);
    } else {
      v[i] = select(V(0.0), exp(v[i] - top), mask);
      sum += v[i];
    }
  }
  let total = team_sum(fold_sum(sum), lane);
  if (k >= KEPT) { return; }
  let to = y_kept(k);
  let scale = V(1.0 / total);
  let shift = V(log(total));
  for (var i = 0u; i < STEPS; i++) {
    let r = member + i * TEAM;
    if (r < ROW) {
      let value = select(v[i] * scale, v[i] - shift, LOG);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
`;

export function residentSoftmax(config: SoftmaxTileConfig): WgslKernel {
  const { x, y, axes, log, tile, subgroup = 0 } = config;
  const space = softmaxSpace(x, axes);
  const geometry = { space, tile };
  const placements = softmaxPlacements(x, y);
  const tag = `${tileTag(tile)}${subgroup > 0 ? `sg${subgroup}` : ''}`;
  return rowKernel({
    id: softmaxId(config, 'resident', tag),
    geometry,
    compute: 'f32',
    types: [x.type, y.type],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, tile.vector) },
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    prelude: [
      alias('Out', vectorOf(y.type, tile.vector)),
      constants({ LOG: log, LOWEST: { f32: LOWEST } }),
      placeFunctions('x', geometry, placements.x),
      placeFunctions('y', geometry, placements.y),
      foldFunction('max', geometry, 'max(a, b)'),
      foldFunction('sum', geometry, 'a + b'),
    ],
    reductions: ['max', 'sum'],
    subgroup,
    body: BODY,
    maxGrid: config.maxGrid,
    ...softmaxCost(config),
  });
}
