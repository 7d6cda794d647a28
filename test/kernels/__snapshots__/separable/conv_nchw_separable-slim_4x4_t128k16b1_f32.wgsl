const THREADS = 128u;
const GRID_X = 25u;
const GROUPS = 25u;
const ROWS = 100u;
const COLS = 256u;
const TILE_POSITIONS = 512u;
const BLOCK_CHANNELS = 4u;
const TILE_CHANNELS = 4u;
const CHANNEL_TILES = 25u;
const STEP = 16u;
const POSITION_STEP = 1u;
const STAGED = 32u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 8u;
const OUT_H = 8u;
const KERNEL_H = 1u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 1u;
const INVERSE_H = 0u;
const IN_W = 8u;
const OUT_W = 8u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 32u;
const GROUP_OUT = 100u;
const OUT_CHANNELS = 100u;
const TAPS = 1u;
const POSITIONS = 256u;
const CHECKED = false;
const W_TAP_ROWS = 32u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 100u;
const W_COLS = 100u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> taps: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 512u + (c) * 16u + (h) * 2u + (w) / 4u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 512u + (c) * 16u + (h) * 2u + (w) / 4u; }
alias Fetched = vec4<f32>;
const X_ROW = 2u;
const X_COLUMN = 1u;
const TAP_VECTORS = 3u;
const WINDOW_IN_H = 8u;
const WINDOW_IN_W = 8u;
const WINDOW_STRIDE_H = 1u;
const WINDOW_STRIDE_W = 1u;
const WINDOW_PAD_H = 1u;
const WINDOW_PAD_W = 1u;
const WINDOW_LEAVES_H = true;
const WINDOW_LEAVES_W = true;
fn window_activation(x: f32) -> f32 { return x; }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 8u;
  rest = rest / 8u;
  let h = rest % 8u;
  rest = rest / 8u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 6400u + (c) * 64u + (h) * 8u + (w); }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return x; }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 6400u + (c) * 64u + (h) * 8u + (w); }

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

fn pixels_fetch(at: u32, inside: bool) -> Fetched {
  if (!inside) { return Fetched(); }
  return Fetched(x[at]);
}

fn row_is_inside(h: u32) -> bool { return !WINDOW_LEAVES_H || h < WINDOW_IN_H; }

fn column_is_inside(w: u32) -> bool { return !WINDOW_LEAVES_W || w < WINDOW_IN_W; }

fn made(sum: vec4<f32>) -> Packed {
  return Packed(vec4<f32>(
    window_activation(sum.x),
    window_activation(sum.y),
    window_activation(sum.z),
    window_activation(sum.w),
  ));
}

struct PixelsState { at: u32, h: u32, w: u32 }

fn pixels_setup(first: u32, batch: u32) -> PixelsState {
  let p = position_of(min(first, POSITIONS - 4u));
  let h = p.z * WINDOW_STRIDE_H - WINDOW_PAD_H;
  let w = p.w * WINDOW_STRIDE_W;
  return PixelsState(x_index(p.x, 0u, 0u, h, w), h, w);
}

fn pixels_vector(state: PixelsState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  let at = state.at + x_step(0u, c, 0u, 0u, 0u);
  var sum = vec4<f32>(taps[c * TAP_VECTORS + 0u].w);
  for (var kh = 0u; kh < 3u; kh++) {
    let t0 = taps[c * TAP_VECTORS + kh * 1u + 0u];
    let h = state.h + kh * 1u;
    let row = at + kh * 1u * X_ROW;
    let inside = row_is_inside(h);
    let before1 = pixels_fetch(row - 1u, inside && column_is_inside(state.w - 4u));
    let v0 = pixels_fetch(row, inside && column_is_inside(state.w));
    let v1 = pixels_fetch(row + 1u, inside && column_is_inside(state.w + 4u));
    sum += t0.x * vec4<f32>(before1.w, v0.x, v0.y, v0.z);
    sum += t0.y * vec4<f32>(v0.x, v0.y, v0.z, v0.w);
    sum += t0.z * vec4<f32>(v0.y, v0.z, v0.w, v1.x);
  }
  return made(sum);
}

struct WeightsState { row: u32, first: u32 }

fn weights_setup(first: u32, batch: u32) -> WeightsState {
  let group = group_of(batch);
  return WeightsState(group * W_GROUP_ROWS, group * W_GROUP_COLS + first);
}

