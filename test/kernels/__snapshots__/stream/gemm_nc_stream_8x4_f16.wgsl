enable f16;
const THREADS = 128u;
const GRID_X = 1u;
const GROUPS = 1u;
const ROWS = 1u;
const COLS = 136u;
const DEPTH = 100u;
const COL_TILES = 1u;
const TILE_COLS = 256u;
const COLUMN_LANES = 32u;
const LANE_COLS = 8u;
const VECTOR_STEP = 4u;
const OWN_ROWS = 1u;
const ROW_GROUPS = 1u;
const TILE_ROWS = 1u;
const VECTORS = 2u;
const DEPTH_LANES = 4u;
const STEP = 16u;
const CHUNK = 128u;
const PART_DEPTH = 112u;
const A_ROW = 100u;
const A_COL = 1u;
const B_UNIT = 8u;
const B_ROW = 17u;
alias Stored = vec4<u32>;
alias Halves = vec4<f16>;
alias Out = vec4<f16>;
@group(0) @binding(0) var<storage, read> a: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read> b: array<Stored>;
@group(0) @binding(2) var<storage, read> c: array<f16>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn a_batch(batch: u32) -> u32 { return 0u; }
fn b_batch(batch: u32) -> u32 { return 0u; }
fn c_batch(batch: u32) -> u32 { return 0u; }
fn addend(batch: u32, row: u32, col: u32) -> f32 { return f32(c[c_batch(batch) + col * 1u]); }
fn y_batch(batch: u32) -> u32 { return 0u; }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
const ALPHA = f32(1.0);
const Y_ROW = 136u;
const Y_COL = 1u;

fn a_vector(row: u32, k: u32, end: u32) -> vec4<f32> {
  if (row >= ROWS || k >= end) { return vec4<f32>(); }
  return vec4<f32>(a[(a_batch(0u) + row * A_ROW + k) / 4u]);
}

fn b_vector(k: u32, at: u32) -> Stored {
  return b[min(k, DEPTH - 1u) * B_ROW + at];
}

var<workgroup> a_tile: array<vec4<f32>, TILE_ROWS * CHUNK / 4u>;

fn stage(chunk: u32, end: u32, t: u32) {
  for (var i = t; i < TILE_ROWS * (CHUNK / 4u); i += THREADS) {
    a_tile[i] = a_vector(i / (CHUNK / 4u), chunk + i % (CHUNK / 4u) * 4u, end);
  }
}

var<workgroup> sums: array<vec4<f32>, THREADS * VECTORS>;

fn total(vector: u32, t: u32) -> vec4<f32> {
  var sum = vec4<f32>();
  for (var lane = 0u; lane < DEPTH_LANES; lane++) {
    sum += sums[vector * THREADS + lane * (THREADS / DEPTH_LANES) + t % (THREADS / DEPTH_LANES)];
  }
  return sum;
}

