/**
 * Movement without staging, for sides that coalesce together: neighbouring invocations write neighbouring cells of
 * y, and read cells of x that lie together too, or a quad of elements each from four such runs (NCHW <-> NCHW4c).
 * Copies and casts are the case of one loop. Four independent cells per invocation keep enough bytes in flight.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import type { TensorView } from '../view.js';
import { bindings, constants, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';
import { cellAccess, cellPrelude, cellTag, digitsFunction, elementOf, type Cells } from './cells.js';
import { moveSource } from './source.js';

export interface DirectConfig {
  /** Prefix of the id: op and layouts. */
  readonly id: string;
  readonly cells: Cells;
  readonly x: TensorView;
  readonly y: TensorView;
  readonly bytes: number;
  readonly limits: GpuLimits;
  /** Cells per invocation, 1 or 4; 4 where that still gives each of many processors several workgroups. */
  readonly items?: 1 | 4;
}

/** From this many workgroups of four cells per invocation on, four are taken: two for each of 132 processors. */
const MANY_GROUPS = 264;

const CELL = /* wgsl */ `
fn fetch(i: u32) -> Cell {
  if (i >= COUNT) { return Cell(); }
  let p = cell_coords(i);
  return read_cell(p, X_START + x_offset(p));
}

fn put(i: u32, v: Cell) {
  if (i >= COUNT) { return; }
  let p = cell_coords(i);
  write_cell(p, Y_START + y_offset(p), v);
}
`;

const ONE_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  put(i, fetch(i));
}
`;

const FOUR_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * (4u * WORKGROUP) + lane;
  let a = fetch(i);
  let b = fetch(i + WORKGROUP);
  let c = fetch(i + 2u * WORKGROUP);
  let d = fetch(i + 3u * WORKGROUP);
  put(i, a);
  put(i + WORKGROUP, b);
  put(i + 2u * WORKGROUP, c);
  put(i + 3u * WORKGROUP, d);
}
`;

export function directKernel({ id, cells, x, y, bytes, limits, items }: DirectConfig): WgslKernel {
  const workgroup = Math.min(WORKGROUP, limits.maxInvocations);
  const four = items === undefined ? cells.count >= MANY_GROUPS * 4 * workgroup : items === 4;
  const groups = Math.ceil(cells.count / (workgroup * (four ? 4 : 1)));
  const { grid, gridX } = foldedGrid(groups, limits.maxGrid);
  const extents = cells.loops.map(({ extent }) => extent);
  const list = [
    { name: 'x', access: 'read', element: elementOf(x.type, cells.xUnit) },
    { name: 'y', access: 'read_write', element: elementOf(y.type, cells.yUnit) },
  ] as const;
  const text = kernelText(
    [x.type, y.type],
    [
      constants({ WORKGROUP: workgroup, COUNT: cells.count, GRID_X: gridX }),
      ...cellPrelude(cells, x, y),
      bindings(list),
      digitsFunction('cell_coords', extents, [...extents.keys()]),
      ...cellAccess(cells),
      CELL,
    ],
    four ? FOUR_BODY : ONE_BODY,
  );
  const variant = `direct_${cellTag(cells)}x${four ? 4 : 1}`;
  return moveSource({ id: `${id}_${variant}`, text, x, y, bytes, workgroup, grid, workgroupBytes: 0 });
}
