const THREADS = 64u;
const GRID_X = 4u;
const GROUPS = 4u;
const CHANNEL_TILES = 1u;
const CHANNEL_LANES = 4u;
const POOL_LANES = 16u;
const FOURS = 1u;
const REACH = 4u;
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
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 1u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 8u;
const OUT_W = 8u;
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
const POSITIONS = 256u;
const CHECKED = true;
const W_TAP_ROWS = 8u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 12u;
const W_COLS = 12u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
alias Item = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 512u + (c) + (h) * 64u + (w) * 8u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 512u + (c) + (h) * 64u + (w) * 8u; }
const POOL_H = 2u;
const POOL_W = 2u;
const POOL_PIXELS = 4u;
fn pool_at(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 4u;
  rest = rest / 4u;
  let h = rest % 4u;
  rest = rest / 4u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}

fn position_of(i: u32) -> vec4<u32> {
  let pool = pool_at(i / POOL_PIXELS);
  let pixel = i % POOL_PIXELS;
  return vec4<u32>(pool.xy, pool.z * POOL_H + pixel / POOL_W, pool.w * POOL_W + pixel % POOL_W);
}
const POOLS = 64u;
const PLANE_H = 8u;
const PLANE_W = 8u;
const RAGGED = false;
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 192u + (c) + (h) * 48u + (w) * 12u; }
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

fn merged(a: Item, b: Item) -> Item { return max(a, b); }

fn settled(v: Item, pool: vec4<u32>) -> Item { return v; }

fn in_plane(pool: vec4<u32>, pixel: u32) -> bool {
  if (!RAGGED) { return true; }
  return pool.z * POOL_H + pixel / POOL_W < PLANE_H && pool.w * POOL_W + pixel % POOL_W < PLANE_W;
}

fn merge(before: Item, v: Item, pixel: u32, keep: bool) -> Item {
  if (pixel == 0u) { return v; }
  return select(before, merged(before, v), keep);
}

fn finished(v: vec4<f32>, c: u32) -> vec4<f32> {
  return vec4<f32>(
    activation(v.x + bias_at(c)),
    activation(v.y + bias_at(c + 1u)),
    activation(v.z + bias_at(c + 2u)),
    activation(v.w + bias_at(c + 3u)),
  );
}

fn put(pool: vec4<u32>, c: u32, v: vec4<f32>) {
  if (c >= OUT_CHANNELS) { return; }
  let real = c + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(OUT_CHANNELS);
  y[y_index(pool.x, c, pool.y, pool.z, pool.w) / 4u] = Out(select(vec4<f32>(), v, real));
}

fn input_at(at: u32, inside: bool) -> f32 {
  if (!inside) { return 0.0; }
  return f32(x[at]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  let number = group / CHANNEL_TILES * POOL_LANES + t / CHANNEL_LANES;
  if (group >= GROUPS || number >= POOLS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channel = group % CHANNEL_TILES * (4u * FOURS * CHANNEL_LANES) + t % CHANNEL_LANES * 4u;
  let pool = pool_at(number);
  let origin = window_origin(position_of(number * POOL_PIXELS));
  let at = x_index(pool.x, 0u, 0u, origin.y, origin.z);

  var sums: array<vec4<f32>, FOURS * POOL_PIXELS>;
  for (var c = 0u; c < GROUP_CHANNELS; c++) {
    for (var kh = 0u; kh < KERNEL_H; kh++) {
      var rows: array<f32, POOL_H * REACH>;
      for (var i = 0u; i < POOL_H; i++) {
        let h = i * STRIDE_H + kh * DILATION_H;
        let inside = !CHECKED || origin.y + h < IN_H;
        for (var j = 0u; j < REACH; j++) {
          let within = inside && (!CHECKED || origin.z + j < IN_W);
          rows[i * REACH + j] = input_at(at + x_step(0u, c, 0u, h, j), within);
        }
      }
      for (var kw = 0u; kw < KERNEL_W; kw++) {
        let tap = Tap(vec3<u32>(), kh * KERNEL_W + kw, true);
        for (var f = 0u; f < FOURS; f++) {
          let weights = weights_setup(channel + f * (4u * CHANNEL_LANES), 0u);
          let a = vec4<f32>(weights_vector(weights, tap, c));
          for (var i = 0u; i < POOL_H; i++) {
            for (var j = 0u; j < POOL_W; j++) {
              sums[f * POOL_PIXELS + i * POOL_W + j] += a * rows[i * REACH + j * STRIDE_W + kw * DILATION_W];
            }
          }
        }
      }
    }
  }

  for (var f = 0u; f < FOURS; f++) {
    let first = channel + f * (4u * CHANNEL_LANES);
    var result = vec4<f32>();
    for (var pixel = 0u; pixel < POOL_PIXELS; pixel++) {
      let value = finished(sums[f * POOL_PIXELS + pixel], first);
      result = merge(result, value, pixel, in_plane(pool, pixel));
    }
    put(pool, first, settled(result, pool));
  }
}
