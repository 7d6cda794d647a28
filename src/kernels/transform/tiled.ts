/**
 * Permutation through workgroup memory (section IV.C of the paper, after Ruetsch and Micikevicius, "Optimizing matrix
 * transpose in CUDA", 2009): a workgroup reads a box of cells in x's order, keeps it in workgroup memory, and writes
 * it in y's order. Both sides touch runs of neighbours; memory is as wide as a vec4 where runs are aligned to it.
 * Rows of the box are one cell longer than they must be where lanes would else meet in one bank. An invocation has
 * sixteen elements in flight before it waits.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import { GPU_TYPE_BYTES } from '../../devices/gpu.js';
import type { TensorView } from '../view.js';
import { bindings, constants, foldedGrid, kernelText, WORKGROUP } from '../wgsl.js';
import { chooseBox, type Box, type TileWish } from './boxes.js';
import { cellAccess, cellPrelude, cellTag, digitsFunction, dot, elementOf, type Cells } from './cells.js';
import { insideFunctions, originFunctions, placeBoxes, shapeTag } from './placement.js';
import { moveSource } from './source.js';

export interface TiledConfig {
  /** Prefix of the id: op and layouts. */
  readonly id: string;
  readonly cells: Cells;
  readonly x: TensorView;
  readonly y: TensorView;
  readonly bytes: number;
  readonly limits: GpuLimits;
  /**
   * Cells that lie together in x and in y, at least 1 each, where the tensor has so many; both are made to divide
   * the loops evenly, and what comes of it has at most `boxBudget` cells. Left out, the best guess of `chooseBox`.
   * @throws RangeError for a larger tile
   */
  readonly tile?: TileWish | undefined;
  /** Whether boxes begin where y's memory lines do: see placement.ts. */
  readonly aligned?: boolean | undefined;
}

/** Every invocation moves up to four times four elements. */
const ROUNDS = 4;

/** From this many boxes on the largest are taken: two for each of 132 processors. */
const MANY_BOXES = 264;

/** The most cells that a tile may have on a device: what its invocations move and its memory holds with padding. */
export function boxBudget(cells: Cells, y: TensorView, limits: GpuLimits): number {
  const workgroup = Math.min(WORKGROUP, limits.maxInvocations);
  const bytes = cells.size * GPU_TYPE_BYTES[y.type];
  // Padding takes at most half as much again: one place to every two.
  return Math.floor(Math.min((workgroup * ROUNDS * 4) / cells.size, limits.maxWorkgroupBytes / bytes / 1.5));
}

/** Elements of neighbours: whole vec4s. `vector` places of the walk follow one another. */
const FETCH_VECTOR = /* wgsl */ `
fn fetch(origin: Coords, lane: u32, round: u32) -> vec4<Scalar> {
  let l = 4u * (round * WORKGROUP + lane);
  let p = x_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return vec4<Scalar>(); }
  return vec4<Scalar>(x[(X_START + x_offset(origin) + x_offset(p)) / 4u]);
}

fn keep(lane: u32, round: u32, v: vec4<Scalar>) {
  let l = 4u * (round * WORKGROUP + lane);
  if (PARTIAL && l >= VOLUME) { return; }
  tile[slot(x_local(l))] = v.x;
  tile[slot(x_local(l + 1u))] = v.y;
  tile[slot(x_local(l + 2u))] = v.z;
  tile[slot(x_local(l + 3u))] = v.w;
}
`;

/** Elements, four turns of a workgroup's width. */
const FETCH_ELEMENTS = /* wgsl */ `
fn fetch_one(origin: Coords, l: u32) -> Scalar {
  let p = x_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return Scalar(); }
  return read_cell(p, X_START + x_offset(origin) + x_offset(p));
}

fn fetch(origin: Coords, lane: u32, round: u32) -> vec4<Scalar> {
  let l = 4u * round * WORKGROUP + lane;
  return vec4<Scalar>(
    fetch_one(origin, l),
    fetch_one(origin, l + WORKGROUP),
    fetch_one(origin, l + 2u * WORKGROUP),
    fetch_one(origin, l + 3u * WORKGROUP),
  );
}

fn keep_one(l: u32, v: Scalar) {
  if (!PARTIAL || l < VOLUME) { tile[slot(x_local(l))] = v; }
}

fn keep(lane: u32, round: u32, v: vec4<Scalar>) {
  let l = 4u * round * WORKGROUP + lane;
  keep_one(l, v.x);
  keep_one(l + WORKGROUP, v.y);
  keep_one(l + 2u * WORKGROUP, v.z);
  keep_one(l + 3u * WORKGROUP, v.w);
}
`;

/** Quads: a cell is a vec4 already. */
const FETCH_QUAD = /* wgsl */ `
fn fetch(origin: Coords, lane: u32, round: u32) -> Cell {
  let l = round * WORKGROUP + lane;
  let p = x_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return Cell(); }
  let q = sum(origin, p);
  return read_cell(q, X_START + x_offset(q));
}

fn keep(lane: u32, round: u32, v: Cell) {
  let l = round * WORKGROUP + lane;
  if (!PARTIAL || l < VOLUME) { tile[slot(x_local(l))] = v; }
}
`;

const PUT_VECTOR = /* wgsl */ `
fn put(origin: Coords, lane: u32, round: u32) {
  let l = 4u * (round * WORKGROUP + lane);
  let p = y_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return; }
  y[(Y_START + y_offset(origin) + y_offset(p)) / 4u] = vec4<Scalar>(
    tile[slot(p)],
    tile[slot(y_local(l + 1u))],
    tile[slot(y_local(l + 2u))],
    tile[slot(y_local(l + 3u))],
  );
}
`;

