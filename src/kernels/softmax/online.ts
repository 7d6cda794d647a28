/**
 * Softmax of rows of any length by one workgroup each, in two passes: maximum and sum in one (Milakov and
 * Gimelshein 2018, arXiv 1805.02867: the sum is rescaled when the maximum grows), then the results. Reads every
 * element twice, the second time from the cache if the rows in flight fit there.
 *
 * Memory: STEPS independent loads per invocation at a time, neighbouring as in the resident kernel.
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
  var peak = V(LOWEST);
  var sum = V(0.0);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    var higher = peak;
    for (var i = 0u; i < STEPS; i++) {
      higher = max(higher, select(V(LOWEST), v[i], row_mask(first + i * TEAM)));
    }
    sum *= exp(peak - higher);
    for (var i = 0u; i < STEPS; i++) {
      sum += select(V(0.0), exp(v[i] - higher), row_mask(first + i * TEAM));
    }
    peak = higher;
  }
  let top = V(team_max(fold_max(peak), lane));
  let total = team_sum(fold_sum(sum * exp(peak - top)), lane);
  if (k >= KEPT) { return; }
  let to = y_kept(k);
  let scale = V(1.0 / total);
  let shift = V(log(total));
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      if (r < ROW) {
        let below = v[i] - top;
        let value = select(exp(below) * scale, below - shift, LOG);
        y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
      }
    }
  }
}
`;

export function onlineSoftmax(config: SoftmaxTileConfig): WgslKernel {
  const { x, y, axes, log, tile, subgroup = 0 } = config;
  const geometry = { space: softmaxSpace(x, axes), tile };
  const placements = softmaxPlacements(x, y);
  const tag = `${tileTag(tile)}${subgroup > 0 ? `sg${subgroup}` : ''}`;
  return rowKernel({
    id: softmaxId(config, 'online', tag),
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
