/**
 * Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3):
 * y = x / (bias + alpha / size * sum of squares over a window of channels)^beta. Three bodies:
 *
 * - `run` where channels are strided (NCHW, CHWN): an invocation takes neighbouring pixels (or images) as a vector
 *   and a run of channels, whose window it holds in registers, so that each element is loaded once per run.
 *   Workgroups of neighbouring runs follow each other, so that the halo comes from the cache.
 * - `blocks` where four channels are one vector (NHWC, NCHW4c): an invocation takes one vector and loads its
 *   neighbours, which are its neighbours' own loads.
 * - `naive`: an invocation per element, for everything else.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import {
  flatSegments,
  inUnits,
  placementOf,
  rowSpace,
  segmentsExpression,
  type RowSpace,
} from '../reduce/row-space.js';
import { placeFunctions, rowKernel, teamPrelude, vectorOf, type TeamGeometry } from '../reduce/team.js';
import { idealBytes, type TensorView } from '../view.js';
import { alias, bindings, constants, foldedGrid, kernelText, layoutTag, WORKGROUP } from '../wgsl.js';

export interface LrnConfig {
  readonly x: TensorView;
  /** Same dims and layout as `x`. */
  readonly y: TensorView;
  /** Channels in the window. */
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
  readonly flops: number;
  readonly maxGrid: number;
}

/** Longest window that is kept in registers. */
const LONGEST_WINDOW = 17;
/** Channels of an invocation in `run`: more of them load less halo, and leave fewer invocations. */
export const LRN_RUN = 8;

const RUN_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  let first = group % CHUNKS * RUN;
  let k = group / CHUNKS * LANES + lane;
  if (k >= KEPT) { return; }
  let origin = x_kept(k);
  var v: array<V, WINDOWS>;
  for (var i = 0u; i < WINDOWS; i++) {
    let c = first + i;
    let inside = c >= BEFORE && c < ROW + BEFORE;
    v[i] = select(V(0.0), V(x[origin + x_row(clamp(c, BEFORE, ROW - 1u + BEFORE) - BEFORE)]), inside);
  }
  let to = y_kept(k);
  for (var i = 0u; i < RUN; i++) {
    var sum = V(0.0);
    for (var j = 0u; j < SIZE; j++) { sum += v[i + j] * v[i + j]; }
    if (first + i < ROW) {
      let value = v[i + BEFORE] * pow(BIAS + SCALE * sum, V(-BETA));
      y[to + y_row(first + i)] = Out(select(V(0.0), value, kept_mask(k)));
    }
  }
}
`;

const BLOCK_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let k = kept_of(i);
  let r = row_of(i);
  let origin = x_kept(k);
  var own = V(0.0);
  var squares: array<f32, WINDOW>;
  for (var b = 0u; b <= 2u * REACH; b++) {
    let near = r + b;
    let inside = near >= REACH && near < ROW + REACH;
    let at = clamp(near, REACH, ROW - 1u + REACH) - REACH;
    let v = select(V(0.0), V(x[origin + x_row(at)]), row_mask(at) & Mask(inside));
    if (b == REACH) { own = v; }
    squares[b * 4u] = v.x * v.x;
    squares[b * 4u + 1u] = v.y * v.y;
    squares[b * 4u + 2u] = v.z * v.z;
    squares[b * 4u + 3u] = v.w * v.w;
  }
  var sum = V(0.0);
  for (var j = 0u; j < SIZE; j++) {
    let s = REACH * 4u - BEFORE + j;
    sum += V(squares[s], squares[s + 1u], squares[s + 2u], squares[s + 3u]);
  }
  let value = own * pow(BIAS + SCALE * sum, V(-BETA));
  y[y_kept(k) + y_row(r)] = Out(select(V(0.0), value, row_mask(r)));
}
`;

