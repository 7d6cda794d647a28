/**
 * TopK: the k first elements of each row in order, with their indices. Two ways:
 *
 * - `sort`: a workgroup sorts a row that fits in workgroup memory (bitonic network, Batcher 1968), keys paired
 *   with indices so that equal elements stay in order, and writes the first k.
 * - `select`: k times, a team looks for the best element after the last one found; for rows of any length. Reads
 *   the row k times, from the cache if it fits.
 */
import type { GpuLimits, GpuType, WgslKernel } from '../../devices/gpu.js';
import { idealBytes, type TensorView } from '../view.js';
import { constants, layoutTag } from '../wgsl.js';
import { computeTypeOf, reduceSpace } from './config.js';
import { BEST_WGSL, orderFunction } from './order.js';
import { placementOf, segmentsExpression, segmentsOf } from './row-space.js';
import { placeFunctions, rowKernel, type TeamGeometry } from './team.js';
import { tileTag, type TeamTile } from './tile.js';

export interface TopKConfig {
  readonly x: TensorView;
  /** Like x, with k elements along the axis; not blocked. */
  readonly values: TensorView;
  /** Of i32, otherwise like `values`. */
  readonly indices: TensorView;
  readonly axis: number;
  readonly k: number;
  readonly largest: boolean;
  readonly flops: number;
  readonly maxGrid: number;
}

const SORT_BODY = /* wgsl */ `
var<workgroup> items: array<Best, ITEMS>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let origin = x_kept(min(k, KEPT - 1u));
  for (var i = lane; i < ITEMS; i += WORKGROUP) {
    // What fills up the power of two comes after every element.
    var item = Best(0u, 0xffffffffu);
    if (row_mask(i)) { item = Best(key_of(V(x[origin + x_row(i)])), i); }
    items[i] = item;
  }
  for (var size = 2u; size <= ITEMS; size *= 2u) {
    for (var gap = size / 2u; gap > 0u; gap /= 2u) {
      workgroupBarrier();
      for (var i = lane; i < ITEMS / 2u; i += WORKGROUP) {
        let low = 2u * i - (i & (gap - 1u));
        let a = items[low];
        let b = items[low + gap];
        let first = pair_best(a, b);
        let swap = first.rank != a.rank || first.key != a.key;
        if (swap == ((low & size) == 0u)) {
          items[low] = b;
          items[low + gap] = a;
        }
      }
    }
  }
  workgroupBarrier();
  if (k >= KEPT) { return; }
  for (var i = lane; i < COUNT; i += WORKGROUP) {
    let r = items[i].rank;
    values[values_of(k, i)] = x[origin + x_row(r)];
    indices[indices_of(k, i)] = i32(r);
  }
}
`;

const SELECT_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var last = Best(0u, 0u);
  for (var i = 0u; i < COUNT; i++) {
    var best = Best(0u, 0xffffffffu);
    for (var r = member; r < ROW; r += TEAM) {
      let item = Best(key_of(V(x[origin + x_row(r)])), r);
      let after = item.key < last.key || (item.key == last.key && item.rank > last.rank);
      if (row_mask(r) && (i == 0u || after)) { best = pair_best(best, item); }
    }
    last = team_best(best, lane);
    if (member == 0u && k < KEPT) {
      values[values_of(k, i)] = x[origin + x_row(last.rank)];
      indices[indices_of(k, i)] = i32(last.rank);
    }
  }
}
`;

/** Items that the sort holds for a row: the next power of two. */
export function sortItems(row: number): number {
  return 2 ** Math.max(1, Math.ceil(Math.log2(row)));
}

/** Bytes of an item. */
const ITEM_BYTES = 8;

/** Whether a row fits in workgroup memory. */
export function fitsSort(row: number, { maxWorkgroupBytes }: GpuLimits): boolean {
  return sortItems(row) * ITEM_BYTES <= maxWorkgroupBytes;
}

function prelude(config: TopKConfig, geometry: TeamGeometry): string[] {
  const { x, k, axis, largest } = config;
  const place = (name: 'values' | 'indices'): string => {
    const placement = placementOf(config[name]);
    const kept = segmentsExpression(segmentsOf(geometry.space, 'kept', placement), 'k', placement.offset);
    return `fn ${name}_of(k: u32, i: u32) -> u32 { return ${kept} + i * ${placement.strides[axis]}u; }\n`;
  };
  return [
    constants({ COUNT: k, LAST: false }),
    placeFunctions('x', geometry, placementOf(x)),
    place('values'),
    place('indices'),
    orderFunction(computeTypeOf(x), largest ? 'largest' : 'smallest'),
    BEST_WGSL,
  ];
}

/** @param tile for `select`; without one, `sort` */
export function topKKernel(config: TopKConfig, limits: GpuLimits, tile?: TeamTile): WgslKernel {
  const { x, values, indices } = config;
  const space = reduceSpace({ x, axes: [config.axis] });
  const items = sortItems(space.row);
  const threads = Math.min(256, limits.maxInvocations, items / 2);
  const geometry: TeamGeometry = { space, tile: tile ?? { vector: 1, team: threads, lanes: 1, steps: 1 } };
  const types: GpuType[] = [x.type];
  const kernel = rowKernel({
    id: `topk_${layoutTag(x.layout)}_${tile ? 'select' : 'sort'}_${tile ? tileTag(tile) : `n${items}`}_${x.type}`,
    geometry,
    compute: computeTypeOf(x),
    accumulator: { type: 'Best', bytes: ITEM_BYTES },
    types,
    bindings: [
      { name: 'x', access: 'read', element: x.type },
      { name: 'values', access: 'read_write', element: values.type },
      { name: 'indices', access: 'read_write', element: indices.type },
    ],
    prelude: [...(tile ? [] : [constants({ ITEMS: items })]), ...prelude(config, geometry)],
    reductions: tile ? ['best'] : [],
    body: tile ? SELECT_BODY : SORT_BODY,
    maxGrid: config.maxGrid,
    flops: config.flops,
    bytes: idealBytes(x) + idealBytes(values) + idealBytes(indices),
  });
  return tile ? kernel : { ...kernel, workgroupBytes: items * ITEM_BYTES };
}
