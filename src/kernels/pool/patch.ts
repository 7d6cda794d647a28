/**
 * Pooling over 1-D and 2-D windows, a patch of outputs per invocation: section IV.B of the paper (coalesced layout,
 * overlapping windows loaded once).
 *
 * Memory access: neighbouring invocations take neighbouring elements of the innermost axis, four at a time where it is
 * N or C and divides; in NCHW, and within NCHW4c's blocks, neighbours along W. An invocation walks down `height` rows
 * of `width` outputs. It loads every input row under them once, reduces it along W to `width` items, and keeps the
 * items of the rows that the next window shares, so that registers hold one window's rows whatever the height.
 * Patches that would end behind the output are moved back, and store only what is theirs; so without padding
 * no load needs a check. Patches side by side in memory are neighbours in the grid: their shared columns meet in L1,
 * their shared rows in L2.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { viewStrides } from '../view.js';
import { constants, foldedGrid, indexFunction } from '../wgsl.js';
import { defaultPatch, isLegalPatch, segmentOf, type Patch } from './patches.js';
import {
  TAPS,
  axisConstants,
  leavesInput,
  planeNumbering,
  poolSource,
  vectorWidth,
  withSpatialAxes,
  type PoolConfig,
} from './pool-config.js';

/** Small workgroups spread evenly over the multiprocessors; four neighbouring patches of 32 lanes still share L1. */
const WORKGROUP = 128;

const BODY = /* wgsl */ `
/// Input row h, reduced along W for each column of the patch.
fn reduced_row(plane: u32, h: i32, w0: i32) -> array<Item, PATCH_W> {
  let inside = !LEAVES_H || u32(h) < IN_H;
  let row = plane + u32(h) * X_ROW;
  var segment: array<Item, SEGMENT>;
  for (var k = 0u; k < SEGMENT; k++) {
    let w = u32(w0 + i32(k));
    segment[k] = none();
    if (inside && (!LEAVES_W || w < IN_W)) {
      segment[k] = item(Value(x[row + w * X_COLUMN]), u32(h) * IN_W + w);
    }
  }
  var result: array<Item, PATCH_W>;
  for (var j = 0u; j < PATCH_W; j++) {
    result[j] = segment[j * STRIDE_W];
    for (var t = 1u; t < KERNEL_W; t++) {
      result[j] = merge(result[j], segment[j * STRIDE_W + t]);
    }
  }
  return result;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + local;
  if (i >= INVOCATIONS) { return; }
  let lane = i % LANES;
  let column = i / LANES % COLUMNS;
  let strip = i / (LANES * COLUMNS) % STRIPS;
  let outer = i / (LANES * COLUMNS * STRIPS);
  let n = lane * LANE_N + outer / OUTER_C;
  let c = lane * LANE_C + outer % OUTER_C * STEP_C;
  let channel = Lanes(c) + ELEMENTS * VECTOR_C;
  let number = (Lanes(n) + ELEMENTS * VECTOR_N) * CHANNELS + channel;
  let keep = channel < Lanes(CHANNELS);

  let own = column * PATCH_W;
  let ow0 = min(own, OUT_W - PATCH_W);
  let w0 = i32(ow0 * STRIDE_W) - PAD_W;
  let oh0 = strip * PATCH_H;
  let end = min(oh0 + PATCH_H, OUT_H);
  let plane = x_index(n, c, 0u, 0u);
  var h = i32(oh0 * STRIDE_H) - PAD_H;

  var rows: array<Item, KERNEL_H * PATCH_W>;
  for (var r = 0u; r < SHARED_ROWS; r++) {
    let row = reduced_row(plane, h + i32(r), w0);
    for (var j = 0u; j < PATCH_W; j++) { rows[r * PATCH_W + j] = row[j]; }
  }
  for (var oh = oh0; oh < end; oh++) {
    for (var r = SHARED_ROWS; r < KERNEL_H; r++) {
      let row = reduced_row(plane, h + i32(r), w0);
      for (var j = 0u; j < PATCH_W; j++) { rows[r * PATCH_W + j] = row[j]; }
    }
    let count_h = taps(h, KERNEL_H, 1u, COUNT_FROM_H, COUNT_TO_H);
    for (var j = 0u; j < PATCH_W; j++) {
      var result = rows[j];
      for (var r = 1u; r < KERNEL_H; r++) { result = merge(result, rows[r * PATCH_W + j]); }
      let ow = ow0 + j;
      let count = count_h * taps(w0 + i32(j * STRIDE_W), KERNEL_W, 1u, COUNT_FROM_W, COUNT_TO_W);
      if (ow >= own) {
        put(y_index(n, c, oh, ow), indices_index(n, c, oh, ow), result, count, number, keep);
      }
    }
    for (var r = 0u; r < SHARED_ROWS; r++) {
      for (var j = 0u; j < PATCH_W; j++) { rows[r * PATCH_W + j] = rows[(r + STRIDE_H) * PATCH_W + j]; }
    }
    h += i32(STRIDE_H);
  }
}
`;

/**
 * The patch kernel. Windows: up to two axes, not dilated, up to 16 taps along each.
 * @param given one of `legalPatches`; the default where left out
 */
export function patchKernel(given: PoolConfig, patch?: Patch): WgslKernel {
  const config = withSpatialAxes(given, 2);
  const { x, y, indices, window } = config;
  const { height, width } = patch ?? defaultPatch(config);
  if (!isLegalPatch(config, { height, width })) throw new RangeError(`no patch of ${height}x${width} fits`);
  const vector = vectorWidth(config);
  const planes = planeNumbering(x, vector);
  const [outH, outW] = y.dims.slice(2);
  const columns = Math.ceil(outW / width);
  const strips = Math.ceil(outH / height);
  const invocations = planes.lanes * columns * strips * planes.outer;
  const workgroup = Math.min(WORKGROUP, config.limits.maxInvocations);
  const { grid, gridX } = foldedGrid(Math.ceil(invocations / workgroup), config.limits.maxGrid);
  const strides = viewStrides(x);
  return poolSource(config, {
    variant: `patch${height}x${width}`,
    width: vector,
    workgroup,
    grid,
    prelude: [
      constants({
        GRID_X: gridX,
        INVOCATIONS: invocations,
        COLUMNS: columns,
        STRIPS: strips,
        PATCH_H: height,
        PATCH_W: width,
        SEGMENT: segmentOf(width, window.kernel[1], window.strides[1]),
        SHARED_ROWS: Math.max(0, window.kernel[0] - window.strides[0]),
        LEAVES_H: leavesInput(x.dims[2], outH, window, 0),
        LEAVES_W: leavesInput(x.dims[3], outW, window, 1),
        X_ROW: strides[2] / vector,
        X_COLUMN: strides[3] / vector,
        ...planes.constants,
        ...axisConstants(config, 0, 'H'),
        ...axisConstants(config, 1, 'W'),
      }),
      indexFunction('x', x, vector),
      indexFunction('y', y, vector),
      indexFunction('indices', indices ?? y, vector),
    ],
    body: TAPS + BODY,
  });
}
