/**
 * Normalisation of few long rows: each row is split into chunks, a workgroup each, in three launches.
 * 1. `partial` reads a chunk into registers and writes its mean (a rounded one and the correction of its rounding)
 *    and the sum of squares about it.
 * 2. `combine` merges a row's chunks (Chan, Golub and LeVeque 1979, pairwise update): means are taken relative to
 *    the first chunk's, so that a mean much larger than the deviation costs no digits.
 * 3. `apply` reads each chunk again and writes the result, last chunks first: those are still in the cache.
 *
 * Statistics lie as [statistic][chunk][row].
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { placementOf } from '../reduce/row-space.js';
import { accumulatorOf, foldFunction, placeFunctions, rowKernel } from '../reduce/team.js';
import { chunksOf, tileTag, unitsOf } from '../reduce/tile.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  epilogueBindings,
  epiloguePrelude,
  inputBinding,
  methodPrelude,
  normalizeCost,
  normalizeId,
  normalizeSpace,
  typesOf,
  type NormalizeConfig,
} from './config.js';

const PARTIAL_BODY = /* wgsl */ `
/** Elements of each row in a chunk. */
fn count_of(first: u32) -> V {
  var count = V(0.0);
  for (var i = 0u; i < STEPS; i++) { count += select(V(0.0), V(1.0), row_mask(first + i * TEAM)); }
  return count;
}

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
  var count = Acc(0.0);
  var mean = Acc(0.0);
  var drift = Acc(0.0);
  if (CENTRED) {
    var total = V(0.0);
    for (var i = 0u; i < STEPS; i++) { total += select(V(0.0), v[i], row_mask(first + i * TEAM)); }
    // At least 1: a chunk of nothing but padding has no mean.
    count = team_sum(fold_sum(count_of(first)), lane);
    mean = team_sum(fold_sum(total), lane) / max(count, Acc(1.0));
    total = V(0.0);
    for (var i = 0u; i < STEPS; i++) { total += select(V(0.0), v[i] - V(mean), row_mask(first + i * TEAM)); }
    drift = team_sum(fold_sum(total), lane) / max(count, Acc(1.0));
  }
  var power = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    power += select(V(0.0), magnitude(v[i] - V(mean) - V(drift)), row_mask(first + i * TEAM));
  }
  let power_total = team_sum(fold_sum(power), lane);
  if (k < KEPT && chunk < CHUNKS && member == 0u) {
    let at = chunk * KEPT + k;
    partials[at] = count;
    partials[at + CHUNKS * KEPT] = mean;
    partials[at + 2u * CHUNKS * KEPT] = drift;
    partials[at + 3u * CHUNKS * KEPT] = power_total;
  }
}
`;

const COMBINE_BODY = /* wgsl */ `
var<workgroup> scratch: array<Acc, WORKGROUP>;

fn team_sum(value: Acc, lane: u32) -> Acc {
  scratch[lane] = value;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { scratch[lane] += scratch[lane + half]; }
  }
  workgroupBarrier();
  let total = scratch[0];
  workgroupBarrier();
  return total;
}

/** A chunk's mean, relative to the first chunk's. */
fn relative_mean(at: u32, base: Acc) -> Acc {
  return (partials[at + CHUNKS * KEPT] - base) + partials[at + 2u * CHUNKS * KEPT];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let row = min(k, KEPT - 1u);
  let base = partials[CHUNKS * KEPT + row];
  var shift = Acc(0.0);
  if (CENTRED) {
    var weighted = Acc(0.0);
    for (var chunk = lane; chunk < CHUNKS; chunk += WORKGROUP) {
      let at = chunk * KEPT + row;
      weighted += partials[at] * relative_mean(at, base);
    }
    shift = team_sum(weighted, lane) * RECIPROCAL;
  }
  var power = Acc(0.0);
  for (var chunk = lane; chunk < CHUNKS; chunk += WORKGROUP) {
    let at = chunk * KEPT + row;
    power += partials[at + 3u * CHUNKS * KEPT];
    if (CENTRED) {
      let off = relative_mean(at, base) - shift;
      power += partials[at] * off * off;
    }
  }
  let factor = factor_of(team_sum(power, lane));
  if (lane == 0u && k < KEPT) {
    rows[k] = select(Acc(0.0), base, CENTRED);
    rows[k + KEPT] = shift;
    rows[k + 2u * KEPT] = factor;
  }
}
`;