// Output channels first to first + 3 (the last ones, if these are beyond) of a tap and channel.
fn weights_vector(state: WeightsState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  return Packed(w[((tap.weight * W_TAP_ROWS + state.row + c) * W_COLS + min(state.first, W_COLS - 4u)) / 4u]);
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
  var x8_0 = vec4<f32>(pixels_vector(pixels0, tap, 8u));
  var x9_0 = vec4<f32>(pixels_vector(pixels0, tap, 9u));
  var x10_0 = vec4<f32>(pixels_vector(pixels0, tap, 10u));
  var x11_0 = vec4<f32>(pixels_vector(pixels0, tap, 11u));
  var x12_0 = vec4<f32>(pixels_vector(pixels0, tap, 12u));
  var x13_0 = vec4<f32>(pixels_vector(pixels0, tap, 13u));
  var x14_0 = vec4<f32>(pixels_vector(pixels0, tap, 14u));
  var x15_0 = vec4<f32>(pixels_vector(pixels0, tap, 15u));

  for (var i = t; i < STAGED; i += THREADS) { w_tile[i] = staged_weights(channel, i); }
  workgroupBarrier();

  for (var at = 0u; at < TILE_CHANNELS; at += BLOCK_CHANNELS) {
    var c0_0 = begin(0u, channel + at + 0u, first);
    var c1_0 = begin(0u, channel + at + 1u, first);
    var c2_0 = begin(0u, channel + at + 2u, first);
    var c3_0 = begin(0u, channel + at + 3u, first);

    for (var k = 0u; k < GROUP_CHANNELS; k += STEP) {
      let y0_0 = x0_0;
      let y1_0 = x1_0;
      let y2_0 = x2_0;
      let y3_0 = x3_0;
      let y4_0 = x4_0;
      let y5_0 = x5_0;
      let y6_0 = x6_0;
      let y7_0 = x7_0;
      let y8_0 = x8_0;
      let y9_0 = x9_0;
      let y10_0 = x10_0;
      let y11_0 = x11_0;
      let y12_0 = x12_0;
      let y13_0 = x13_0;
      let y14_0 = x14_0;
      let y15_0 = x15_0;
      x0_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 0u));
      x1_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 1u));
      x2_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 2u));
      x3_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 3u));
      x4_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 4u));
      x5_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 5u));
      x6_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 6u));
      x7_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 7u));
      x8_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 8u));
      x9_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 9u));
      x10_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 10u));
      x11_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 11u));
      x12_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 12u));
      x13_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 13u));
      x14_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 14u));
      x15_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 15u));
    let w0_0 = w_tile[(k + 0u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w0_0.x * y0_0;
    c1_0 += w0_0.y * y0_0;
    c2_0 += w0_0.z * y0_0;
    c3_0 += w0_0.w * y0_0;
    let w1_0 = w_tile[(k + 1u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w1_0.x * y1_0;
    c1_0 += w1_0.y * y1_0;
    c2_0 += w1_0.z * y1_0;
    c3_0 += w1_0.w * y1_0;
    let w2_0 = w_tile[(k + 2u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w2_0.x * y2_0;
    c1_0 += w2_0.y * y2_0;
    c2_0 += w2_0.z * y2_0;
    c3_0 += w2_0.w * y2_0;
    let w3_0 = w_tile[(k + 3u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w3_0.x * y3_0;
    c1_0 += w3_0.y * y3_0;
    c2_0 += w3_0.z * y3_0;
    c3_0 += w3_0.w * y3_0;
    let w4_0 = w_tile[(k + 4u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w4_0.x * y4_0;
    c1_0 += w4_0.y * y4_0;
    c2_0 += w4_0.z * y4_0;
    c3_0 += w4_0.w * y4_0;
    let w5_0 = w_tile[(k + 5u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w5_0.x * y5_0;
    c1_0 += w5_0.y * y5_0;
    c2_0 += w5_0.z * y5_0;
    c3_0 += w5_0.w * y5_0;
    let w6_0 = w_tile[(k + 6u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w6_0.x * y6_0;
    c1_0 += w6_0.y * y6_0;
    c2_0 += w6_0.z * y6_0;
    c3_0 += w6_0.w * y6_0;
    let w7_0 = w_tile[(k + 7u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w7_0.x * y7_0;
    c1_0 += w7_0.y * y7_0;
    c2_0 += w7_0.z * y7_0;
    c3_0 += w7_0.w * y7_0;
    let w8_0 = w_tile[(k + 8u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w8_0.x * y8_0;
    c1_0 += w8_0.y * y8_0;
    c2_0 += w8_0.z * y8_0;
    c3_0 += w8_0.w * y8_0;
    let w9_0 = w_tile[(k + 9u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w9_0.x * y9_0;
    c1_0 += w9_0.y * y9_0;
    c2_0 += w9_0.z * y9_0;
    c3_0 += w9_0.w * y9_0;
    let w10_0 = w_tile[(k + 10u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w10_0.x * y10_0;
    c1_0 += w10_0.y * y10_0;
    c2_0 += w10_0.z * y10_0;
    c3_0 += w10_0.w * y10_0;
    let w11_0 = w_tile[(k + 11u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w11_0.x * y11_0;
    c1_0 += w11_0.y * y11_0;
    c2_0 += w11_0.z * y11_0;
    c3_0 += w11_0.w * y11_0;
    let w12_0 = w_tile[(k + 12u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w12_0.x * y12_0;
    c1_0 += w12_0.y * y12_0;
    c2_0 += w12_0.z * y12_0;
    c3_0 += w12_0.w * y12_0;
    let w13_0 = w_tile[(k + 13u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w13_0.x * y13_0;
    c1_0 += w13_0.y * y13_0;
    c2_0 += w13_0.z * y13_0;
    c3_0 += w13_0.w * y13_0;
    let w14_0 = w_tile[(k + 14u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w14_0.x * y14_0;
    c1_0 += w14_0.y * y14_0;
    c2_0 += w14_0.z * y14_0;
    c3_0 += w14_0.w * y14_0;
    let w15_0 = w_tile[(k + 15u) * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w15_0.x * y15_0;
    c1_0 += w15_0.y * y15_0;
    c2_0 += w15_0.z * y15_0;
    c3_0 += w15_0.w * y15_0;
    }
    store(0u, channel + at + 0u, first, c0_0);
    store(0u, channel + at + 1u, first, c1_0);
    store(0u, channel + at + 2u, first, c2_0);
    store(0u, channel + at + 3u, first, c3_0);
  }
}
