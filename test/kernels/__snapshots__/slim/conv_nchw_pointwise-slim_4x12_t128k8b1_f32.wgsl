const THREADS = 128u;
const GRID_X = 1u;
const GROUPS = 1u;
const ROWS = 11u;
const COLS = 144u;
const TILE_POSITIONS = 512u;
const BLOCK_CHANNELS = 12u;
const TILE_CHANNELS = 12u;
const CHANNEL_TILES = 1u;
const STEP = 8u;
const POSITION_STEP = 1u;
const STAGED = 120u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 1u;
const OUT_H = 1u;
const KERNEL_H = 1u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 1u;
const INVERSE_H = 0u;
const IN_W = 36u;
const OUT_W = 36u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 39u;
const GROUP_OUT = 11u;
const OUT_CHANNELS = 11u;
const TAPS = 1u;
const POSITIONS = 144u;
const CHECKED = false;
const W_TAP_ROWS = 39u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 11u;
const W_COLS = 11u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 351u + (c) * 9u + (w) / 4u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 351u + (c) * 9u + (w) / 4u; }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 36u;
  rest = rest / 36u;
  let h = rest % 1u;
  rest = rest / 1u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 396u + (c) * 36u + (w); }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 396u + (c) * 36u + (w); }

struct Tap { offset: vec3<u32>, weight: u32, used: bool }

fn group_of(batch: u32) -> u32 { return batch; }

fn tap_at(i: u32, batch: u32) -> Tap {
  let w = i % TAPS_W;
  let h = i / TAPS_W % TAPS_H;
  let d = i / (TAPS_W * TAPS_H);
  return Tap(vec3<u32>(d * DILATION_D, h * DILATION_H, w * DILATION_W), i, true);
}

fn window_origin(position: vec4<u32>) -> vec3<u32> {
  return vec3<u32>(
    position.y * STRIDE_D - PAD_D,
    position.z * STRIDE_H - PAD_H,
    position.w * STRIDE_W - PAD_W,
  );
}

fn output_position(position: vec4<u32>, batch: u32) -> vec3<u32> { return position.yzw; }

struct PixelsState { at: u32, d: u32, h: u32, w: u32 }

fn pixels_setup(first: u32, batch: u32) -> PixelsState {
  let p = position_of(min(first, POSITIONS - 4u));
  let origin = window_origin(p);
  let at = x_index(p.x, group_of(batch) * GROUP_CHANNELS, origin.x, origin.y, origin.z);
  return PixelsState(at, origin.x, origin.y, origin.z);
}

fn pixels_vector(state: PixelsState, tap: Tap, c: u32) -> Packed {
  let inside = !CHECKED
    || (state.d + tap.offset.x < IN_D && state.h + tap.offset.y < IN_H && state.w + tap.offset.z < IN_W);
  if (!inside || c >= GROUP_CHANNELS) { return Packed(); }
  return Packed(x[state.at + x_step(0u, c, tap.offset.x, tap.offset.y, tap.offset.z)]);
}

struct WeightsState { row: u32, first: u32 }

fn weights_setup(first: u32, batch: u32) -> WeightsState {
  let group = group_of(batch);
  return WeightsState(group * W_GROUP_ROWS, group * W_GROUP_COLS + first);
}

fn weights_vector(state: WeightsState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  let row = (tap.weight * W_TAP_ROWS + state.row + c) * W_COLS;
  let cols = min(state.first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(W_COLS - 1u));
  return Packed(
    Stored(w[row + cols.x]),
    Stored(w[row + cols.y]),
    Stored(w[row + cols.z]),
    Stored(w[row + cols.w]),
  );
}

// Only phases of unequal length have positions beyond the output.
fn beyond(o: vec3<u32>) -> bool { return o.x >= OUT_D || o.y >= OUT_H || o.z >= OUT_W; }

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let p = position_of(col);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + row;
  let sum = v + bias_at(c) + residual_at(p.x, c, o.x, o.y, o.z);
  y[y_index(p.x, c, o.x, o.y, o.z) / 4u] =
    Out(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}

fn begin(batch: u32, row: u32, col: u32) -> vec4<f32> {
  if (row >= ROWS || col >= COLS) { return vec4<f32>(); }
  let p = position_of(col);
  let o = output_position(p, batch);
  if (beyond(o)) { return vec4<f32>(); }
  let c = group_of(batch) * GROUP_OUT + row;
  return vec4<f32>(residual[residual_index(p.x, c, o.x, o.y, o.z) / 4u]);
}

var<workgroup> w_tile: array<vec4<f32>, STAGED>;

