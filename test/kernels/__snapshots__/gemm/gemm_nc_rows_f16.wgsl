enable f16;
const WORKGROUP = 128u;
const GRID_X = 3u;
const GROUPS = 3u;
const ROWS = 1u;
const COLS = 10u;
const DEPTH = 64u;
const GROUP_ROWS = 1u;
const ROW_GROUPS = 1u;
const COL_GROUPS = 3u;
const A_ROW = 64u;
const B_COL = 64u;
alias Out = f16;
@group(0) @binding(0) var<storage, read> a: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read> c: array<f16>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn a_batch(batch: u32) -> u32 { return 0u; }
fn b_batch(batch: u32) -> u32 { return 0u; }
fn c_batch(batch: u32) -> u32 { return 0u; }
fn addend(batch: u32, row: u32, col: u32) -> f32 { return f32(c[c_batch(batch) + col * 1u]); }
fn y_batch(batch: u32) -> u32 { return 0u; }
fn activation(x: f32) -> f32 { return x; }
const ALPHA = f32(1.0);
const Y_ROW = 10u;
const Y_COL = 1u;

fn finish(batch: u32, row: u32, col: u32, v: f32) -> f32 {
  return activation(ALPHA * v + addend(batch, row, col));
}

fn store_one(batch: u32, row: u32, col: u32, v: f32) {
  if (row >= ROWS || col >= COLS) { return; }
  y[y_batch(batch) + row * Y_ROW + col * Y_COL] = Out(finish(batch, row, col, v));
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { store_one(batch, row, col + i, v[i]); }
}

var<workgroup> sums: array<vec4<f32>, WORKGROUP * GROUP_ROWS>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let col = group % COL_GROUPS * 4u;
  let row = group / COL_GROUPS % ROW_GROUPS * GROUP_ROWS;
  let batch = group / (COL_GROUPS * ROW_GROUPS);
  let cols = min(col + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(COLS - 1u));
  let b_at = (b_batch(batch) + cols * B_COL) / 4u;
  let a_at = a_batch(batch) / 4u;
  var sum: array<vec4<f32>, GROUP_ROWS>;
  for (var k = lane; k < DEPTH / 4u; k += WORKGROUP) {
    let b0 = vec4<f32>(b[b_at.x + k]);
    let b1 = vec4<f32>(b[b_at.y + k]);
    let b2 = vec4<f32>(b[b_at.z + k]);
    let b3 = vec4<f32>(b[b_at.w + k]);
    for (var i = 0u; i < GROUP_ROWS; i++) {
      let v = vec4<f32>(a[a_at + min(row + i, ROWS - 1u) * (A_ROW / 4u) + k]);
      sum[i] += vec4<f32>(dot(v, b0), dot(v, b1), dot(v, b2), dot(v, b3));
    }
  }
  for (var i = 0u; i < GROUP_ROWS; i++) { sums[i * WORKGROUP + lane] = sum[i]; }
  for (var half = WORKGROUP / 2u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (lane < half) {
      for (var i = 0u; i < GROUP_ROWS; i++) {
        sums[i * WORKGROUP + lane] += sums[i * WORKGROUP + lane + half];
      }
    }
  }
  workgroupBarrier();
  if (lane < GROUP_ROWS) { store(batch, row + lane, col, sums[lane * WORKGROUP]); }
}
