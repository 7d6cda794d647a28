enable f16;
const THREADS = 96u;
const GRID_X = 1u;
const LANES = 4u;
const OWN_LANES = 4u;
const LANE_GROUPS = 1u;
const COLUMNS = 2u;
const OWN_COLUMNS = 2u;
const COLUMN_GROUPS = 1u;
const STRIPS = 3u;
const OWN_STRIPS = 3u;
const STRIP_GROUPS = 1u;
const PLANES = 4u;
const OWN_PLANES = 4u;
const LANE_N = 0u;
const LANE_C = 4u;
const PLANE_C = 1u;
const STEP_C = 0u;
const PATCH_H = 2u;
const PATCH_W = 4u;
const STRIDE_H = 1u;
const STRIDE_W = 1u;
const PAD_H = 1u;
const PAD_W = 1u;
const IN_H = 5u;
const IN_W = 7u;
const OUT_H = 6u;
const OUT_W = 7u;
const LEAVES_H = true;
const LEAVES_W = true;
const GROUP_CHANNELS = 4u;
const GROUP_OUT = 4u;
const OUT_CHANNELS = 16u;
const X_CHANNELS = 4u;
const X_ROW = 28u;
const X_COLUMN = 4u;
alias Stored = vec4<f16>;
alias Wide = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read> bias: array<f16>;
@group(0) @binding(3) var<storage, read> residual: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 140u + (c) / 4u + (h) * 28u + (w) * 4u; }
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 168u + (c) / 4u + (h) * 28u + (w) * 4u; }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 168u + (c) / 4u + (h) * 28u + (w) * 4u; }
fn residual_at(n: u32, c: u32, h: u32, w: u32) -> Wide { return Wide(residual[residual_index(n, c, 0u, h, w)]); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }

fn put(n: u32, c: u32, h: u32, w: u32, v: vec4<f32>) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  let sum = v + residual_at(n, c, h, w) + vec4<f32>(bias_at(c), bias_at(c + 1u), bias_at(c + 2u), bias_at(c + 3u));
  y[y_index(n, c, 0u, h, w)] =
    Stored(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
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
  var sum0_1_0 = vec4<f32>();
  var sum0_2_0 = vec4<f32>();
  var sum0_3_0 = vec4<f32>();
  var sum1_0_0 = vec4<f32>();
  var sum1_1_0 = vec4<f32>();
  var sum1_2_0 = vec4<f32>();
  var sum1_3_0 = vec4<f32>();
  let in0 = !LEAVES_W || p.w + 0u < IN_W;
  let in1 = !LEAVES_W || p.w + 1u < IN_W;
  let in2 = !LEAVES_W || p.w + 2u < IN_W;
  let in3 = !LEAVES_W || p.w + 3u < IN_W;
  let in4 = !LEAVES_W || p.w + 4u < IN_W;
  let in5 = !LEAVES_W || p.w + 5u < IN_W;
  for (var ci = 0u; ci < GROUP_CHANNELS; ci += X_CHANNELS) {
    let at = x_index(p.n, first + ci, 0u, 0u, 0u) + p.h * X_ROW + p.w * X_COLUMN;
    {
      let inside = !LEAVES_H || p.h + 0u < IN_H;
      let row = at + 0u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      let x3 = x_at(inside && in3, row + 3u * X_COLUMN);
      let x4 = x_at(inside && in4, row + 4u * X_COLUMN);
      let x5 = x_at(inside && in5, row + 5u * X_COLUMN);
      let w0_0 = weights(0u, ci + 0u, p.c);
      let w0_1 = weights(0u, ci + 1u, p.c);
      let w0_2 = weights(0u, ci + 2u, p.c);
      let w0_3 = weights(0u, ci + 3u, p.c);
      let w1_0 = weights(1u, ci + 0u, p.c);
      let w1_1 = weights(1u, ci + 1u, p.c);
      let w1_2 = weights(1u, ci + 2u, p.c);
      let w1_3 = weights(1u, ci + 3u, p.c);
      let w2_0 = weights(2u, ci + 0u, p.c);
      let w2_1 = weights(2u, ci + 1u, p.c);
      let w2_2 = weights(2u, ci + 2u, p.c);
      let w2_3 = weights(2u, ci + 3u, p.c);
      sum0_0_0 += x0.x * w0_0 + x0.y * w0_1 + x0.z * w0_2 + x0.w * w0_3;
      sum0_0_0 += x1.x * w1_0 + x1.y * w1_1 + x1.z * w1_2 + x1.w * w1_3;
      sum0_1_0 += x1.x * w0_0 + x1.y * w0_1 + x1.z * w0_2 + x1.w * w0_3;
      sum0_0_0 += x2.x * w2_0 + x2.y * w2_1 + x2.z * w2_2 + x2.w * w2_3;
      sum0_1_0 += x2.x * w1_0 + x2.y * w1_1 + x2.z * w1_2 + x2.w * w1_3;
      sum0_2_0 += x2.x * w0_0 + x2.y * w0_1 + x2.z * w0_2 + x2.w * w0_3;
      sum0_1_0 += x3.x * w2_0 + x3.y * w2_1 + x3.z * w2_2 + x3.w * w2_3;
      sum0_2_0 += x3.x * w1_0 + x3.y * w1_1 + x3.z * w1_2 + x3.w * w1_3;
      sum0_3_0 += x3.x * w0_0 + x3.y * w0_1 + x3.z * w0_2 + x3.w * w0_3;
      sum0_2_0 += x4.x * w2_0 + x4.y * w2_1 + x4.z * w2_2 + x4.w * w2_3;
      sum0_3_0 += x4.x * w1_0 + x4.y * w1_1 + x4.z * w1_2 + x4.w * w1_3;
      sum0_3_0 += x5.x * w2_0 + x5.y * w2_1 + x5.z * w2_2 + x5.w * w2_3;
    }
    {
      let inside = !LEAVES_H || p.h + 1u < IN_H;
      let row = at + 1u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      let x3 = x_at(inside && in3, row + 3u * X_COLUMN);
      let x4 = x_at(inside && in4, row + 4u * X_COLUMN);
      let x5 = x_at(inside && in5, row + 5u * X_COLUMN);
      let w3_0 = weights(3u, ci + 0u, p.c);
      let w3_1 = weights(3u, ci + 1u, p.c);
      let w3_2 = weights(3u, ci + 2u, p.c);
      let w3_3 = weights(3u, ci + 3u, p.c);
      let w4_0 = weights(4u, ci + 0u, p.c);
      let w4_1 = weights(4u, ci + 1u, p.c);
      let w4_2 = weights(4u, ci + 2u, p.c);
      let w4_3 = weights(4u, ci + 3u, p.c);
      let w5_0 = weights(5u, ci + 0u, p.c);
      let w5_1 = weights(5u, ci + 1u, p.c);
      let w5_2 = weights(5u, ci + 2u, p.c);
      let w5_3 = weights(5u, ci + 3u, p.c);
      sum0_0_0 += x0.x * w3_0 + x0.y * w3_1 + x0.z * w3_2 + x0.w * w3_3;
      sum0_0_0 += x1.x * w4_0 + x1.y * w4_1 + x1.z * w4_2 + x1.w * w4_3;
      sum0_1_0 += x1.x * w3_0 + x1.y * w3_1 + x1.z * w3_2 + x1.w * w3_3;
      sum0_0_0 += x2.x * w5_0 + x2.y * w5_1 + x2.z * w5_2 + x2.w * w5_3;
      sum0_1_0 += x2.x * w4_0 + x2.y * w4_1 + x2.z * w4_2 + x2.w * w4_3;
      sum0_2_0 += x2.x * w3_0 + x2.y * w3_1 + x2.z * w3_2 + x2.w * w3_3;
      sum0_1_0 += x3.x * w5_0 + x3.y * w5_1 + x3.z * w5_2 + x3.w * w5_3;
      sum0_2_0 += x3.x * w4_0 + x3.y * w4_1 + x3.z * w4_2 + x3.w * w4_3;
      sum0_3_0 += x3.x * w3_0 + x3.y * w3_1 + x3.z * w3_2 + x3.w * w3_3;
      sum0_2_0 += x4.x * w5_0 + x4.y * w5_1 + x4.z * w5_2 + x4.w * w5_3;
      sum0_3_0 += x4.x * w4_0 + x4.y * w4_1 + x4.z * w4_2 + x4.w * w4_3;
      sum0_3_0 += x5.x * w5_0 + x5.y * w5_1 + x5.z * w5_2 + x5.w * w5_3;
      let w0_0 = weights(0u, ci + 0u, p.c);
      let w0_1 = weights(0u, ci + 1u, p.c);
      let w0_2 = weights(0u, ci + 2u, p.c);
      let w0_3 = weights(0u, ci + 3u, p.c);
      let w1_0 = weights(1u, ci + 0u, p.c);
      let w1_1 = weights(1u, ci + 1u, p.c);
      let w1_2 = weights(1u, ci + 2u, p.c);
      let w1_3 = weights(1u, ci + 3u, p.c);
      let w2_0 = weights(2u, ci + 0u, p.c);
      let w2_1 = weights(2u, ci + 1u, p.c);
      let w2_2 = weights(2u, ci + 2u, p.c);
      let w2_3 = weights(2u, ci + 3u, p.c);
      sum1_0_0 += x0.x * w0_0 + x0.y * w0_1 + x0.z * w0_2 + x0.w * w0_3;
      sum1_0_0 += x1.x * w1_0 + x1.y * w1_1 + x1.z * w1_2 + x1.w * w1_3;
      sum1_1_0 += x1.x * w0_0 + x1.y * w0_1 + x1.z * w0_2 + x1.w * w0_3;
      sum1_0_0 += x2.x * w2_0 + x2.y * w2_1 + x2.z * w2_2 + x2.w * w2_3;
      sum1_1_0 += x2.x * w1_0 + x2.y * w1_1 + x2.z * w1_2 + x2.w * w1_3;
      sum1_2_0 += x2.x * w0_0 + x2.y * w0_1 + x2.z * w0_2 + x2.w * w0_3;
      sum1_1_0 += x3.x * w2_0 + x3.y * w2_1 + x3.z * w2_2 + x3.w * w2_3;
      sum1_2_0 += x3.x * w1_0 + x3.y * w1_1 + x3.z * w1_2 + x3.w * w1_3;
      sum1_3_0 += x3.x * w0_0 + x3.y * w0_1 + x3.z * w0_2 + x3.w * w0_3;
      sum1_2_0 += x4.x * w2_0 + x4.y * w2_1 + x4.z * w2_2 + x4.w * w2_3;
      sum1_3_0 += x4.x * w1_0 + x4.y * w1_1 + x4.z * w1_2 + x4.w * w1_3;
      sum1_3_0 += x5.x * w2_0 + x5.y * w2_1 + x5.z * w2_2 + x5.w * w2_3;
    }
    {
      let inside = !LEAVES_H || p.h + 2u < IN_H;
      let row = at + 2u * X_ROW;
      let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
      let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
      let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
      let x3 = x_at(inside && in3, row + 3u * X_COLUMN);
      let x4 = x_at(inside && in4, row + 4u * X_COLUMN);
      let x5 = x_at(inside && in5, row + 5u * X_COLUMN);
      let w3_0 = weights(3u, ci + 0u, p.c);
      let w3_1 = weights(3u, ci + 1u, p.c);
      let w3_2 = weights(3u, ci + 2u, p.c);
      let w3_3 = weights(3u, ci + 3u, p.c);
      let w4_0 = weights(4u, ci + 0u, p.c);
      let w4_1 = weights(4u, ci + 1u, p.c);
      let w4_2 = weights(4u, ci + 2u, p.c);
      let w4_3 = weights(4u, ci + 3u, p.c);
      let w5_0 = weights(5u, ci + 0u, p.c);
      let w5_1 = weights(5u, ci + 1u, p.c);
      let w5_2 = weights(5u, ci + 2u, p.c);
      let w5_3 = weights(5u, ci + 3u, p.c);
      sum1_0_0 += x0.x * w3_0 + x0.y * w3_1 + x0.z * w3_2 + x0.w * w3_3;
      sum1_0_0 += x1.x * w4_0 + x1.y * w4_1 + x1.z * w4_2 + x1.w * w4_3;
      sum1_1_0 += x1.x * w3_0 + x1.y * w3_1 + x1.z * w3_2 + x1.w * w3_3;
      sum1_0_0 += x2.x * w5_0 + x2.y * w5_1 + x2.z * w5_2 + x2.w * w5_3;
      sum1_1_0 += x2.x * w4_0 + x2.y * w4_1 + x2.z * w4_2 + x2.w * w4_3;
      sum1_2_0 += x2.x * w3_0 + x2.y * w3_1 + x2.z * w3_2 + x2.w * w3_3;
      sum1_1_0 += x3.x * w5_0 + x3.y * w5_1 + x3.z * w5_2 + x3.w * w5_3;
      sum1_2_0 += x3.x * w4_0 + x3.y * w4_1 + x3.z * w4_2 + x3.w * w4_3;
      sum1_3_0 += x3.x * w3_0 + x3.y * w3_1 + x3.z * w3_2 + x3.w * w3_3;
      sum1_2_0 += x4.x * w5_0 + x4.y * w5_1 + x4.z * w5_2 + x4.w * w5_3;
      sum1_3_0 += x4.x * w4_0 + x4.y * w4_1 + x4.z * w4_2 + x4.w * w4_3;
      sum1_3_0 += x5.x * w5_0 + x5.y * w5_1 + x5.z * w5_2 + x5.w * w5_3;
    }
  }
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 0u, sum0_0_0);
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 1u, sum0_1_0);
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 2u, sum0_2_0);
  put(p.n, p.c + 0u, p.oh + 0u, p.ow + 3u, sum0_3_0);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 0u, sum1_0_0);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 1u, sum1_1_0);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 2u, sum1_2_0);
  put(p.n, p.c + 0u, p.oh + 1u, p.ow + 3u, sum1_3_0);
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