// The i-th vector of the weights of a workgroup, by input channel; zero beyond the channels.
fn staged_weights(channel: u32, i: u32) -> vec4<f32> {
  let state = weights_setup(channel + i % (TILE_CHANNELS / 4u) * 4u, 0u);
  return vec4<f32>(weights_vector(state, tap_at(0u, 0u), i / (TILE_CHANNELS / 4u)));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channel = group % CHANNEL_TILES * TILE_CHANNELS;
  let first = group / CHANNEL_TILES * TILE_POSITIONS + 4u * t;
  let tap = tap_at(0u, 0u);
  let pixels0 = pixels_setup(first, 0u);
  var x0_0 = vec4<f32>(pixels_vector(pixels0, tap, 0u));
  var x1_0 = vec4<f32>(pixels_vector(pixels0, tap, 1u));
  var x2_0 = vec4<f32>(pixels_vector(pixels0, tap, 2u));
  var x3_0 = vec4<f32>(pixels_vector(pixels0, tap, 3u));
  var x4_0 = vec4<f32>(pixels_vector(pixels0, tap, 4u));
  var x5_0 = vec4<f32>(pixels_vector(pixels0, tap, 5u));
  var x6_0 = vec4<f32>(pixels_vector(pixels0, tap, 6u));
  var x7_0 = vec4<f32>(pixels_vector(pixels0, tap, 7u));

  for (var i = t; i < STAGED; i += THREADS) { w_tile[i] = staged_weights(channel, i); }
  workgroupBarrier();

  for (var at = 0u; at < TILE_CHANNELS; at += BLOCK_CHANNELS) {
    var c0_0 = begin(0u, channel + at + 0u, first);
    var c1_0 = begin(0u, channel + at + 1u, first);
    var c2_0 = begin(0u, channel + at + 2u, first);
    var c3_0 = begin(0u, channel + at + 3u, first);
    var c4_0 = begin(0u, channel + at + 4u, first);
    var c5_0 = begin(0u, channel + at + 5u, first);
    var c6_0 = begin(0u, channel + at + 6u, first);
    var c7_0 = begin(0u, channel + at + 7u, first);
    var c8_0 = begin(0u, channel + at + 8u, first);
    var c9_0 = begin(0u, channel + at + 9u, first);
    var c10_0 = begin(0u, channel + at + 10u, first);
    var c11_0 = begin(0u, channel + at + 11u, first);

    for (var k = 0u; k < GROUP_CHANNELS; k += STEP) {
      let y0_0 = x0_0;
      let y1_0 = x1_0;
      let y2_0 = x2_0;
      let y3_0 = x3_0;
      let y4_0 = x4_0;
      let y5_0 = x5_0;
      let y6_0 = x6_0;
      let y7_0 = x7_0;
      x0_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 0u));
      x1_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 1u));
      x2_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 2u));
      x3_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 3u));
      x4_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 4u));
      x5_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 5u));
      x6_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 6u));
      x7_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 7u));
    let w0_0 = w_tile[(k + 0u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w0_1 = w_tile[(k + 0u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w0_2 = w_tile[(k + 0u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w0_0.x * y0_0;
    c1_0 += w0_0.y * y0_0;
    c2_0 += w0_0.z * y0_0;
    c3_0 += w0_0.w * y0_0;
    c4_0 += w0_1.x * y0_0;
    c5_0 += w0_1.y * y0_0;
    c6_0 += w0_1.z * y0_0;
    c7_0 += w0_1.w * y0_0;
    c8_0 += w0_2.x * y0_0;
    c9_0 += w0_2.y * y0_0;
    c10_0 += w0_2.z * y0_0;
    c11_0 += w0_2.w * y0_0;
    let w1_0 = w_tile[(k + 1u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w1_1 = w_tile[(k + 1u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w1_2 = w_tile[(k + 1u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w1_0.x * y1_0;
    c1_0 += w1_0.y * y1_0;
    c2_0 += w1_0.z * y1_0;
    c3_0 += w1_0.w * y1_0;
    c4_0 += w1_1.x * y1_0;
    c5_0 += w1_1.y * y1_0;
    c6_0 += w1_1.z * y1_0;
    c7_0 += w1_1.w * y1_0;
    c8_0 += w1_2.x * y1_0;
    c9_0 += w1_2.y * y1_0;
    c10_0 += w1_2.z * y1_0;
    c11_0 += w1_2.w * y1_0;
    let w2_0 = w_tile[(k + 2u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w2_1 = w_tile[(k + 2u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w2_2 = w_tile[(k + 2u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w2_0.x * y2_0;
    c1_0 += w2_0.y * y2_0;
    c2_0 += w2_0.z * y2_0;
    c3_0 += w2_0.w * y2_0;
    c4_0 += w2_1.x * y2_0;
    c5_0 += w2_1.y * y2_0;
    c6_0 += w2_1.z * y2_0;
    c7_0 += w2_1.w * y2_0;
    c8_0 += w2_2.x * y2_0;
    c9_0 += w2_2.y * y2_0;
    c10_0 += w2_2.z * y2_0;
    c11_0 += w2_2.w * y2_0;
    let w3_0 = w_tile[(k + 3u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w3_1 = w_tile[(k + 3u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w3_2 = w_tile[(k + 3u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w3_0.x * y3_0;
    c1_0 += w3_0.y * y3_0;
    c2_0 += w3_0.z * y3_0;
    c3_0 += w3_0.w * y3_0;
    c4_0 += w3_1.x * y3_0;
    c5_0 += w3_1.y * y3_0;
    c6_0 += w3_1.z * y3_0;
    c7_0 += w3_1.w * y3_0;
    c8_0 += w3_2.x * y3_0;
    c9_0 += w3_2.y * y3_0;
    c10_0 += w3_2.z * y3_0;
    c11_0 += w3_2.w * y3_0;
    let w4_0 = w_tile[(k + 4u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w4_1 = w_tile[(k + 4u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w4_2 = w_tile[(k + 4u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w4_0.x * y4_0;
    c1_0 += w4_0.y * y4_0;
    c2_0 += w4_0.z * y4_0;
    c3_0 += w4_0.w * y4_0;
    c4_0 += w4_1.x * y4_0;
    c5_0 += w4_1.y * y4_0;
    c6_0 += w4_1.z * y4_0;
    c7_0 += w4_1.w * y4_0;
    c8_0 += w4_2.x * y4_0;
    c9_0 += w4_2.y * y4_0;
    c10_0 += w4_2.z * y4_0;
    c11_0 += w4_2.w * y4_0;
    let w5_0 = w_tile[(k + 5u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w5_1 = w_tile[(k + 5u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w5_2 = w_tile[(k + 5u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w5_0.x * y5_0;
    c1_0 += w5_0.y * y5_0;
    c2_0 += w5_0.z * y5_0;
    c3_0 += w5_0.w * y5_0;
    c4_0 += w5_1.x * y5_0;
    c5_0 += w5_1.y * y5_0;
    c6_0 += w5_1.z * y5_0;
    c7_0 += w5_1.w * y5_0;
    c8_0 += w5_2.x * y5_0;
    c9_0 += w5_2.y * y5_0;
    c10_0 += w5_2.z * y5_0;
    c11_0 += w5_2.w * y5_0;
    let w6_0 = w_tile[(k + 6u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w6_1 = w_tile[(k + 6u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w6_2 = w_tile[(k + 6u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w6_0.x * y6_0;
    c1_0 += w6_0.y * y6_0;
    c2_0 += w6_0.z * y6_0;
    c3_0 += w6_0.w * y6_0;
    c4_0 += w6_1.x * y6_0;
    c5_0 += w6_1.y * y6_0;
    c6_0 += w6_1.z * y6_0;
    c7_0 += w6_1.w * y6_0;
    c8_0 += w6_2.x * y6_0;
    c9_0 += w6_2.y * y6_0;
    c10_0 += w6_2.z * y6_0;
    c11_0 += w6_2.w * y6_0;
    let w7_0 = w_tile[(k + 7u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    let w7_1 = w_tile[(k + 7u) * (TILE_CHANNELS / 4u) + at / 4u + 1u];
    let w7_2 = w_tile[(k + 7u) * (TILE_CHANNELS / 4u) + at / 4u + 2u];
    c0_0 += w7_0.x * y7_0;
    c1_0 += w7_0.y * y7_0;
    c2_0 += w7_0.z * y7_0;
    c3_0 += w7_0.w * y7_0;
    c4_0 += w7_1.x * y7_0;
    c5_0 += w7_1.y * y7_0;
    c6_0 += w7_1.z * y7_0;
    c7_0 += w7_1.w * y7_0;
    c8_0 += w7_2.x * y7_0;
    c9_0 += w7_2.y * y7_0;
    c10_0 += w7_2.z * y7_0;
    c11_0 += w7_2.w * y7_0;
    }
    store(0u, channel + at + 0u, first, c0_0);
    store(0u, channel + at + 1u, first, c1_0);
    store(0u, channel + at + 2u, first, c2_0);
    store(0u, channel + at + 3u, first, c3_0);
    store(0u, channel + at + 4u, first, c4_0);
    store(0u, channel + at + 5u, first, c5_0);
    store(0u, channel + at + 6u, first, c6_0);
    store(0u, channel + at + 7u, first, c7_0);
    store(0u, channel + at + 8u, first, c8_0);
    store(0u, channel + at + 9u, first, c9_0);
    store(0u, channel + at + 10u, first, c10_0);
    store(0u, channel + at + 11u, first, c11_0);
  }
}
