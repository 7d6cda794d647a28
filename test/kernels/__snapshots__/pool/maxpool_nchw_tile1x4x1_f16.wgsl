enable f16;
const WORKGROUP = 256u;
const CHANNELS = 4u;
const ELEMENTS = 0u;
alias Value = f32;
alias Out = f16;
alias Lanes = u32;
alias Places = i32;
alias Mask = bool;
@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
const GRID_X = 16u;
const PLANES = 16u;
const TILE = 64u;
const TILE_PLANES = 1u;
const BAND = 4u;
const BANDS = 1u;
const BAND_ROWS = 8u;
const LOADS = 1u;
const STRIP = 1u;
const STRIPS = 4u;
const UNITS = 16u;
const SHARED_ROWS = 0u;
const LEAVES_H = false;
const LEAVES_W = false;
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
fn x_index(n: u32, c: u32, h: u32, w: u32) -> u32 { return (n) * 256u + (c) * 64u + (h) * 8u + (w); }
fn y_index(n: u32, c: u32, h: u32, w: u32) -> u32 { return (n) * 64u + (c) * 16u + (h) * 4u + (w); }
fn indices_index(n: u32, c: u32, h: u32, w: u32) -> u32 { return (n) * 64u + (c) * 16u + (h) * 4u + (w); }

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
