enable f16;
const THREADS = 128u;
const GRID_X = 1u;
const GROUPS = 1u;
const CHANNEL_TILES = 1u;
const POSITION_TILES = 1u;
const CHANNEL_LANES = 1u;
const POSITION_LANES = 128u;
const LANE_POSITIONS = 1u;
const POSITION_STEP = 128u;
const ROWS = 1u;
const COLS = 1u;
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
const IN_W = 1u;
const OUT_W = 1u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 1u;
const GROUP_OUT = 1u;
const OUT_CHANNELS = 1u;
const TAPS = 1u;
const POSITIONS = 1u;
const CHECKED = false;
const W_TAP_ROWS = 1u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 1u;
const W_COLS = 1u;
alias Stored = f16;
alias Packed = vec4<f16>;
alias Out = f16;
@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read> w: array<f16>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return 0u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return 0u; }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 1u;
  rest = rest / 1u;
  let h = rest % 1u;
  rest = rest / 1u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return 0u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> f32 { return 0.0; }
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

struct PixelsState { at: vec4<u32>, d: vec4<u32>, h: vec4<u32>, w: vec4<u32> }

fn pixels_setup(first: u32, batch: u32) -> PixelsState {
  let c = group_of(batch) * GROUP_CHANNELS;
  let p = position_of(min(first, POSITIONS - 1u));
  let q = position_of(min(first + POSITION_STEP, POSITIONS - 1u));
  let r = position_of(min(first + 2u * POSITION_STEP, POSITIONS - 1u));
  let s = position_of(min(first + 3u * POSITION_STEP, POSITIONS - 1u));
  let a = window_origin(p);
  let b = window_origin(q);
  let e = window_origin(r);
  let f = window_origin(s);
  return PixelsState(
    vec4<u32>(
      x_index(p.x, c, a.x, a.y, a.z),
      x_index(q.x, c, b.x, b.y, b.z),
      x_index(r.x, c, e.x, e.y, e.z),
      x_index(s.x, c, f.x, f.y, f.z),
    ),
    vec4<u32>(a.x, b.x, e.x, f.x),
    vec4<u32>(a.y, b.y, e.y, f.y),
    vec4<u32>(a.z, b.z, e.z, f.z),
  );
}

fn pixels_inside(state: PixelsState, tap: Tap) -> vec4<bool> {
  if (!CHECKED) { return vec4<bool>(true); }
  return (state.d + tap.offset.x < vec4<u32>(IN_D))
    & (state.h + tap.offset.y < vec4<u32>(IN_H))
    & (state.w + tap.offset.z < vec4<u32>(IN_W));
}

fn pixels_fetch(at: u32, inside: bool) -> Stored {
  if (!inside) { return Stored(); }
  return Stored(x[at]);
}

fn pixels_vector(state: PixelsState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  let at = state.at + x_step(0u, c, tap.offset.x, tap.offset.y, tap.offset.z);
  let inside = pixels_inside(state, tap);
  return Packed(
    pixels_fetch(at.x, inside.x),
    pixels_fetch(at.y, inside.y),
    pixels_fetch(at.z, inside.z),
    pixels_fetch(at.w, inside.w),
  );
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

fn store_one(batch: u32, position: u32, channel: u32, v: f32) {
  if (position >= POSITIONS || channel >= GROUP_OUT) { return; }
  let p = position_of(position);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + channel;
  y[y_index(p.x, c, o.x, o.y, o.z)] =
    Out(activation(v + bias_at(c) + residual_at(p.x, c, o.x, o.y, o.z)));
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { store_one(batch, row, col + i, v[i]); }
}

fn emit(batch: u32, first: u32, c: u32, c0: vec4<f32>, c1: vec4<f32>, c2: vec4<f32>, c3: vec4<f32>) {
  let channels = array<vec4<f32>, 4>(c0, c1, c2, c3);
  for (var i = 0u; i < 16u; i++) {
    store_one(batch, first + i % 4u * POSITION_STEP, c + i / 4u, channels[i / 4u][i % 4u]);
  }
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
