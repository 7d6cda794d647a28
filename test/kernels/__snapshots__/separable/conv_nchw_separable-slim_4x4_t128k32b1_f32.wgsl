const THREADS = 128u;
const GRID_X = 25u;
const GROUPS = 25u;
const ROWS = 100u;
const COLS = 256u;
const TILE_POSITIONS = 512u;
const BLOCK_CHANNELS = 4u;
const TILE_CHANNELS = 4u;
const CHANNEL_TILES = 25u;
const STEP = 32u;
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
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 6400u + (c) * 64u + (h) * 8u + (w); }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(residual[residual_index(n, c, d, h, w) / 4u]); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return x; }

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
  let x0_0 = vec4<f32>(pixels_vector(pixels0, tap, 0u));
  let x1_0 = vec4<f32>(pixels_vector(pixels0, tap, 1u));
  let x2_0 = vec4<f32>(pixels_vector(pixels0, tap, 2u));
  let x3_0 = vec4<f32>(pixels_vector(pixels0, tap, 3u));
  let x4_0 = vec4<f32>(pixels_vector(pixels0, tap, 4u));
  let x5_0 = vec4<f32>(pixels_vector(pixels0, tap, 5u));
  let x6_0 = vec4<f32>(pixels_vector(pixels0, tap, 6u));
  let x7_0 = vec4<f32>(pixels_vector(pixels0, tap, 7u));
  let x8_0 = vec4<f32>(pixels_vector(pixels0, tap, 8u));
  let x9_0 = vec4<f32>(pixels_vector(pixels0, tap, 9u));
  let x10_0 = vec4<f32>(pixels_vector(pixels0, tap, 10u));
  let x11_0 = vec4<f32>(pixels_vector(pixels0, tap, 11u));
  let x12_0 = vec4<f32>(pixels_vector(pixels0, tap, 12u));
  let x13_0 = vec4<f32>(pixels_vector(pixels0, tap, 13u));
  let x14_0 = vec4<f32>(pixels_vector(pixels0, tap, 14u));
  let x15_0 = vec4<f32>(pixels_vector(pixels0, tap, 15u));
  let x16_0 = vec4<f32>(pixels_vector(pixels0, tap, 16u));
  let x17_0 = vec4<f32>(pixels_vector(pixels0, tap, 17u));
  let x18_0 = vec4<f32>(pixels_vector(pixels0, tap, 18u));
  let x19_0 = vec4<f32>(pixels_vector(pixels0, tap, 19u));
  let x20_0 = vec4<f32>(pixels_vector(pixels0, tap, 20u));
  let x21_0 = vec4<f32>(pixels_vector(pixels0, tap, 21u));
  let x22_0 = vec4<f32>(pixels_vector(pixels0, tap, 22u));
  let x23_0 = vec4<f32>(pixels_vector(pixels0, tap, 23u));
  let x24_0 = vec4<f32>(pixels_vector(pixels0, tap, 24u));
  let x25_0 = vec4<f32>(pixels_vector(pixels0, tap, 25u));
  let x26_0 = vec4<f32>(pixels_vector(pixels0, tap, 26u));
  let x27_0 = vec4<f32>(pixels_vector(pixels0, tap, 27u));
  let x28_0 = vec4<f32>(pixels_vector(pixels0, tap, 28u));
  let x29_0 = vec4<f32>(pixels_vector(pixels0, tap, 29u));
  let x30_0 = vec4<f32>(pixels_vector(pixels0, tap, 30u));
  let x31_0 = vec4<f32>(pixels_vector(pixels0, tap, 31u));

  for (var i = t; i < STAGED; i += THREADS) { w_tile[i] = staged_weights(channel, i); }
  workgroupBarrier();

  for (var at = 0u; at < TILE_CHANNELS; at += BLOCK_CHANNELS) {
    var c0_0 = vec4<f32>();
    var c1_0 = vec4<f32>();
    var c2_0 = vec4<f32>();
    var c3_0 = vec4<f32>();
    let w0_0 = w_tile[0u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w0_0.x * x0_0;
    c1_0 += w0_0.y * x0_0;
    c2_0 += w0_0.z * x0_0;
    c3_0 += w0_0.w * x0_0;
    let w1_0 = w_tile[1u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w1_0.x * x1_0;
    c1_0 += w1_0.y * x1_0;
    c2_0 += w1_0.z * x1_0;
    c3_0 += w1_0.w * x1_0;
    let w2_0 = w_tile[2u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w2_0.x * x2_0;
    c1_0 += w2_0.y * x2_0;
    c2_0 += w2_0.z * x2_0;
    c3_0 += w2_0.w * x2_0;
    let w3_0 = w_tile[3u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w3_0.x * x3_0;
    c1_0 += w3_0.y * x3_0;
    c2_0 += w3_0.z * x3_0;
    c3_0 += w3_0.w * x3_0;
    let w4_0 = w_tile[4u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w4_0.x * x4_0;
    c1_0 += w4_0.y * x4_0;
    c2_0 += w4_0.z * x4_0;
    c3_0 += w4_0.w * x4_0;
    let w5_0 = w_tile[5u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w5_0.x * x5_0;
    c1_0 += w5_0.y * x5_0;
    c2_0 += w5_0.z * x5_0;
    c3_0 += w5_0.w * x5_0;
    let w6_0 = w_tile[6u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w6_0.x * x6_0;
    c1_0 += w6_0.y * x6_0;
    c2_0 += w6_0.z * x6_0;
    c3_0 += w6_0.w * x6_0;
    let w7_0 = w_tile[7u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w7_0.x * x7_0;
    c1_0 += w7_0.y * x7_0;
    c2_0 += w7_0.z * x7_0;
    c3_0 += w7_0.w * x7_0;
    let w8_0 = w_tile[8u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w8_0.x * x8_0;
    c1_0 += w8_0.y * x8_0;
    c2_0 += w8_0.z * x8_0;
    c3_0 += w8_0.w * x8_0;
    let w9_0 = w_tile[9u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w9_0.x * x9_0;
    c1_0 += w9_0.y * x9_0;
    c2_0 += w9_0.z * x9_0;
    c3_0 += w9_0.w * x9_0;
    let w10_0 = w_tile[10u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w10_0.x * x10_0;
    c1_0 += w10_0.y * x10_0;
    c2_0 += w10_0.z * x10_0;
    c3_0 += w10_0.w * x10_0;
    let w11_0 = w_tile[11u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w11_0.x * x11_0;
    c1_0 += w11_0.y * x11_0;
    c2_0 += w11_0.z * x11_0;
    c3_0 += w11_0.w * x11_0;
    let w12_0 = w_tile[12u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w12_0.x * x12_0;
    c1_0 += w12_0.y * x12_0;
    c2_0 += w12_0.z * x12_0;
    c3_0 += w12_0.w * x12_0;
    let w13_0 = w_tile[13u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w13_0.x * x13_0;
    c1_0 += w13_0.y * x13_0;
    c2_0 += w13_0.z * x13_0;
    c3_0 += w13_0.w * x13_0;
    let w14_0 = w_tile[14u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w14_0.x * x14_0;
    c1_0 += w14_0.y * x14_0;
    c2_0 += w14_0.z * x14_0;
    c3_0 += w14_0.w * x14_0;
    let w15_0 = w_tile[15u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w15_0.x * x15_0;
    c1_0 += w15_0.y * x15_0;
    c2_0 += w15_0.z * x15_0;
    c3_0 += w15_0.w * x15_0;
    let w16_0 = w_tile[16u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w16_0.x * x16_0;
    c1_0 += w16_0.y * x16_0;
    c2_0 += w16_0.z * x16_0;
    c3_0 += w16_0.w * x16_0;
    let w17_0 = w_tile[17u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w17_0.x * x17_0;
    c1_0 += w17_0.y * x17_0;
    c2_0 += w17_0.z * x17_0;
    c3_0 += w17_0.w * x17_0;
    let w18_0 = w_tile[18u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w18_0.x * x18_0;
    c1_0 += w18_0.y * x18_0;
    c2_0 += w18_0.z * x18_0;
    c3_0 += w18_0.w * x18_0;
    let w19_0 = w_tile[19u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w19_0.x * x19_0;
    c1_0 += w19_0.y * x19_0;
    c2_0 += w19_0.z * x19_0;
    c3_0 += w19_0.w * x19_0;
    let w20_0 = w_tile[20u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w20_0.x * x20_0;
    c1_0 += w20_0.y * x20_0;
    c2_0 += w20_0.z * x20_0;
    c3_0 += w20_0.w * x20_0;
    let w21_0 = w_tile[21u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w21_0.x * x21_0;
    c1_0 += w21_0.y * x21_0;
    c2_0 += w21_0.z * x21_0;
    c3_0 += w21_0.w * x21_0;
    let w22_0 = w_tile[22u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w22_0.x * x22_0;
    c1_0 += w22_0.y * x22_0;
    c2_0 += w22_0.z * x22_0;
    c3_0 += w22_0.w * x22_0;
    let w23_0 = w_tile[23u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w23_0.x * x23_0;
    c1_0 += w23_0.y * x23_0;
    c2_0 += w23_0.z * x23_0;
    c3_0 += w23_0.w * x23_0;
    let w24_0 = w_tile[24u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w24_0.x * x24_0;
    c1_0 += w24_0.y * x24_0;
    c2_0 += w24_0.z * x24_0;
    c3_0 += w24_0.w * x24_0;
    let w25_0 = w_tile[25u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w25_0.x * x25_0;
    c1_0 += w25_0.y * x25_0;
    c2_0 += w25_0.z * x25_0;
    c3_0 += w25_0.w * x25_0;
    let w26_0 = w_tile[26u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w26_0.x * x26_0;
    c1_0 += w26_0.y * x26_0;
    c2_0 += w26_0.z * x26_0;
    c3_0 += w26_0.w * x26_0;
    let w27_0 = w_tile[27u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w27_0.x * x27_0;
    c1_0 += w27_0.y * x27_0;
    c2_0 += w27_0.z * x27_0;
    c3_0 += w27_0.w * x27_0;
    let w28_0 = w_tile[28u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w28_0.x * x28_0;
    c1_0 += w28_0.y * x28_0;
    c2_0 += w28_0.z * x28_0;
    c3_0 += w28_0.w * x28_0;
    let w29_0 = w_tile[29u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w29_0.x * x29_0;
    c1_0 += w29_0.y * x29_0;
    c2_0 += w29_0.z * x29_0;
    c3_0 += w29_0.w * x29_0;
    let w30_0 = w_tile[30u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w30_0.x * x30_0;
    c1_0 += w30_0.y * x30_0;
    c2_0 += w30_0.z * x30_0;
    c3_0 += w30_0.w * x30_0;
    let w31_0 = w_tile[31u * (TILE_CHANNELS / 4u) + at / 4u + 0u];
    c0_0 += w31_0.x * x31_0;
    c1_0 += w31_0.y * x31_0;
    c2_0 += w31_0.z * x31_0;
    c3_0 += w31_0.w * x31_0;
    store(0u, channel + at + 0u, first, c0_0);
    store(0u, channel + at + 1u, first, c1_0);
    store(0u, channel + at + 2u, first, c2_0);
    store(0u, channel + at + 3u, first, c3_0);
  }
}