const APPLY_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS * CHUNKS) { return; }
  let chunk = CHUNKS - 1u - group / GROUPS;
  let k = group % GROUPS * LANES + slot_of(lane);
  if (k >= KEPT) { return; }
  let origin = x_kept(k);
  let to = y_kept(k);
  let first = chunk * CHUNK + member;
  var v: array<V, STEPS>;
  for (var i = 0u; i < STEPS; i++) {
    v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
  }
  let base = V(rows[k]);
  let shift = V(rows[k + KEPT]);
  let factor = V(rows[k + 2u * KEPT]);
  for (var i = 0u; i < STEPS; i++) {
    let r = first + i * TEAM;
    if (r < ROW) {
      let value = ((v[i] - base) - shift) * factor * scale_at(k, r) + bias_at(k, r);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
`;

/** Invocations that merge a row's chunks. */
const COMBINERS = 128;

function chunks(config: NormalizeConfig): number {
  return chunksOf(normalizeSpace(config), config.tile);
}

/** Bytes of the scratch buffers: four statistics per chunk and row, three numbers per row. */
export function splitNormalizeWorkspace(config: NormalizeConfig): readonly number[] {
  const rows = normalizeSpace(config).kept * 4;
  return [4 * chunks(config) * rows, 3 * rows];
}

/** Bindings: x, partials. */
export function partialNormalize(config: NormalizeConfig): WgslKernel {
  const { x, tile } = config;
  const space = normalizeSpace(config);
  const geometry = { space, tile, chunks: chunks(config) };
  return rowKernel({
    id: normalizeId(config, 'partial', tileTag(tile)),
    geometry,
    compute: 'f32',
    types: [x.type],
    bindings: [inputBinding(config), { name: 'partials', access: 'read_write', element: 'Acc' }],
    prelude: [
      placeFunctions('x', geometry, placementOf(x)),
      ...methodPrelude(config, space),
      foldFunction('sum', geometry, 'a + b'),
    ],
    reductions: ['sum'],
    body: PARTIAL_BODY,
    maxGrid: config.maxGrid,
    ...normalizeCost(config),
  });
}

/** Bindings: partials, rows. */
export function combineNormalize(config: NormalizeConfig): WgslKernel {
  const { tile, maxGrid } = config;
  const space = normalizeSpace(config);
  const { kept } = unitsOf(space, tile.vector);
  const { grid, gridX } = foldedGrid(kept, maxGrid);
  const acc = accumulatorOf({ space, tile }, 'f32');
  const list = [
    { name: 'partials', access: 'read', element: 'Acc' },
    { name: 'rows', access: 'read_write', element: 'Acc' },
  ] as const;
  return {
    id: normalizeId(config, 'combine', `t${COMBINERS}`),
    wgsl: kernelText(
      [],
      [
        constants({ WORKGROUP: COMBINERS, GRID_X: gridX, KEPT: kept, CHUNKS: chunks(config) }),
        alias('Acc', acc),
        alias('V', acc),
        bindings(list),
        ...methodPrelude(config, space),
      ],
      COMBINE_BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [COMBINERS, 1, 1],
    grid,
    features: [],
    workgroupBytes: COMBINERS * (acc === 'f32' ? 4 : 16),
    ...normalizeCost(config),
  };
}

/** Bindings: x, rows, then as the epilogue has them. */
export function applyNormalize(config: NormalizeConfig): WgslKernel {
  const geometry = { space: normalizeSpace(config), tile: config.tile, chunks: chunks(config) };
  return rowKernel({
    id: splitNormalizeId(config),
    geometry,
    compute: 'f32',
    types: typesOf(config),
    bindings: [
      inputBinding(config),
      { name: 'rows', access: 'read', element: 'Acc' },
      ...epilogueBindings(config, geometry),
    ],
    prelude: epiloguePrelude(config, geometry),
    reductions: [],
    body: APPLY_BODY,
    maxGrid: config.maxGrid,
    ...normalizeCost(config),
  });
}

/** The id of a split normalisation: that of its last launch. */
export function splitNormalizeId(config: NormalizeConfig): string {
  return normalizeId(config, 'split', tileTag(config.tile));
}
