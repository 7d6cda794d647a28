/**
 * Normalisation of rows of any length by one workgroup each, in three passes over the row: the mean; distances
 * from it and their squares (whose sums correct the mean and give the variance without cancellation); the result.
 * The later passes read from the cache if the rows in flight fit there.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { foldFunction, rowKernel } from '../reduce/team.js';
import { tileTag } from '../reduce/tile.js';
import {
  epilogueBindings,
  epiloguePrelude,
  inputBinding,
  methodPrelude,
  normalizeCost,
  normalizeId,
  normalizeSpace,
  statisticsBindings,
  statisticsPrelude,
  typesOf,
  type NormalizeConfig,
} from './config.js';

const BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var mean = Acc(0.0);
  if (CENTRED) {
    var total = V(0.0);
    for (var first = member; first < ROW; first += TEAM * STEPS) {
      for (var i = 0u; i < STEPS; i++) {
        let r = first + i * TEAM;
        total += select(V(0.0), V(x[origin + x_row(min(r, ROW - 1u))]), row_mask(r));
      }
    }
    mean = team_sum(fold_sum(total), lane) * RECIPROCAL;
  }
  var distances = V(0.0);
  var magnitudes = V(0.0);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      let distance = select(V(0.0), V(x[origin + x_row(min(r, ROW - 1u))]) - V(mean), row_mask(r));
      distances += distance;
      magnitudes += magnitude(distance);
    }
  }
  var power = team_sum(fold_sum(magnitudes), lane);
  var drift = Acc(0.0);
  if (CENTRED) {
    let off = team_sum(fold_sum(distances), lane);
    drift = off * RECIPROCAL;
    power = max(Acc(0.0), power - off * drift);
  }
  let factor = factor_of(power);
  if (k >= KEPT) { return; }
  if (member == 0u) { put_statistics(k, mean + drift, factor); }
  let to = y_kept(k);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      if (r < ROW) {
        let distance = (V(x[origin + x_row(r)]) - V(mean)) - V(drift);
        let value = distance * V(factor) * scale_at(k, r) + bias_at(k, r);
        y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
      }
    }
  }
}
`;

export function streamingNormalize(config: NormalizeConfig): WgslKernel {
  const { tile, subgroup = 0 } = config;
  const space = normalizeSpace(config);
  const geometry = { space, tile };
  return rowKernel({
    id: normalizeId(config, 'streaming', `${tileTag(tile)}${subgroup > 0 ? `sg${subgroup}` : ''}`),
    geometry,
    compute: 'f32',
    types: typesOf(config),
    bindings: [inputBinding(config), ...epilogueBindings(config, geometry), ...statisticsBindings(config)],
    prelude: [
      ...epiloguePrelude(config, geometry),
      statisticsPrelude(config, geometry),
      ...methodPrelude(config, space),
      foldFunction('sum', geometry, 'a + b'),
    ],
    reductions: ['sum'],
    subgroup,
    body: BODY,
    maxGrid: config.maxGrid,
    ...normalizeCost(config),
  });
}
