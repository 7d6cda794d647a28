/**
 * Softmax of few long rows: each row is split into chunks, a workgroup each, in three launches.
 * 1. `partial` reads a chunk into registers and writes its maximum and the sum of exp(x - maximum).
 * 2. `combine` merges the chunks' pairs of a row (the merge of Milakov and Gimelshein 2018, arXiv 1805.02867,
 *    section 3.1, which is associative) into the maximum and the sum's inverse or logarithm.
 * 3. `apply` reads each chunk again and writes the result, last chunks first: those are still in the cache.
 *
 * The pairs lie as [chunk][row], so that all three launches touch them contiguously.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { accumulatorOf, foldFunction, placeFunctions, rowKernel, vectorOf } from '../reduce/team.js';
import { chunksOf, tileTag, unitsOf } from '../reduce/tile.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  LOWEST,
  softmaxCost,
  softmaxId,
  softmaxPlacements,
  softmaxSpace,
  type SoftmaxConfig,
  type SoftmaxTileConfig,
} from './config.js';

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
  var peak = V(LOWEST);
  for (var i = 0u; i < STEPS; i++) {
    peak = max(peak, select(V(LOWEST), v[i], row_mask(first + i * TEAM)));
  }
  let top = team_max(fold_max(peak), lane);
  var sum = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    sum += select(V(0.0), exp(v[i] - V(top)), row_mask(first + i * TEAM));
  }
  let total = team_sum(fold_sum(sum), lane);
  if (k < KEPT && chunk < CHUNKS && member == 0u) {
    peaks[chunk * KEPT + k] = top;
    sums[chunk * KEPT + k] = total;
  }
}
`;

const COMBINE_BODY = /* wgsl */ `
var<workgroup> tops: array<Acc, WORKGROUP>;
var<workgroup> totals: array<Acc, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let row = min(k, KEPT - 1u);
  var top = Acc(LOWEST);
  var total = Acc(0.0);
  for (var chunk = lane; chunk < CHUNKS; chunk += WORKGROUP) {
    let peak = peaks[chunk * KEPT + row];
    let higher = max(top, peak);
    total = total * exp(top - higher) + sums[chunk * KEPT + row] * exp(peak - higher);
    top = higher;
  }
  tops[lane] = top;
  totals[lane] = total;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      let peak = tops[lane + half];
      let higher = max(top, peak);
      total = total * exp(top - higher) + totals[lane + half] * exp(peak - higher);
      top = higher;
      tops[lane] = top;
      totals[lane] = total;
    }
  }
  if (lane == 0u && k < KEPT) {
    maxima[k] = top;
    finals[k] = select(Acc(1.0) / total, log(total), LOG);
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
  let top = V(maxima[k]);
  let last = V(finals[k]);
  for (var i = 0u; i < STEPS; i++) {
    let r = first + i * TEAM;
    if (r < ROW) {
      let below = v[i] - top;
      let value = select(exp(below) * last, below - last, LOG);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
`;

/** Chunks per row. */
export function softmaxChunks({ x, axes, tile }: Pick<SoftmaxTileConfig, 'x' | 'axes' | 'tile'>): number {
  return chunksOf(softmaxSpace(x, axes), tile);
}

/** Bytes of the scratch buffers: peaks and sums per chunk and row, maxima and finals per row. */
export function splitSoftmaxWorkspace(
  config: Pick<SoftmaxTileConfig, 'x' | 'axes' | 'tile'>,
): readonly number[] {
  const rows = softmaxSpace(config.x, config.axes).kept * 4;
  const pairs = softmaxChunks(config) * rows;
  return [pairs, pairs, rows, rows];
}

/** Bindings: x, peaks, sums. */
export function partialSoftmax(config: SoftmaxTileConfig): WgslKernel {
  const { x, axes, tile } = config;
  const geometry = { space: softmaxSpace(x, axes), tile, chunks: softmaxChunks(config) };
  return rowKernel({
    id: softmaxId(config, 'partial', tileTag(tile)),
    geometry,
    compute: 'f32',
    types: [x.type],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, tile.vector) },
      { name: 'peaks', access: 'read_write', element: 'Acc' },
      { name: 'sums', access: 'read_write', element: 'Acc' },
    ],
    prelude: [
      constants({ LOWEST: { f32: LOWEST } }),
      placeFunctions('x', geometry, softmaxPlacements(x, x).x),
      foldFunction('max', geometry, 'max(a, b)'),
      foldFunction('sum', geometry, 'a + b'),
    ],
    reductions: ['max', 'sum'],
    body: PARTIAL_BODY,
    maxGrid: config.maxGrid,
    ...softmaxCost(config),
  });
}

/** Invocations that merge a row's chunks. */
const COMBINERS = 128;

/** Bindings: peaks, sums, maxima, finals. */
export function combineSoftmax(config: SoftmaxTileConfig): WgslKernel {
  const { x, axes, tile, log } = config;
  const geometry = { space: softmaxSpace(x, axes), tile };
  const kept = unitsOf(geometry.space, tile.vector).kept;
  const { grid, gridX } = foldedGrid(kept, config.maxGrid);
  const acc = accumulatorOf(geometry, 'f32');
  const list = [
    { name: 'peaks', access: 'read', element: 'Acc' },
    { name: 'sums', access: 'read', element: 'Acc' },
    { name: 'maxima', access: 'read_write', element: 'Acc' },
    { name: 'finals', access: 'read_write', element: 'Acc' },
  ] as const;
  return {
    id: softmaxId(config, 'combine', `t${COMBINERS}`),
    wgsl: kernelText(
      [],
      [
        constants({
          WORKGROUP: COMBINERS,
          GRID_X: gridX,
          KEPT: kept,
          CHUNKS: softmaxChunks(config),
          LOG: log,
          LOWEST: { f32: LOWEST },
        }),
        alias('Acc', acc),
        bindings(list),
      ],
      COMBINE_BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [COMBINERS, 1, 1],
    grid,
    features: [],
    workgroupBytes: 2 * COMBINERS * (acc === 'f32' ? 4 : 16),
    ...softmaxCost(config),
  };
}

/** Bindings: x, maxima, finals, y. */
export function applySoftmax(config: SoftmaxTileConfig): WgslKernel {
  const { x, y, axes, log, tile } = config;
  const geometry = { space: softmaxSpace(x, axes), tile, chunks: softmaxChunks(config) };
  const placements = softmaxPlacements(x, y);
  return rowKernel({
    id: softmaxId(config, 'split', tileTag(tile)),
    geometry,
    compute: 'f32',
    types: [x.type, y.type],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, tile.vector) },
      { name: 'maxima', access: 'read', element: 'Acc' },
      { name: 'finals', access: 'read', element: 'Acc' },
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    prelude: [
      alias('Out', vectorOf(y.type, tile.vector)),
      constants({ LOG: log }),
      placeFunctions('x', geometry, placements.x),
      placeFunctions('y', geometry, placements.y),
    ],
    reductions: [],
    body: APPLY_BODY,
    maxGrid: config.maxGrid,
    ...softmaxCost(config),
  });
}

/** The id of a split softmax: that of its last launch. */
export function splitSoftmaxId(config: SoftmaxConfig, tile: SoftmaxTileConfig['tile']): string {
  return softmaxId(config, 'split', tileTag(tile));
}
