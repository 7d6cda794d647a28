/**
 * log(sum(exp(x))) over rows: the maximum and the sum relative to it in one pass (Milakov and Gimelshein 2018,
 * arXiv 1805.02867), so that exp neither overflows nor loses everything. Every element is read once.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { alias, constants } from '../wgsl.js';
import { reduceCost, reduceId, reduceSpace, resultPrelude, type ReduceConfig } from './config.js';
import { placementOf } from './row-space.js';
import {
  accumulatorWidth,
  foldFunction,
  placeFunctions,
  rowKernel,
  vectorOf,
  type TeamGeometry,
} from './team.js';
import { tileTag } from './tile.js';

const BODY = /* wgsl */ `
/** exp(v - top), also where both are infinite. */
fn relative(v: V, top: V) -> V { return select(exp(v - top), V(1.0), v == top); }

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
    sum *= relative(peak, higher);
    for (var i = 0u; i < STEPS; i++) {
      sum += select(V(0.0), relative(v[i], higher), row_mask(first + i * TEAM));
    }
    peak = higher;
  }
  let top = team_max(fold_max(peak), lane);
  let total = team_sum(fold_sum(sum * relative(peak, V(top))), lane);
  if (member == 0u && k < KEPT && stored(k)) { y[y_kept(k)] = Out(zero_padding(k, top + log(total))); }
}
`;

export function logSumExpKernel(config: ReduceConfig): WgslKernel {
  const { x, y, tile } = config;
  const geometry: TeamGeometry = { space: reduceSpace(config), tile };
  return rowKernel({
    id: reduceId(config, 'team', tileTag(tile)),
    geometry,
    compute: 'f32',
    types: [x.type, y.type],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, tile.vector) },
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    prelude: [
      alias('Out', vectorOf(y.type, accumulatorWidth(geometry))),
      constants({ LOWEST: { f32: -3.4028234663852886e38 } }),
      placeFunctions('x', geometry, placementOf(x)),
      ...resultPrelude(config, geometry),
      foldFunction('max', geometry, 'max(a, b)'),
      foldFunction('sum', geometry, 'a + b'),
    ],
    reductions: ['max', 'sum'],
    body: BODY,
    maxGrid: config.maxGrid,
    ...reduceCost(config),
  });
}
