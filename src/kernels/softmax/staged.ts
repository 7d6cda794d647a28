/**
 * Softmax of many short contiguous rows (10 classes): a workgroup copies a block of whole rows into workgroup
 * memory with vector loads, each invocation then keeps one row at a time in registers, and the block goes back
 * the same way. Every element is read once and written once, all of it coalesced whatever the row's length.
 *
 * Rows lie in workgroup memory at an odd pitch, so that lanes that read the same column use different banks.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import { segmentsOf, type RowSpace } from '../reduce/row-space.js';
import { vectorOf } from '../reduce/team.js';
import { alias, bindings, constants, foldedGrid, kernelText } from '../wgsl.js';
import {
  LOWEST,
  softmaxCost,
  softmaxId,
  softmaxPlacements,
  softmaxSpace,
  type SoftmaxConfig,
} from './config.js';

/** Longest row that an invocation keeps in registers. */
const LONGEST_ROW = 32;
/** Elements per invocation that make the copy efficient: at least two vector loads. */
const WANTED_ELEMENTS = 8;

export interface StagedSoftmaxConfig extends SoftmaxConfig {
  /** Invocations per workgroup: a multiple of 4. */
  readonly threads: number;
  /** Rows of each invocation. */
  readonly rowsEach: number;
}

const BODY = /* wgsl */ `
var<workgroup> tile: array<f32, TILE>;

fn place(e: u32) -> u32 { return e + e / ROW * SKEW; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.x + wid.y * GRID_X) * UNITS;
  for (var i = 0u; i < LOADS; i++) {
    let u = lane + i * WORKGROUP;
    if (u < UNITS) {
      put(u, V(x[min(first + u, COUNT - 1u)]));
    }
  }
  workgroupBarrier();
  for (var n = 0u; n < ROWS_EACH; n++) {
    let base = (lane + n * WORKGROUP) * (ROW + SKEW);
    var v: array<f32, ROW>;
    var top = LOWEST;
    for (var r = 0u; r < ROW; r++) {
      v[r] = tile[base + r];
      top = max(top, v[r]);
    }
    var sum = 0.0;
    for (var r = 0u; r < ROW; r++) {
      let e = exp(v[r] - top);
      v[r] = select(e, v[r] - top, LOG);
      sum += e;
    }
    let last = select(1.0 / sum, log(sum), LOG);
    for (var r = 0u; r < ROW; r++) { tile[base + r] = select(v[r] * last, v[r] - last, LOG); }
  }
  workgroupBarrier();
  for (var i = 0u; i < LOADS; i++) {
    let u = lane + i * WORKGROUP;
    if (u < UNITS && first + u < COUNT) { y[first + u] = Out(take(u)); }
  }
}
`;

const VECTOR_UNITS = /* wgsl */ `
fn put(u: u32, v: vec4<f32>) {
  tile[place(u * 4u)] = v.x;
  tile[place(u * 4u + 1u)] = v.y;
  tile[place(u * 4u + 2u)] = v.z;
  tile[place(u * 4u + 3u)] = v.w;
}
fn take(u: u32) -> vec4<f32> {
  return vec4<f32>(
    tile[place(u * 4u)],
    tile[place(u * 4u + 1u)],
    tile[place(u * 4u + 2u)],
    tile[place(u * 4u + 3u)],
  );
}
`;

const SCALAR_UNITS = /* wgsl */ `
fn put(u: u32, v: f32) { tile[place(u)] = v; }
fn take(u: u32) -> f32 { return tile[place(u)]; }
`;

/** Whether rows lie one after another without gaps and are short enough. */
export function isStagedSoftmax(space: RowSpace, config: Pick<SoftmaxConfig, 'x' | 'y'>): boolean {
  if (space.inner !== 'row' || space.row > LONGEST_ROW || space.padding) return false;
  const placements = softmaxPlacements(config.x, config.y);
  return [placements.x, placements.y].every((placement) => {
    const row = segmentsOf(space, 'row', placement);
    const kept = segmentsOf(space, 'kept', placement);
    const dense = row.length === 1 && row[0].stride === 1;
    return (
      dense &&
      placement.offset === 0 &&
      (kept.length === 0 || (kept.length === 1 && kept[0].stride === space.row))
    );
  });
}

/** The default: 256 invocations, fewer where workgroup memory is short or rows are few. */
export function stagedTile(
  space: RowSpace,
  limits: GpuLimits,
): { readonly threads: number; readonly rowsEach: number } {
  const pitch = (space.row % 2 === 0 ? space.row + 1 : space.row) * 4;
  const rowsEach = Math.max(1, Math.ceil(WANTED_ELEMENTS / space.row));
  const bytes = Math.min(limits.maxWorkgroupBytes, 32768);
  let threads = Math.min(256, limits.maxInvocations);
  while (threads > 32 && (threads * rowsEach * pitch > bytes || space.kept / (threads * rowsEach) < 264))
    threads /= 2;
  return { threads, rowsEach };
}

export function stagedSoftmax(config: StagedSoftmaxConfig): WgslKernel {
  const { x, y, axes, log, threads, rowsEach } = config;
  const space = softmaxSpace(x, axes);
  const total = space.row * space.kept;
  const width = total % 4 === 0 ? 4 : 1;
  const units = (threads * rowsEach * space.row) / width;
  const skew = space.row % 2 === 0 ? 1 : 0;
  const tile = threads * rowsEach * (space.row + skew);
  const { grid, gridX } = foldedGrid(Math.ceil(space.kept / (threads * rowsEach)), config.maxGrid);
  const list = [
    { name: 'x', access: 'read', element: vectorOf(x.type, width) },
    { name: 'y', access: 'read_write', element: 'Out' },
  ] as const;
  return {
    id: softmaxId(config, 'staged', `t${threads}r${rowsEach}v${width}`),
    wgsl: kernelText(
      [x.type, y.type],
      [
        constants({
          WORKGROUP: threads,
          GRID_X: gridX,
          ROW: space.row,
          ROWS_EACH: rowsEach,
          SKEW: skew,
          TILE: tile,
          UNITS: units,
          LOADS: Math.ceil(units / threads),
          COUNT: total / width,
          LOG: log,
          LOWEST: { f32: LOWEST },
        }),
        alias('V', vectorOf('f32', width)),
        alias('Out', vectorOf(y.type, width)),
        bindings(list),
        width === 4 ? VECTOR_UNITS : SCALAR_UNITS,
      ],
      BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [threads, 1, 1],
    grid,
    features: [x.type, y.type].includes('f16') ? ['f16'] : [],
    workgroupBytes: tile * 4,
    ...softmaxCost(config),
  };
}
