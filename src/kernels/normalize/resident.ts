/**
 * Normalisation of rows that fit in a team's registers: every element is read once and written once. The mean
 * comes first, then the elements' distances from it, whose own mean corrects the first one's rounding (the
 * corrected two-pass algorithm, Chan, Golub and LeVeque 1983): a mean much larger than the deviation costs no
 * digits. Layer, instance, group and mean-variance normalisation, root mean square and Lp norms are one kernel.
 *
 * Memory: as in the resident softmax, coalesced in either form of team; parameters come through the caches.
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
  var v: array<V, STEPS>;
  // Loads past the row's end repeat its last unit and are masked afterwards: no branch keeps loads apart.
  for (var i = 0u; i < STEPS; i++) {
    v[i] = V(x[origin + x_row(min(member + i * TEAM, ROW - 1u))]);
  }
  var total = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    v[i] = select(V(0.0), v[i], row_mask(member + i * TEAM));
    total += v[i];
  }
  var mean = Acc(0.0);
  if (CENTRED) {
    mean = team_sum(fold_sum(total), lane) * RECIPROCAL;
    total = V(0.0);
    for (var i = 0u; i < STEPS; i++) {
      v[i] = select(V(0.0), v[i] - V(mean), row_mask(member + i * TEAM));
      total += v[i];
    }
    let drift = team_sum(fold_sum(total), lane) * RECIPROCAL;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = select(V(0.0), v[i] - V(drift), row_mask(member + i * TEAM));
    }
    mean += drift;
  }
  total = V(0.0);
  for (var i = 0u; i < STEPS; i++) { total += magnitude(v[i]); }
  let factor = factor_of(team_sum(fold_sum(total), lane));
  if (k >= KEPT) { return; }
  if (member == 0u) { put_statistics(k, mean, factor); }
  let to = y_kept(k);
  for (var i = 0u; i < STEPS; i++) {
    let r = member + i * TEAM;
    if (r < ROW) {
      let value = v[i] * V(factor) * scale_at(k, r) + bias_at(k, r);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
`;

export function residentNormalize(config: NormalizeConfig): WgslKernel {
  const { tile, subgroup = 0 } = config;
  const space = normalizeSpace(config);
  const geometry = { space, tile };
  return rowKernel({
    id: normalizeId(config, 'resident', `${tileTag(tile)}${subgroup > 0 ? `sg${subgroup}` : ''}`),
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
