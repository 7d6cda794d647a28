/**
 * Pooling over 1-D and 2-D windows in NCHW through workgroup memory.
 *
 * Memory access: in NCHW rows are neither multiples of a transaction long nor aligned, and windows with a stride read
 * every other element; but planes, and bands of rows, are contiguous. So a workgroup copies whole planes (or one band
 * with the rows its windows share with the next) to its memory, consecutive invocations taking consecutive elements:
 * every byte crosses the memory bus once and loads fill whole transactions, without regard to alignment. Windows are
 * then read from workgroup memory; an invocation walks down a strip of a column and keeps the rows that windows share
 * in registers, as in the patch kernel (section IV.B of the paper). Loads are scalar: vectors of four would store to
 * workgroup memory with bank conflicts and need rows aligned to 16 bytes.
 */
import type { WgslKernel } from '../../devices/gpu.js';
import { viewStrides, type TensorView } from '../view.js';
import { constants, foldedGrid, indexFunction } from '../wgsl.js';
import {
  TAPS,
  axisConstants,
  leavesInput,
  poolSource,
  withSpatialAxes,
  type PoolConfig,
} from './pool-config.js';
import { TILE_WORKGROUP, bandRows, defaultTile, isLegalTile, tileElements, type Tile } from './tiles.js';

const BODY = /* wgsl */ `
var<workgroup> tile: array<Value, TILE>;

/// Row h of a staged plane, reduced along W under the window that starts at w0.
fn reduced_row(row: i32, h: i32, w0: i32) -> Item {
  var result = none();
  let inside = !LEAVES_H || u32(h) < IN_H;
  for (var t = 0u; t < KERNEL_W; t++) {
    let w = w0 + i32(t);
    if (inside && (!LEAVES_W || u32(w) < IN_W)) {
      result = merge(result, item(tile[u32(row + w)], u32(h) * IN_W + u32(w)));
    }
  }
  return result;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let group = wid.x + wid.y * GRID_X;
  let first = group / BANDS * TILE_PLANES;
  let band = group % BANDS * BAND;
  let top = min(u32(max(0, i32(band * STRIDE_H) - PAD_H)), IN_H);

  var count = 0u;
  if (first < PLANES) {
    if (BANDS > 1u) {
      count = min(BAND_ROWS, IN_H - top) * IN_W;
    } else {
      count = min(TILE_PLANES, PLANES - first) * IN_H * IN_W;
    }
  }
  let base = x_index(first / CHANNELS, first % CHANNELS, top, 0u);
  var staged: array<Value, LOADS>;
  for (var k = 0u; k < LOADS; k++) {
    let i = k * WORKGROUP + local;
    if (i < count) { staged[k] = Value(x[base + i]); }
  }
  for (var k = 0u; k < LOADS; k++) {
    let i = k * WORKGROUP + local;
    if (i < count) { tile[i] = staged[k]; }
  }
  workgroupBarrier();

  for (var unit = local; unit < UNITS; unit += WORKGROUP) {
    let ow = unit % OUT_W;
    let own = unit / OUT_W % STRIPS * STRIP;
    let plane = unit / (OUT_W * STRIPS);
    if (first + plane >= PLANES) { break; }
    let n = (first + plane) / CHANNELS;
    let c = (first + plane) % CHANNELS;
    let w0 = i32(ow * STRIDE_W) - PAD_W;
    let count_w = taps(w0, KERNEL_W, 1u, COUNT_FROM_W, COUNT_TO_W);
    let oh0 = band + own;
    let end = min(band + min(own + STRIP, BAND), OUT_H);
    var h = i32(oh0 * STRIDE_H) - PAD_H;
    var row = (h - i32(top)) * i32(IN_W) + i32(plane * IN_H * IN_W);
    var rows: array<Item, KERNEL_H>;
    for (var r = 0u; r < SHARED_ROWS; r++) {
      rows[r] = reduced_row(row + i32(r * IN_W), h + i32(r), w0);
    }
    for (var oh = oh0; oh < end; oh++) {
      for (var r = SHARED_ROWS; r < KERNEL_H; r++) {
        rows[r] = reduced_row(row + i32(r * IN_W), h + i32(r), w0);
      }
      var result = rows[0];
      for (var r = 1u; r < KERNEL_H; r++) { result = merge(result, rows[r]); }
      let number = n * CHANNELS + c;
      let count_h = taps(h, KERNEL_H, 1u, COUNT_FROM_H, COUNT_TO_H);
      put(y_index(n, c, oh, ow), indices_index(n, c, oh, ow), result, count_h * count_w, number, true);
      for (var r = 0u; r < SHARED_ROWS; r++) { rows[r] = rows[r + STRIDE_H]; }
      h += i32(STRIDE_H);
      row += i32(STRIDE_H * IN_W);
    }
  }
}
`;

/** Whether planes and their rows lie one after another, as the tile kernel needs. Of a part of a tensor, rows do. */
export function hasFlatRows({ layout, within, dims }: TensorView): boolean {
  const ordered = !layout.block && layout.order.every((axis, place) => axis === place);
  return (
    ordered && (within === undefined || dims.every((dim, axis) => axis < 2 || dim === within.dims[axis]))
  );
}

/**
 * The tile kernel: x with flat rows (`hasFlatRows`), up to two spatial axes, windows not dilated.
 * @param given one of `legalTiles`; the default where left out
 */
export function tileKernel(given: PoolConfig, tile?: Tile): WgslKernel {
  const config = withSpatialAxes(given, 2);
  const { x, y, indices, window } = config;
  const wanted = tile ?? defaultTile(config);
  // The next plane of a part of a tensor may be elsewhere.
  const chosen = x.within ? { ...wanted, planes: 1 } : wanted;
  if (!isLegalTile(config, chosen)) {
    throw new RangeError(`no tile of ${chosen.planes} planes by ${chosen.band} rows fits`);
  }
  const [batch, channels, outH, outW] = y.dims;
  const { planes, band, strip } = chosen;
  const bands = Math.ceil(outH / band);
  const strips = Math.ceil(band / strip);
  const elements = tileElements(config, chosen);
  const workgroup = Math.min(TILE_WORKGROUP, config.limits.maxInvocations);
  const groups = Math.ceil((batch * channels) / planes) * bands;
  const { grid, gridX } = foldedGrid(groups, config.limits.maxGrid);
  if (viewStrides(x)[3] !== 1) throw new TypeError('the tile kernel reads NCHW');
  return poolSource(config, {
    variant: `tile${planes}x${band}x${strip}`,
    width: 1,
    workgroup,
    grid,
    workgroupBytes: elements * 4,
    prelude: [
      constants({
        GRID_X: gridX,
        PLANES: batch * channels,
        TILE: elements,
        TILE_PLANES: planes,
        BAND: band,
        BANDS: bands,
        BAND_ROWS: bandRows(config, band),
        LOADS: Math.ceil(elements / workgroup),
        STRIP: strip,
        STRIPS: strips,
        UNITS: planes * strips * outW,
        SHARED_ROWS: Math.max(0, window.kernel[0] - window.strides[0]),
        LEAVES_H: leavesInput(x.dims[2], outH, window, 0),
        LEAVES_W: leavesInput(x.dims[3], outW, window, 1),
        ...axisConstants(config, 0, 'H'),
        ...axisConstants(config, 1, 'W'),
      }),
      indexFunction('x', x),
      indexFunction('y', y),
      indexFunction('indices', indices ?? y),
    ],
    body: TAPS + BODY,
  });
}