fn finish(batch: u32, row: u32, col: u32, v: f32) -> f32 {
  return activation(ALPHA * v + addend(batch, row, col));
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  y[(y_batch(batch) + row * Y_ROW + col) / 4u] = Out(vec4<f32>(
    finish(batch, row, col, v.x),
    finish(batch, row, col + 1u, v.y),
    finish(batch, row, col + 2u, v.z),
    finish(batch, row, col + 3u, v.w),
  ));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let part = group / COL_TILES;
  let depth_lane = t / (COLUMN_LANES * ROW_GROUPS);
  let first_row = t / COLUMN_LANES % ROW_GROUPS * OWN_ROWS;
  let col = group % COL_TILES * TILE_COLS + t % COLUMN_LANES * LANE_COLS;
  let start = part * PART_DEPTH;
  let end = min(start + PART_DEPTH, DEPTH);
  let at0 = (b_batch(0u) + min(col + 0u * VECTOR_STEP, COLS - B_UNIT)) / B_UNIT;
  var sum0_0 = vec4<f32>();
  var sum0_1 = vec4<f32>();
  var p0_0 = Stored();
  var p1_0 = Stored();
  var p2_0 = Stored();
  var p3_0 = Stored();
  var q0_0 = Stored();
  var q1_0 = Stored();
  var q2_0 = Stored();
  var q3_0 = Stored();
  p0_0 = b_vector(start + depth_lane * 4u + 0u, at0);
  p1_0 = b_vector(start + depth_lane * 4u + 1u, at0);
  p2_0 = b_vector(start + depth_lane * 4u + 2u, at0);
  p3_0 = b_vector(start + depth_lane * 4u + 3u, at0);
  for (var chunk = start; chunk < end; chunk += CHUNK) {
    workgroupBarrier();
    stage(chunk, end, t);
    workgroupBarrier();
    let limit = min(CHUNK, end - chunk);
    for (var i = depth_lane * 4u; i < limit; i += 2u * STEP) {
      {
        let k = chunk + i;
        let a_at = first_row * (CHUNK / 4u) + i / 4u;
        if (k + STEP < end) {
          q0_0 = b_vector(k + STEP + 0u, at0);
          q1_0 = b_vector(k + STEP + 1u, at0);
          q2_0 = b_vector(k + STEP + 2u, at0);
          q3_0 = b_vector(k + STEP + 3u, at0);
        }
        let b0_0 = vec4<f32>(bitcast<Halves>(p0_0.xy));
        let b0_1 = vec4<f32>(bitcast<Halves>(p0_0.zw));
        let b1_0 = vec4<f32>(bitcast<Halves>(p1_0.xy));
        let b1_1 = vec4<f32>(bitcast<Halves>(p1_0.zw));
        let b2_0 = vec4<f32>(bitcast<Halves>(p2_0.xy));
        let b2_1 = vec4<f32>(bitcast<Halves>(p2_0.zw));
        let b3_0 = vec4<f32>(bitcast<Halves>(p3_0.xy));
        let b3_1 = vec4<f32>(bitcast<Halves>(p3_0.zw));
        let a0 = a_tile[a_at + 0u * (CHUNK / 4u)];
        sum0_0 += a0.x * b0_0 + a0.y * b1_0 + a0.z * b2_0 + a0.w * b3_0;
        sum0_1 += a0.x * b0_1 + a0.y * b1_1 + a0.z * b2_1 + a0.w * b3_1;
      }
      let j = i + STEP;
      if (j < limit) {
        let k = chunk + j;
        let a_at = first_row * (CHUNK / 4u) + j / 4u;
        if (k + STEP < end) {
          p0_0 = b_vector(k + STEP + 0u, at0);
          p1_0 = b_vector(k + STEP + 1u, at0);
          p2_0 = b_vector(k + STEP + 2u, at0);
          p3_0 = b_vector(k + STEP + 3u, at0);
        }
        let b0_0 = vec4<f32>(bitcast<Halves>(q0_0.xy));
        let b0_1 = vec4<f32>(bitcast<Halves>(q0_0.zw));
        let b1_0 = vec4<f32>(bitcast<Halves>(q1_0.xy));
        let b1_1 = vec4<f32>(bitcast<Halves>(q1_0.zw));
        let b2_0 = vec4<f32>(bitcast<Halves>(q2_0.xy));
        let b2_1 = vec4<f32>(bitcast<Halves>(q2_0.zw));
        let b3_0 = vec4<f32>(bitcast<Halves>(q3_0.xy));
        let b3_1 = vec4<f32>(bitcast<Halves>(q3_0.zw));
        let a0 = a_tile[a_at + 0u * (CHUNK / 4u)];
        sum0_0 += a0.x * b0_0 + a0.y * b1_0 + a0.z * b2_0 + a0.w * b3_0;
        sum0_1 += a0.x * b0_1 + a0.y * b1_1 + a0.z * b2_1 + a0.w * b3_1;
      }
    }
  }
  sums[0u * THREADS + t] = sum0_0;
  sums[1u * THREADS + t] = sum0_1;
  workgroupBarrier();
  if (depth_lane == 0u) {
    store(part, first_row + 0u, col + 0u * VECTOR_STEP, total(0u, t));
    store(part, first_row + 0u, col + 1u * VECTOR_STEP, total(1u, t));
  }
  workgroupBarrier();
}
