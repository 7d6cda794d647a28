const THREADS = 128u;
const GRID_X = 2u;
const GROUPS = 2u;
const ROWS = 6u;
const COLS = 280u;
const TILE_POSITIONS = 512u;
const BLOCK_CHANNELS = 4u;
const TILE_CHANNELS = 4u;
const CHANNEL_TILES = 2u;
const STEP = 4u;
const POSITION_STEP = 1u;
const STAGED = 4u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 7u;
const OUT_H = 7u;
const KERNEL_H = 1u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 1u;
const INVERSE_H = 0u;
const IN_W = 5u;
const OUT_W = 5u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 4u;
const GROUP_OUT = 6u;
const OUT_CHANNELS = 6u;
const TAPS = 1u;
const POSITIONS = 280u;
const CHECKED = false;
const W_TAP_ROWS = 4u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 6u;
const W_COLS = 6u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> taps: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) / 4u + (c) * 70u + (h) * 10u + (w) * 2u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) / 4u + (c) * 70u + (h) * 10u + (w) * 2u; }
alias Fetched = vec4<f32>;
const X_ROW = 10u;
const X_COLUMN = 2u;
const TAP_VECTORS = 3u;
const WINDOW_IN_H = 7u;
const WINDOW_IN_W = 5u;
const WINDOW_STRIDE_H = 1u;
const WINDOW_STRIDE_W = 1u;
const WINDOW_PAD_H = 1u;
const WINDOW_PAD_W = 1u;
const WINDOW_LEAVES_H = true;
const WINDOW_LEAVES_W = true;
fn window_activation(x: f32) -> f32 { return x; }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let n = rest % 8u;
  rest = rest / 8u;
  let w = rest % 5u;
  rest = rest / 5u;
  let h = rest % 7u;
  rest = rest / 7u;
  let d = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) + (c) * 280u + (h) * 40u + (w) * 8u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }

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
  let w = p.w * WINDOW_STRIDE_W - WINDOW_PAD_W;
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
    sum += t0.x * pixels_fetch(row, inside && column_is_inside(state.w + 0u));
    sum += t0.y * pixels_fetch(row + 1u * X_COLUMN, inside && column_is_inside(state.w + 1u));
    sum += t0.z * pixels_fetch(row + 2u * X_COLUMN, inside && column_is_inside(state.w + 2u));
  }
  return made(sum);
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
    store(0u, channel + at + 0u, first, c0_0);
    store(0u, channel + at + 1u, first, c1_0);
    store(0u, channel + at + 2u, first, c2_0);
    store(0u, channel + at + 3u, first, c3_0);
  }
}
