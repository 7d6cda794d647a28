const THREADS = 24u;
const GRID_X = 1u;
const LANES = 2u;
const OWN_LANES = 2u;
const LANE_GROUPS = 1u;
const COLUMNS = 2u;
const OWN_COLUMNS = 2u;
const COLUMN_GROUPS = 1u;
const STRIPS = 2u;
const OWN_STRIPS = 2u;
const STRIP_GROUPS = 1u;
const PLANES = 3u;
const OWN_PLANES = 3u;
const LANE_N = 0u;
const LANE_C = 4u;
const PLANE_C = 1u;
const STEP_C = 0u;
const PATCH_H = 2u;
const PATCH_W = 1u;
const STRIDE_H = 2u;
const STRIDE_W = 2u;
const PAD_H = 1u;
const PAD_W = 1u;
const IN_H = 8u;
const IN_W = 4u;
const OUT_H = 3u;
const OUT_W = 2u;
const LEAVES_H = true;
const LEAVES_W = true;
const GROUP_CHANNELS = 6u;
const GROUP_OUT = 4u;
const OUT_CHANNELS = 8u;
const X_CHANNELS = 1u;
const X_ROW = 48u;
const X_COLUMN = 12u;
alias Stored = f32;
alias Wide = f32;
@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 384u + (c) + (h) * 48u + (w) * 12u; }
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 48u + (c) + (h) * 16u + (w) * 8u; }
fn residual_at(n: u32, c: u32, h: u32, w: u32) -> Wide { return Wide(); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return x; }

fn put(n: u32, c: u32, h: u32, w: u32, v: vec4<f32>) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  for (var i = 0u; i < 4u; i++) {
    let sum = v[i] + residual_at(n, c + i, h, w) + bias_at(c + i);
    y[y_index(n, c + i, 0u, h, w)] = Stored(activation(sum));
  }
}

struct Place { used: bool, n: u32, c: u32, oh: u32, ow: u32, h: u32, w: u32 }

fn place_of(group: u32, t: u32) -> Place {
  let lane = group % LANE_GROUPS * OWN_LANES + t % OWN_LANES;
  let column = group / LANE_GROUPS % COLUMN_GROUPS * OWN_COLUMNS + t / OWN_LANES % OWN_COLUMNS;
  let strip = group / (LANE_GROUPS * COLUMN_GROUPS) % STRIP_GROUPS * OWN_STRIPS
    + t / (OWN_LANES * OWN_COLUMNS) % OWN_STRIPS;
  let plane = group / (LANE_GROUPS * COLUMN_GROUPS * STRIP_GROUPS) * OWN_PLANES
    + t / (OWN_LANES * OWN_COLUMNS * OWN_STRIPS);
  return Place(
    lane < LANES && column < COLUMNS && strip < STRIPS && plane < PLANES,
    lane * LANE_N + plane / PLANE_C,
    lane * LANE_C + plane % PLANE_C * STEP_C,
    strip * PATCH_H,
    column * PATCH_W,
    strip * PATCH_H * STRIDE_H - PAD_H,
    column * PATCH_W * STRIDE_W - PAD_W,
  );
}

fn compute_patch(p: Place) {
  let first = p.c / GROUP_OUT * GROUP_CHANNELS;
  var sum0_0_0 = vec4<f32>();
  var sum1_0_0 = vec4<f32>();
  let in0 = !LEAVES_W || p.w + 0u < IN_W;
  let in1 = !LEAVES_W || p.w + 1u < IN_W;
  let in2 = !LEAVES_W || p.w + 2u < IN_W;
  for (var ci = 0u; ci < GROUP_CHANNELS; ci += X_CHANNELS) {
    let at = x_index(p.n, first + ci, 0u, 0u, 0u) + p.h * X_ROW + p.w * X_COLUMN;
    let w0 = weights(0u, ci, p.c);
    let w1 = weights(1u, ci, p.c);
    let w2 = weights(2u, ci, p.c);
    let w3 = weights(3u, ci, p.c);
    let w4 = weights(4u, ci, p.c);
    let w5 = weights(5u, ci, p.c);
    let w6 = weights(6u, ci, p.c);
    let w7 = weights(7u, ci, p.c);
    let w8 = weights(8u, ci, p.c);
    let w9 = weights(9u, ci, p.c);
    let w10 = weights(10u, ci, p.c);
    let w11 = weights(11u, ci, p.c);
    {
      let inside = !LEAVES_H || p.h + 0u < IN_H;
      let row = at + 0u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      sum0_0_0 += x0 * w0;
      sum0_0_0 += x1 * w1;
      sum0_0_0 += x2 * w2;
    }
    {
      let inside = !LEAVES_H || p.h + 1u < IN_H;
      let row = at + 1u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      sum0_0_0 += x0 * w3;
      sum0_0_0 += x1 * w4;
      sum0_0_0 += x2 * w5;
    }
    {
      let inside = !LEAVES_H || p.h + 2u < IN_H;
      let row = at + 2u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      sum0_0_0 += x0 * w6;
      sum0_0_0 += x1 * w7;
      sum0_0_0 += x2 * w8;
      sum1_0_0 += x0 * w0;
      sum1_0_0 += x1 * w1;
      sum1_0_0 += x2 * w2;
    }
    {
      let inside = !LEAVES_H || p.h + 3u < IN_H;
      let row = at + 3u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      sum0_0_0 += x0 * w9;
      sum0_0_0 += x1 * w10;
      sum0_0_0 += x2 * w11;
      sum1_0_0 += x0 * w3;
      sum1_0_0 += x1 * w4;
      sum1_0_0 += x2 * w5;
    }
    {
      let inside = !LEAVES_H || p.h + 4u < IN_H;
      let row = at + 4u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      sum1_0_0 += x0 * w6;
      sum1_0_0 += x1 * w7;
      sum1_0_0 += x2 * w8;
    }
    {
      let inside = !LEAVES_H || p.h + 5u < IN_H;
      let row = at + 5u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      sum1_0_0 += x0 * w9;
      sum1_0_0 += x1 * w10;
      sum1_0_0 += x2 * w11;
    }
  }
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 0u, sum0_0_0);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 0u, sum1_0_0);
}

fn x_at(inside: bool, at: u32) -> Wide {
  if (!inside) { return Wide(); }
  return Wide(x[at]);
}

// Of four output channels from c on.
fn weights(tap: u32, ci: u32, c: u32) -> vec4<f32> {
  return vec4<f32>(w[((tap * GROUP_CHANNELS + ci) * OUT_CHANNELS + c) / 4u]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let place = place_of(wid.x + wid.y * GRID_X, t);
  if (place.used) { compute_patch(place); }
}
