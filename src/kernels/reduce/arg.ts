/** ArgMax and ArgMin: where along an axis a row's extreme stands. A team runs along the row, then agrees. */
import type { WgslKernel } from '../../devices/gpu.js';
import { constants } from '../wgsl.js';
import {
  computeTypeOf,
  reduceCost,
  reduceId,
  placePrelude,
  reduceSpace,
  type ReduceConfig,
} from './config.js';
import { BEST_WGSL, orderFunction } from './order.js';
import { placementOf } from './row-space.js';
import { placeFunctions, rowKernel, type TeamGeometry } from './team.js';
import { tileTag } from './tile.js';

/** With single elements as units, and y of i32. */
export interface ArgConfig extends ReduceConfig {
  readonly extreme: 'max' | 'min';
  /** Among equals, the last instead of the first. */
  readonly last: boolean;
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
      if (row_mask(r)) { best = pair_best(best, Best(key_of(v[i]), r)); }
    }
  }
  let result = team_best(best, lane);
  if (member == 0u && k < KEPT && stored(k)) {
    y[y_kept(k)] = select(0i, i32(result.rank), kept_mask(k));
  }
}
`;

export function argKernel(config: ArgConfig): WgslKernel {
  const { x, tile, extreme, last } = config;
  const geometry: TeamGeometry = { space: reduceSpace(config), tile };
  const compute = computeTypeOf(x);
  return rowKernel({
    id: reduceId(config, 'team', tileTag(tile)),
    geometry,
    compute,
    accumulator: { type: 'Best', bytes: 8 },
    types: [x.type],
    bindings: [
      { name: 'x', access: 'read', element: x.type },
      { name: 'y', access: 'read_write', element: 'i32' },
    ],
    prelude: [
      constants({ LAST: last, WORST_RANK: last ? 0 : 0xffffffff }),
      placeFunctions('x', geometry, placementOf(x)),
      ...placePrelude(config, geometry),
      orderFunction(compute, extreme === 'max' ? 'largest' : 'smallest-or-nan'),
      BEST_WGSL,
    ],
    reductions: ['best'],
    body: BODY,
    maxGrid: config.maxGrid,
    ...reduceCost(config),
  });
}
