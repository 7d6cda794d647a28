const WORKGROUP = 128u;
const GRID_X = 5u;
const ROWS = 64u;
const COLS = 36u;
const VECTORS = 576u;
const PARTS = 4u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 4u;
const OUT_H = 4u;
const KERNEL_H = 1u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 1u;
const INVERSE_H = 0u;
const IN_W = 4u;
const OUT_W = 4u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 160u;
const GROUP_OUT = 36u;
const OUT_CHANNELS = 36u;
const TAPS = 1u;
const POSITIONS = 64u;
const CHECKED = false;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> partial: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn position_of(i: u32) -> vec4<u32> {
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
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 576u + (c) + (h) * 144u + (w) * 36u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(); }
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

// Only phases of unequal length have positions beyond the output.
fn beyond(o: vec3<u32>) -> bool { return o.x >= OUT_D || o.y >= OUT_H || o.z >= OUT_W; }

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let p = position_of(row);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + col;
  let added = residual_at(p.x, c, o.x, o.y, o.z);
  let result = vec4<f32>(
    activation(v.x + bias_at(c) + added.x),
    activation(v.y + bias_at(c + 1u) + added.y),
    activation(v.z + bias_at(c + 2u) + added.z),
    activation(v.w + bias_at(c + 3u) + added.w),
  );
  let real = c + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(OUT_CHANNELS);
  y[y_index(p.x, c, o.x, o.y, o.z) / 4u] = Out(select(vec4<f32>(), result, real));
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
