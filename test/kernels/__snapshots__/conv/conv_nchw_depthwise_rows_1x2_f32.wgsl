const THREADS = 20u;
const GRID_X = 1u;
const LANES = 1u;
const OWN_LANES = 1u;
const LANE_GROUPS = 1u;
const COLUMNS = 1u;
const OWN_COLUMNS = 1u;
const COLUMN_GROUPS = 1u;
const STRIPS = 1u;
const OWN_STRIPS = 1u;
const STRIP_GROUPS = 1u;
const PLANES = 20u;
const OWN_PLANES = 20u;
const LANE_N = 0u;
const LANE_C = 0u;
const PLANE_C = 10u;
const STEP_C = 1u;
const PATCH_H = 1u;
const PATCH_W = 2u;
const STRIDE_H = 1u;
const STRIDE_W = 2u;
const PAD_H = 0u;
const PAD_W = 0u;
const IN_H = 5u;
const IN_W = 6u;
const OUT_H = 1u;
const OUT_W = 2u;
const LEAVES_H = false;
const LEAVES_W = false;
const MULTIPLIER = 2u;
const OUT_CHANNELS = 10u;
const UNIT = 2u;
const X_ROW = 3u;
alias Stored = vec2<f32>;
alias Wide = vec2<f32>;
@group(0) @binding(0) var<storage, read> x: array<Stored>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 75u + (c) * 15u + (h) * 3u + (w) / 2u; }
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 10u + (c) + (w) / 2u; }
fn residual_at(n: u32, c: u32, h: u32, w: u32) -> Wide { return Wide(); }
fn bias_at(c: u32) -> f32 { return 0.0; }
fn activation(x: f32) -> f32 { return x; }

fn activated(v: Wide) -> Wide { return Wide(activation(v.x), activation(v.y)); }

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

fn compute_patch(p: Place, word: u32, at: u32) {
  let w0 = weight(0u, p.c);
  let w1 = weight(1u, p.c);
  let w2 = weight(2u, p.c);
  let w3 = weight(3u, p.c);
  let w4 = weight(4u, p.c);
  let w5 = weight(5u, p.c);
  let w6 = weight(6u, p.c);
  let w7 = weight(7u, p.c);
  let w8 = weight(8u, p.c);
  var sum0_0 = Wide();
  let in_v0 = !LEAVES_W || word + 0u < IN_W / UNIT;
  let in_v1 = !LEAVES_W || word + 1u < IN_W / UNIT;
  let in_v2 = !LEAVES_W || word + 2u < IN_W / UNIT;
  {
    let inside = !LEAVES_H || p.h + 0u < IN_H;
    let row = at + 0u * X_ROW;
    let v0 = x_vector(inside && in_v0, row + 0u);
    let v1 = x_vector(inside && in_v1, row + 1u);
    let v2_0 = x_one(inside && in_v2, row + 2u, 0u);
    let x0_0 = Wide(v0.x, v1.x);
    let x0_1 = Wide(v0.y, v1.y);
    let x0_2 = Wide(v1.x, v2_0);
    sum0_0 += w0 * x0_0;
    sum0_0 += w1 * x0_1;
    sum0_0 += w2 * x0_2;
  }
  {
    let inside = !LEAVES_H || p.h + 2u < IN_H;
    let row = at + 2u * X_ROW;
    let v0 = x_vector(inside && in_v0, row + 0u);
    let v1 = x_vector(inside && in_v1, row + 1u);
    let v2_0 = x_one(inside && in_v2, row + 2u, 0u);
    let x0_0 = Wide(v0.x, v1.x);
    let x0_1 = Wide(v0.y, v1.y);
    let x0_2 = Wide(v1.x, v2_0);
    sum0_0 += w3 * x0_0;
    sum0_0 += w4 * x0_1;
    sum0_0 += w5 * x0_2;
  }
  {
    let inside = !LEAVES_H || p.h + 4u < IN_H;
    let row = at + 4u * X_ROW;
    let v0 = x_vector(inside && in_v0, row + 0u);
    let v1 = x_vector(inside && in_v1, row + 1u);
    let v2_0 = x_one(inside && in_v2, row + 2u, 0u);
    let x0_0 = Wide(v0.x, v1.x);
    let x0_1 = Wide(v0.y, v1.y);
    let x0_2 = Wide(v1.x, v2_0);
    sum0_0 += w6 * x0_0;
    sum0_0 += w7 * x0_1;
    sum0_0 += w8 * x0_2;
  }
  put(p.n, p.c, p.oh + 0u, p.ow + 0u, sum0_0);
}

fn x_vector(inside: bool, at: u32) -> Wide {
  if (!inside) { return Wide(); }
  return Wide(x[at]);
}

fn x_one(inside: bool, at: u32, i: u32) -> f32 {
  if (!inside) { return 0.0; }
  return f32(x[at][i]);
}

fn weight(tap: u32, c: u32) -> f32 { return f32(w[tap * OUT_CHANNELS + c]); }

fn put(n: u32, c: u32, h: u32, w: u32, v: Wide) {
  if (h >= OUT_H || w >= OUT_W) { return; }
  let sum = v + residual_at(n, c, h, w) + bias_at(c);
  y[y_index(n, c, 0u, h, w)] = Stored(activated(sum));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let place = place_of(wid.x + wid.y * GRID_X, t);
  if (!place.used) { return; }
  let plane = x_index(place.n, place.c / MULTIPLIER, 0u, 0u, 0u);
  // The vector of the row that holds the input at stride times the first output's column: a whole one.
  let word = place.ow * STRIDE_W / UNIT;
  compute_patch(place, word, plane + place.h * X_ROW + word);
}
