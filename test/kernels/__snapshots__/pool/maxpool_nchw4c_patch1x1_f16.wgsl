enable f16;
const WORKGROUP = 128u;
const CHANNELS = 4u;
const ELEMENTS = vec4<u32>(0u, 1u, 2u, 3u);
alias Value = vec4<f32>;
alias Out = vec4<f16>;
alias Lanes = vec4<u32>;
alias Places = vec4<i32>;
alias Mask = vec4<bool>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
const GRID_X = 1u;
const INVOCATIONS = 64u;
const COLUMNS = 4u;
const STRIPS = 4u;
const PATCH_H = 1u;
const PATCH_W = 1u;
const SEGMENT = 2u;
const SHARED_ROWS = 0u;
const LEAVES_H = false;
const LEAVES_W = false;
const X_ROW = 8u;
const X_COLUMN = 1u;
const LANES = 1u;
const LANE_N = 0u;
const LANE_C = 0u;
const OUTER_C = 1u;
const STEP_C = 4u;
const VECTOR_N = 0u;
const VECTOR_C = 1u;
const IN_H = 8u;
const OUT_H = 4u;
const KERNEL_H = 2u;
const STRIDE_H = 2u;
const DILATION_H = 1u;
const PAD_H = i32(0);
const COUNT_FROM_H = i32(0);
const COUNT_TO_H = i32(8);
const IN_W = 8u;
const OUT_W = 4u;
const KERNEL_W = 2u;
const STRIDE_W = 2u;
const DILATION_W = 1u;
const PAD_W = i32(0);
const COUNT_FROM_W = i32(0);
const COUNT_TO_W = i32(8);
fn x_index(n: u32, c: u32, h: u32, w: u32) -> u32 { return (n) * 64u + (c) / 4u * 64u + (h) * 8u + (w); }
fn y_index(n: u32, c: u32, h: u32, w: u32) -> u32 { return (n) * 16u + (c) / 4u * 16u + (h) * 4u + (w); }
fn indices_index(n: u32, c: u32, h: u32, w: u32) -> u32 { return (n) * 16u + (c) / 4u * 16u + (h) * 4u + (w); }

fn lowest() -> Value {
  var bits = 0xff800000u;
  return Value(bitcast<f32>(bits));
}

alias Item = Value;

fn none() -> Item { return lowest(); }

fn item(value: Value, at: u32) -> Item { return value; }

fn merge(a: Item, b: Item) -> Item { return max(a, b); }

fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), result, keep));
}

fn first_tap(start: i32, dilation: i32, low: i32) -> i32 {
  return max(0, (low - start + dilation - 1) / dilation);
}

fn end_tap(start: i32, kernel: i32, dilation: i32, high: i32) -> i32 {
  return min(kernel, (high - start + dilation - 1) / dilation);
}

fn taps(start: i32, kernel: u32, dilation: u32, low: i32, high: i32) -> i32 {
  let first = first_tap(start, i32(dilation), low);
  return max(0, end_tap(start, i32(kernel), i32(dilation), high) - first);
}

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