const PUT_ELEMENTS = /* wgsl */ `
fn put_one(origin: Coords, l: u32) {
  let p = y_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return; }
  write_cell(p, Y_START + y_offset(origin) + y_offset(p), tile[slot(p)]);
}

fn put(origin: Coords, lane: u32, round: u32) {
  let l = 4u * round * WORKGROUP + lane;
  put_one(origin, l);
  put_one(origin, l + WORKGROUP);
  put_one(origin, l + 2u * WORKGROUP);
  put_one(origin, l + 3u * WORKGROUP);
}
`;

const PUT_QUAD = /* wgsl */ `
fn put(origin: Coords, lane: u32, round: u32) {
  let l = round * WORKGROUP + lane;
  let p = y_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return; }
  let q = sum(origin, p);
  write_cell(q, Y_START + y_offset(q), tile[slot(p)]);
}
`;

const ONE_ROUND = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= BOXES) { return; }
  let origin = box_origin(group);
  keep(lane, 0u, fetch(origin, lane, 0u));
  workgroupBarrier();
  put(origin, lane, 0u);
}
`;

const TWO_ROUNDS = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= BOXES) { return; }
  let origin = box_origin(group);
  let a = fetch(origin, lane, 0u);
  let b = fetch(origin, lane, 1u);
  keep(lane, 0u, a);
  keep(lane, 1u, b);
  workgroupBarrier();
  put(origin, lane, 0u);
  put(origin, lane, 1u);
}
`;

const FOUR_ROUNDS = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= BOXES) { return; }
  let origin = box_origin(group);
  let a = fetch(origin, lane, 0u);
  let b = fetch(origin, lane, 1u);
  let c = fetch(origin, lane, 2u);
  let d = fetch(origin, lane, 3u);
  keep(lane, 0u, a);
  keep(lane, 1u, b);
  keep(lane, 2u, c);
  keep(lane, 3u, d);
  workgroupBarrier();
  put(origin, lane, 0u);
  put(origin, lane, 1u);
  put(origin, lane, 2u);
  put(origin, lane, 3u);
}
`;

export function tiledKernel({ id, cells, x, y, bytes, limits, tile, aligned }: TiledConfig): WgslKernel {
  const workgroup = Math.min(WORKGROUP, limits.maxInvocations);
  const most = boxBudget(cells, y, limits);
  const box = chooseBox(cells, {
    // Of small tensors rather more boxes than full ones.
    budget: tile ? most : Math.max(Math.min(most, cells.count / MANY_BOXES), most / ROUNDS),
    xBytes: cells.xUnit * GPU_TYPE_BYTES[x.type],
    yBytes: cells.yUnit * GPU_TYPE_BYTES[y.type],
    wish: tile,
  });
  const slots = slotStrides(cells, box);
  const placed = placeBoxes(cells, box, y, aligned);
  const { grid, gridX } = foldedGrid(placed.total, limits.maxGrid);
  const list = [
    { name: 'x', access: 'read', element: elementOf(x.type, box.xVector ? 4 : cells.xUnit) },
    { name: 'y', access: 'read_write', element: elementOf(y.type, box.yVector ? 4 : cells.yUnit) },
  ] as const;
  const order = [...cells.loops.keys()];
  const elementFetch = box.xVector ? FETCH_VECTOR : FETCH_ELEMENTS;
  const elementPut = box.yVector ? PUT_VECTOR : PUT_ELEMENTS;
  const [read, write] = cellAccess(cells);
  const quads = cells.size === 4;
  const perRound = workgroup * (quads ? 1 : 4);
  const needed = Math.ceil(box.volume / perRound);
  const rounds = needed > 2 ? ROUNDS : needed;
  const text = kernelText(
    [x.type, y.type],
    [
      constants({
        WORKGROUP: workgroup,
        BOXES: placed.total,
        GRID_X: gridX,
        VOLUME: box.volume,
        PARTIAL: box.volume !== rounds * perRound,
      }),
      ...cellPrelude(cells, x, y),
      bindings(list),
      `var<workgroup> tile: array<Cell, ${slots.size}>;\n`,
      originFunctions(cells, box, placed),
      digitsFunction('x_local', box.extents, box.xOrder),
      digitsFunction('y_local', box.extents, order),
      `fn slot(p: Coords) -> u32 { return ${dot(slots.strides)}; }\n`,
      insideFunctions(cells, box, placed),
      box.xVector ? '' : read,
      box.yVector ? '' : write,
      quads ? FETCH_QUAD : elementFetch,
      quads ? PUT_QUAD : elementPut,
    ],
    rounds === 1 ? ONE_ROUND : rounds === 2 ? TWO_ROUNDS : FOUR_ROUNDS,
  );
  const access = quads ? cellTag(cells) : `v${box.xVector ? 4 : 1}v${box.yVector ? 4 : 1}`;
  return moveSource({
    id: `${id}_tiled_${access}_${shapeTag(box, placed)}`,
    text,
    x,
    y,
    bytes,
    workgroup,
    grid,
    workgroupBytes: slots.size * cells.size * GPU_TYPE_BYTES[y.type],
  });
}

/**
 * Places in the tile: y's order, so that writing out is free of bank conflicts, with an odd distance between
 * neighbours in x, so that bringing in is so too.
 */
function slotStrides(cells: Cells, box: Box): { readonly strides: readonly number[]; readonly size: number } {
  const innermostInX = [...box.xOrder].reverse().find((i) => box.extents[i] > 1);
  const strides = cells.loops.map(() => 0);
  let stride = 1;
  for (const i of [...cells.loops.keys()].reverse()) {
    if (i === innermostInX && stride % 2 === 0) stride += 1;
    if (box.extents[i] > 1) strides[i] = stride;
    stride *= box.extents[i];
  }
  return { strides, size: stride };
}
