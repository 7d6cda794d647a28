const WORKGROUP = 128u;
const GRID_X = 2u;
const ROWS = 16u;
const COLS = 48u;
const VECTORS = 192u;
const PARTS = 4u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 10u;
const OUT_H = 6u;
const KERNEL_H = 5u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 5u;
const INVERSE_H = 0u;
const IN_W = 12u;
const OUT_W = 8u;
const KERNEL_W = 5u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 5u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 1u;
const GROUP_OUT = 16u;
const OUT_CHANNELS = 16u;
const TAPS = 25u;
const POSITIONS = 48u;
const CHECKED = false;
alias Out = f32;
alias Item = f32;
@group(0) @binding(0) var<storage, read> partial: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
const POOL_H = 2u;
const POOL_W = 2u;
const POOL_PIXELS = 4u;
fn pool_at(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 4u;
  rest = rest / 4u;
  let h = rest % 3u;
  rest = rest / 3u;
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
const POOLS = 12u;
const PLANE_H = 6u;
const PLANE_W = 8u;
const RAGGED = false;
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (c) * 12u + (h) * 4u + (w); }
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

fn put_one(pool: vec4<u32>, c: u32, v: f32) {
  if (c >= OUT_CHANNELS) { return; }
  y[y_index(pool.x, c, pool.y, pool.z, pool.w)] = Out(v);
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let pool = pool_at(col / POOL_PIXELS);
  let bias = bias_at(row);
  var result = 0.0;
  for (var pixel = 0u; pixel < POOL_PIXELS; pixel++) {
    result = merge(result, activation(v[pixel] + bias), pixel, in_plane(pool, pixel));
  }
  put_one(pool, row, settled(result, pool));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= VECTORS) { return; }
  var sum = partial[i];
  for (var part = 1u; part < PARTS; part++) { sum += partial[part * VECTORS + i]; }
  let col = i % ((COLS + 3u) / 4u) * 4u;
  let rest = i / ((COLS + 3u) / 4u);
  store(rest / ROWS, rest % ROWS, col, sum);
}
