const THREADS = 128u;
const GRID_X = 2u;
const GROUPS = 2u;
const ROWS = 8u;
const COLS = 192u;
const TILE_POSITIONS = 512u;
const BLOCK_CHANNELS = 4u;
const TILE_CHANNELS = 4u;
const CHANNEL_TILES = 2u;
const STEP = 2u;
const POSITION_STEP = 1u;
const STAGED = 40u;
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
const IN_W = 24u;
const OUT_W = 24u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 40u;
const GROUP_OUT = 8u;
const OUT_CHANNELS = 8u;
const TAPS = 1u;
const POSITIONS = 192u;
const CHECKED = false;
const W_TAP_ROWS = 40u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 8u;
const W_COLS = 8u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 240u + (c) * 6u + (w) / 4u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 240u + (c) * 6u + (w) / 4u; }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 24u;
  rest = rest / 24u;
  let h = rest % 1u;
  rest = rest / 1u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 192u + (c) * 24u + (w); }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(); }
fn bias_at(c: u32) -> f32 { return 0.0; }
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
  var x0_0 = vec4<f32>(pixels_vector(pixels0, tap, 0u));
  var x1_0 = vec4<f32>(pixels_vector(pixels0, tap, 1u));

  for (var i = t; i < STAGED; i += THREADS) { w_tile[i] = staged_weights(channel, i); }
  workgroupBarrier();

  for (var at = 0u; at < TILE_CHANNELS; at += BLOCK_CHANNELS) {
    var c0_0 = vec4<f32>();
    var c1_0 = vec4<f32>();
    var c2_0 = vec4<f32>();
    var c3_0 = vec4<f32>();

    for (var k = 0u; k < GROUP_CHANNELS; k += STEP) {
      let y0_0 = x0_0;
      let y1_0 = x1_0;
      x0_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 0u));
      x1_0 = vec4<f32>(pixels_vector(pixels0, tap, k + STEP + 1u));
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
    }
    store(0u, channel + at + 0u, first, c0_0);
    store(0u, channel + at + 1u, first, c1_0);
    store(0u, channel + at + 2u, first, c2_0);
    store(0u, channel + at + 3u, first, c3_0);
  }
}
