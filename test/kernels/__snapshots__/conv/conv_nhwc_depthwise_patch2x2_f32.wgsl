const THREADS = 80u;
const GRID_X = 2u;
const LANES = 2u;
const OWN_LANES = 2u;
const LANE_GROUPS = 1u;
const COLUMNS = 5u;
const OWN_COLUMNS = 5u;
const COLUMN_GROUPS = 1u;
const STRIPS = 4u;
const OWN_STRIPS = 4u;
const STRIP_GROUPS = 1u;
const PLANES = 4u;
const OWN_PLANES = 2u;
const LANE_N = 0u;
const LANE_C = 4u;
const PLANE_C = 1u;
const STEP_C = 0u;
const PATCH_H = 2u;
const PATCH_W = 2u;
const STRIDE_H = 1u;
const STRIDE_W = 1u;
const PAD_H = 1u;
const PAD_W = 1u;
const IN_H = 7u;
const IN_W = 9u;
const OUT_H = 7u;
const OUT_W = 9u;
const LEAVES_H = true;
const LEAVES_W = true;
const MULTIPLIER = 1u;
const X_ROW = 18u;
const X_COLUMN = 2u;
alias Stored = vec4<f32>;
alias Wide = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> w: array<Stored>;
@group(0) @binding(2) var<storage, read> bias: array<Stored>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 126u + (c) / 4u + (h) * 18u + (w) * 2u; }
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 126u + (c) / 4u + (h) * 18u + (w) * 2u; }
fn weight(tap: u32, c: u32) -> Wide { return wide(w[(tap * 8u + c) / 4u]); }
fn bias_of(c: u32) -> Wide { return wide(bias[(c) / 4u]); }
fn added(sum: Wide, n: u32, c: u32, h: u32, w: u32) -> Wide { return sum; }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }

fn wide(v: Stored) -> Wide { return Wide(v); }

fn narrow(v: Wide) -> Stored { return Stored(v); }

fn splat(v: f32) -> Wide { return Wide(v); }

fn plus(a: Wide, b: Wide) -> Wide { return a + b; }

fn madd(sum: Wide, weight: Wide, v: Wide) -> Wide { return sum + weight * v; }

fn activated(v: Wide) -> Wide {
  return Wide(activation(v.x), activation(v.y), activation(v.z), activation(v.w));
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

fn compute_patch(p: Place, at: u32) {
  let w0 = weight(0u, p.c);
  let w1 = weight(1u, p.c);
  let w2 = weight(2u, p.c);
  let w3 = weight(3u, p.c);
  let w4 = weight(4u, p.c);
  let w5 = weight(5u, p.c);
  let w6 = weight(6u, p.c);
  let w7 = weight(7u, p.c);
  let w8 = weight(8u, p.c);
  var sum0_0 = bias_of(p.c);
  var sum0_1 = bias_of(p.c);
  var sum1_0 = bias_of(p.c);
  var sum1_1 = bias_of(p.c);
  let in0 = !LEAVES_W || p.w + 0u < IN_W;
  let in1 = !LEAVES_W || p.w + 1u < IN_W;
  let in2 = !LEAVES_W || p.w + 2u < IN_W;
  let in3 = !LEAVES_W || p.w + 3u < IN_W;
  {
    let inside = !LEAVES_H || p.h + 0u < IN_H;
    let row = at + 0u * X_ROW;
    let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
    let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
    let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
    let x3 = x_at(inside && in3, row + 3u * X_COLUMN);
    sum0_0 = madd(sum0_0, w0, x0);
    sum0_0 = madd(sum0_0, w1, x1);
    sum0_1 = madd(sum0_1, w0, x1);
    sum0_0 = madd(sum0_0, w2, x2);
    sum0_1 = madd(sum0_1, w1, x2);
    sum0_1 = madd(sum0_1, w2, x3);
  }
  {
    let inside = !LEAVES_H || p.h + 1u < IN_H;
    let row = at + 1u * X_ROW;
    let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
    let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
    let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
    let x3 = x_at(inside && in3, row + 3u * X_COLUMN);
    sum0_0 = madd(sum0_0, w3, x0);
    sum0_0 = madd(sum0_0, w4, x1);
    sum0_1 = madd(sum0_1, w3, x1);
    sum0_0 = madd(sum0_0, w5, x2);
    sum0_1 = madd(sum0_1, w4, x2);
    sum0_1 = madd(sum0_1, w5, x3);
    sum1_0 = madd(sum1_0, w0, x0);
    sum1_0 = madd(sum1_0, w1, x1);
    sum1_1 = madd(sum1_1, w0, x1);
    sum1_0 = madd(sum1_0, w2, x2);
    sum1_1 = madd(sum1_1, w1, x2);
    sum1_1 = madd(sum1_1, w2, x3);
  }
  {
    let inside = !LEAVES_H || p.h + 2u < IN_H;
    let row = at + 2u * X_ROW;
    let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
    let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
    let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
    let x3 = x_at(inside && in3, row + 3u * X_COLUMN);
    sum0_0 = madd(sum0_0, w6, x0);
    sum0_0 = madd(sum0_0, w7, x1);
    sum0_1 = madd(sum0_1, w6, x1);
    sum0_0 = madd(sum0_0, w8, x2);
    sum0_1 = madd(sum0_1, w7, x2);
    sum0_1 = madd(sum0_1, w8, x3);
    sum1_0 = madd(sum1_0, w3, x0);
    sum1_0 = madd(sum1_0, w4, x1);
    sum1_1 = madd(sum1_1, w3, x1);
    sum1_0 = madd(sum1_0, w5, x2);
    sum1_1 = madd(sum1_1, w4, x2);
    sum1_1 = madd(sum1_1, w5, x3);
  }
  {
    let inside = !LEAVES_H || p.h + 3u < IN_H;
    let row = at + 3u * X_ROW;
    let x0 = x_at(inside && in0, row + 0u * X_COLUMN);
    let x1 = x_at(inside && in1, row + 1u * X_COLUMN);
    let x2 = x_at(inside && in2, row + 2u * X_COLUMN);
    let x3 = x_at(inside && in3, row + 3u * X_COLUMN);
    sum1_0 = madd(sum1_0, w6, x0);
    sum1_0 = madd(sum1_0, w7, x1);
    sum1_1 = madd(sum1_1, w6, x1);
    sum1_0 = madd(sum1_0, w8, x2);
    sum1_1 = madd(sum1_1, w7, x2);
    sum1_1 = madd(sum1_1, w8, x3);
  }
  put(p.n, p.c, p.oh + 0u, p.ow + 0u, sum0_0);
  put(p.n, p.c, p.oh + 0u, p.ow + 1u, sum0_1);
  put(p.n, p.c, p.oh + 1u, p.ow + 0u, sum1_0);
  put(p.n, p.c, p.oh + 1u, p.ow + 1u, sum1_1);
}

fn x_at(inside: bool, at: u32) -> Wide {
  if (!inside) { return Wide(); }
  return wide(x[at]);
}

fn put(n: u32, c: u32, h: u32, w: u32, sum: Wide) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  y[y_index(n, c, 0u, h, w)] = narrow(activated(added(sum, n, c, h, w)));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let place = place_of(wid.x + wid.y * GRID_X, t);
  if (!place.used) { return; }
  let plane = x_index(place.n, place.c / MULTIPLIER, 0u, 0u, 0u);
  compute_patch(place, plane + place.h * X_ROW + place.w * X_COLUMN);
}
