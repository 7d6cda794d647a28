const THREADS = 128u;
const GRID_X = 2u;
const GROUPS = 2u;
const CHANNEL_TILES = 2u;
const POSITION_TILES = 1u;
const CHANNEL_LANES = 1u;
const POSITION_LANES = 128u;
const LANE_POSITIONS = 4u;
const POSITION_STEP = 1u;
const ROWS = 12u;
const COLS = 144u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 6u;
const OUT_H = 6u;
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 1u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 6u;
const OUT_W = 6u;
const KERNEL_W = 3u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 1u;
const TAPS_W = 3u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 8u;
const GROUP_OUT = 12u;
const OUT_CHANNELS = 12u;
const TAPS = 9u;
const POSITIONS = 144u;
const CHECKED = true;
const W_TAP_ROWS = 8u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 12u;
const W_COLS = 12u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) / 4u + (c) * 36u + (h) * 6u + (w); }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) / 4u + (c) * 36u + (h) * 6u + (w); }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let n = rest % 4u;
  rest = rest / 4u;
  let w = rest % 6u;
  rest = rest / 6u;
  let h = rest % 6u;
  rest = rest / 6u;
  let d = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) + (c) * 144u + (h) * 24u + (w) * 4u; }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) + (c) * 144u + (h) * 24u + (w) * 4u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(residual[residual_index(n, c, d, h, w) / 4u]); }
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

fn emit(batch: u32, first: u32, c: u32, c0: vec4<f32>, c1: vec4<f32>, c2: vec4<f32>, c3: vec4<f32>) {
  let channels = array<vec4<f32>, 4>(c0, c1, c2, c3);
  for (var i = 0u; i < 4u; i++) { store(batch, c + i, first, channels[i]); }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channel_tile = group % CHANNEL_TILES;
  let position_tile = group / CHANNEL_TILES % POSITION_TILES;
  let batch = group / (CHANNEL_TILES * POSITION_TILES);
  let first = position_tile * (4u * POSITION_LANES) + t / CHANNEL_LANES * LANE_POSITIONS;
  let near = channel_tile * (8u * CHANNEL_LANES) + t % CHANNEL_LANES * 4u;
  let far = near + 4u * CHANNEL_LANES;
  let pixels = pixels_setup(first, batch);
  let near_weights = weights_setup(near, batch);
  let far_weights = weights_setup(far, batch);

  var c0 = vec4<f32>();
  var c1 = vec4<f32>();
  var c2 = vec4<f32>();
  var c3 = vec4<f32>();
  var c4 = vec4<f32>();
  var c5 = vec4<f32>();
  var c6 = vec4<f32>();
  var c7 = vec4<f32>();
  for (var i = 0u; i < TAPS; i++) {
    let tap = tap_at(i, batch);
    if (tap.used) {
      for (var c = 0u; c < GROUP_CHANNELS; c++) {
        let v = vec4<f32>(pixels_vector(pixels, tap, c));
        let a = vec4<f32>(weights_vector(near_weights, tap, c));
        let b = vec4<f32>(weights_vector(far_weights, tap, c));
        c0 += a.x * v;
        c1 += a.y * v;
        c2 += a.z * v;
        c3 += a.w * v;
        c4 += b.x * v;
        c5 += b.y * v;
        c6 += b.z * v;
        c7 += b.w * v;
      }
    }
  }
  var sums = array<vec4<f32>, 8>(c0, c1, c2, c3, c4, c5, c6, c7);
  for (var i = 0u; i < 8u; i += 4u) {
    emit(batch, first, near + i * CHANNEL_LANES, sums[i], sums[i + 1u], sums[i + 2u], sums[i + 3u]);
  }
}