const NAIVE_BODY = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let k = kept_of(i);
  let r = row_of(i);
  let to = y_kept(k) + y_row(r);
  if (!(row_mask(r) & kept_mask(k))) {
    y[to] = Out(0.0);
    return;
  }
  let origin = x_kept(k);
  var sum = 0.0;
  for (var c = max(r, BEFORE) - BEFORE; c < min(r + SIZE - BEFORE, CHANNELS); c++) {
    let v = f32(x[origin + x_row(c)]);
    sum += v * v;
  }
  y[to] = Out(f32(x[origin + x_row(r)]) * pow(BIAS + SCALE * sum, -BETA));
}
`;

/** Rows along the channels. */
export function lrnSpace({ dims, layout }: TensorView): RowSpace {
  const space = rowSpace(dims, layout, [1]);
  if (!space) throw new RangeError('rows without groups fit every layout');
  return space;
}

/** The body for a layout and window: `naive` where the others do not apply. */
export function lrnBody({ x, y, size }: LrnConfig): 'run' | 'blocks' | 'naive' {
  const space = lrnSpace(x);
  if (size > LONGEST_WINDOW) return 'naive';
  // Without padding in front of it, a run's rows are plain channels.
  if (space.inner === 'kept') return space.padding?.part === 'row' ? 'naive' : 'run';
  const vectors = [x, y].every((view) => inUnits(space, placementOf(view), 4));
  return vectors ? 'blocks' : 'naive';
}

function lrnConstants({ size, alpha, beta, bias }: LrnConfig): string {
  return constants({
    SIZE: size,
    BEFORE: Math.floor((size - 1) / 2),
    SCALE: { f32: alpha / size },
    BETA: { f32: beta },
    BIAS: { f32: bias },
  });
}

/** @param body which one; `lrnBody` names the best that applies, and `naive` always does */
export function lrnKernel(config: LrnConfig, body = lrnBody(config)): WgslKernel {
  return body === 'run' ? runKernel(config) : walkKernel(config, body);
}

function runKernel(config: LrnConfig): WgslKernel {
  const { x, y, size, maxGrid } = config;
  const space = lrnSpace(x);
  const placements = [placementOf(x), placementOf(y)];
  const vector = placements.every((placement) => inUnits(space, placement, 4)) ? 4 : 1;
  const run = Math.min(LRN_RUN, space.row);
  const geometry: TeamGeometry = {
    space,
    tile: { vector, team: 1, lanes: WORKGROUP, steps: 1 },
    chunks: Math.ceil(space.row / run),
  };
  return rowKernel({
    id: `lrn_${layoutTag(x.layout)}_run_${run}v${vector}_${y.type}`,
    geometry,
    compute: 'f32',
    types: [x.type, y.type],
    bindings: [
      { name: 'x', access: 'read', element: vectorOf(x.type, vector) },
      { name: 'y', access: 'read_write', element: 'Out' },
    ],
    prelude: [
      alias('Out', vectorOf(y.type, vector)),
      constants({ RUN: run, WINDOWS: run + size - 1 }),
      lrnConstants(config),
      placeFunctions('x', geometry, placements[0]),
      placeFunctions('y', geometry, placements[1]),
    ],
    reductions: [],
    body: RUN_BODY,
    maxGrid,
    flops: config.flops,
    bytes: idealBytes(x) + idealBytes(y),
  });
}

/** The bodies that walk memory in its own order, a unit per invocation. */
function walkKernel(config: LrnConfig, body: 'blocks' | 'naive'): WgslKernel {
  const { x, y, size, maxGrid } = config;
  const space = lrnSpace(x);
  const vector = body === 'blocks' ? 4 : 1;
  const geometry: TeamGeometry = { space, tile: { vector, team: 1, lanes: WORKGROUP, steps: 1 } };
  const count = (space.kept * space.row) / vector;
  const { grid, gridX } = foldedGrid(Math.ceil(count / WORKGROUP), maxGrid);
  // Whole vectors that the window reaches to either side; it reaches further behind than before.
  const reach = Math.ceil(Math.ceil((size - 1) / 2) / 4);
  const list = [
    { name: 'x', access: 'read', element: vectorOf(x.type, vector) },
    { name: 'y', access: 'read_write', element: 'Out' },
  ] as const;
  return {
    id: `lrn_${layoutTag(x.layout)}_${body}_v${vector}_${y.type}`,
    wgsl: kernelText(
      [x.type, y.type],
      [
        ...teamPrelude(geometry, 'f32', gridX),
        constants({ COUNT: count, REACH: reach, WINDOW: 4 * (2 * reach + 1), CHANNELS: x.dims[1] }),
        lrnConstants(config),
        alias('Out', vectorOf(y.type, vector)),
        bindings(list),
        placeFunctions('x', geometry, placementOf(x)),
        placeFunctions('y', geometry, placementOf(y)),
        `fn kept_of(i: u32) -> u32 { return ${segmentsExpression(flatSegments(space, 'kept', vector), 'i')}; }\n`,
        `fn row_of(i: u32) -> u32 { return ${segmentsExpression(flatSegments(space, 'row', vector), 'i')}; }\n`,
      ],
      body === 'blocks' ? BLOCK_BODY : NAIVE_BODY,
    ),
    bindings: list.map(({ name, access }) => ({ name, access })),
    workgroup: [WORKGROUP, 1, 1],
    grid,
    features: [x.type, y.type].includes('f16') ? ['f16'] : [],
    workgroupBytes: 0,
    flops: config.flops,
    bytes: idealBytes(x) + idealBytes(y),
  };
}
