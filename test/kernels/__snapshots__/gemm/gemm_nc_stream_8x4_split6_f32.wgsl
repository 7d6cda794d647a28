const THREADS = 128u;
const GRID_X = 12u;
const GROUPS = 12u;
const ROWS = 3u;
const COLS = 260u;
const DEPTH = 520u;
const COL_TILES = 2u;
const TILE_COLS = 256u;
const COLUMN_LANES = 32u;
const LANE_COLS = 4u;
const VECTOR_STEP = 128u;
const OWN_ROWS = 3u;
const ROW_GROUPS = 1u;
const TILE_ROWS = 3u;
const VECTORS = 2u;
const DEPTH_LANES = 4u;
const STEP = 16u;
const CHUNK = 96u;
const PART_DEPTH = 96u;
const A_ROW = 520u;
const A_COL = 1u;
const B_UNIT = 4u;
const B_ROW = 65u;
alias Stored = vec4<f32>;
@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<Stored>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;
fn a_batch(batch: u32) -> u32 { return 0u; }
fn b_batch(batch: u32) -> u32 { return 0u; }

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

fn store(part: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  partial[(part * ROWS + row) * ((COLS + 3u) / 4u) + col / 4u] = v;
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
  let at1 = (b_batch(0u) + min(col + 1u * VECTOR_STEP, COLS - B_UNIT)) / B_UNIT;
  var sum0_0 = vec4<f32>();
  var sum0_1 = vec4<f32>();
  var sum1_0 = vec4<f32>();
  var sum1_1 = vec4<f32>();
  var sum2_0 = vec4<f32>();
  var sum2_1 = vec4<f32>();
  var p0_0 = Stored();
  var p0_1 = Stored();
  var p1_0 = Stored();
  var p1_1 = Stored();
  var p2_0 = Stored();
  var p2_1 = Stored();
  var p3_0 = Stored();
  var p3_1 = Stored();
  var q0_0 = Stored();
  var q0_1 = Stored();
  var q1_0 = Stored();
  var q1_1 = Stored();
  var q2_0 = Stored();
  var q2_1 = Stored();
  var q3_0 = Stored();
  var q3_1 = Stored();
  p0_0 = b_vector(start + depth_lane * 4u + 0u, at0);
  p0_1 = b_vector(start + depth_lane * 4u + 0u, at1);
  p1_0 = b_vector(start + depth_lane * 4u + 1u, at0);
  p1_1 = b_vector(start + depth_lane * 4u + 1u, at1);
  p2_0 = b_vector(start + depth_lane * 4u + 2u, at0);
  p2_1 = b_vector(start + depth_lane * 4u + 2u, at1);
  p3_0 = b_vector(start + depth_lane * 4u + 3u, at0);
  p3_1 = b_vector(start + depth_lane * 4u + 3u, at1);
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
          q0_1 = b_vector(k + STEP + 0u, at1);
          q1_0 = b_vector(k + STEP + 1u, at0);
          q1_1 = b_vector(k + STEP + 1u, at1);
          q2_0 = b_vector(k + STEP + 2u, at0);
          q2_1 = b_vector(k + STEP + 2u, at1);
          q3_0 = b_vector(k + STEP + 3u, at0);
          q3_1 = b_vector(k + STEP + 3u, at1);
        }
        let b0_0 = vec4<f32>(p0_0);
        let b0_1 = vec4<f32>(p0_1);
        let b1_0 = vec4<f32>(p1_0);
        let b1_1 = vec4<f32>(p1_1);
        let b2_0 = vec4<f32>(p2_0);
        let b2_1 = vec4<f32>(p2_1);
        let b3_0 = vec4<f32>(p3_0);
        let b3_1 = vec4<f32>(p3_1);
        let a0 = a_tile[a_at + 0u * (CHUNK / 4u)];
        sum0_0 += a0.x * b0_0 + a0.y * b1_0 + a0.z * b2_0 + a0.w * b3_0;
        sum0_1 += a0.x * b0_1 + a0.y * b1_1 + a0.z * b2_1 + a0.w * b3_1;
        let a1 = a_tile[a_at + 1u * (CHUNK / 4u)];
        sum1_0 += a1.x * b0_0 + a1.y * b1_0 + a1.z * b2_0 + a1.w * b3_0;
        sum1_1 += a1.x * b0_1 + a1.y * b1_1 + a1.z * b2_1 + a1.w * b3_1;
        let a2 = a_tile[a_at + 2u * (CHUNK / 4u)];
        sum2_0 += a2.x * b0_0 + a2.y * b1_0 + a2.z * b2_0 + a2.w * b3_0;
        sum2_1 += a2.x * b0_1 + a2.y * b1_1 + a2.z * b2_1 + a2.w * b3_1;
      }
      let j = i + STEP;
      if (j < limit) {
        let k = chunk + j;
        let a_at = first_row * (CHUNK / 4u) + j / 4u;
        if (k + STEP < end) {
          p0_0 = b_vector(k + STEP + 0u, at0);
          p0_1 = b_vector(k + STEP + 0u, at1);
          p1_0 = b_vector(k + STEP + 1u, at0);
          p1_1 = b_vector(k + STEP + 1u, at1);
          p2_0 = b_vector(k + STEP + 2u, at0);
          p2_1 = b_vector(k + STEP + 2u, at1);
          p3_0 = b_vector(k + STEP + 3u, at0);
          p3_1 = b_vector(k + STEP + 3u, at1);
        }
        let b0_0 = vec4<f32>(q0_0);
        let b0_1 = vec4<f32>(q0_1);
        let b1_0 = vec4<f32>(q1_0);
        let b1_1 = vec4<f32>(q1_1);
        let b2_0 = vec4<f32>(q2_0);
        let b2_1 = vec4<f32>(q2_1);
        let b3_0 = vec4<f32>(q3_0);
        let b3_1 = vec4<f32>(q3_1);
        let a0 = a_tile[a_at + 0u * (CHUNK / 4u)];
        sum0_0 += a0.x * b0_0 + a0.y * b1_0 + a0.z * b2_0 + a0.w * b3_0;
        sum0_1 += a0.x * b0_1 + a0.y * b1_1 + a0.z * b2_1 + a0.w * b3_1;
        let a1 = a_tile[a_at + 1u * (CHUNK / 4u)];
        sum1_0 += a1.x * b0_0 + a1.y * b1_0 + a1.z * b2_0 + a1.w * b3_0;
        sum1_1 += a1.x * b0_1 + a1.y * b1_1 + a1.z * b2_1 + a1.w * b3_1;
        let a2 = a_tile[a_at + 2u * (CHUNK / 4u)];
        sum2_0 += a2.x * b0_0 + a2.y * b1_0 + a2.z * b2_0 + a2.w * b3_0;
        sum2_1 += a2.x * b0_1 + a2.y * b1_1 + a2.z * b2_1 + a2.w * b3_1;
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
  sums[0u * THREADS + t] = sum1_0;
  sums[1u * THREADS + t] = sum1_1;
  workgroupBarrier();
  if (depth_lane == 1u) {
    store(part, first_row + 1u, col + 0u * VECTOR_STEP, total(0u, t));
    store(part, first_row + 1u, col + 1u * VECTOR_STEP, total(1u, t));
  }
  workgroupBarrier();
  sums[0u * THREADS + t] = sum2_0;
  sums[1u * THREADS + t] = sum2_1;
  workgroupBarrier();
  if (depth_lane == 2u) {
    store(part, first_row + 2u, col + 0u * VECTOR_STEP, total(0u, t));
    store(part, first_row + 2u, col + 1u * VECTOR_STEP, total(1u, t));
  }
  workgroupBarrier();
}
