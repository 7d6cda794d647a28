const WORKGROUP = 256u;
const GRID_X = 1u;
const BATCH = 1u;
const M = 5u;
const N = 6u;
const K = 7u;
@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<i32>;
@group(0) @binding(2) var<storage, read> a_zero: array<u32>;
@group(0) @binding(3) var<storage, read> b_zero: array<i32>;
@group(0) @binding(4) var<storage, read_write> y: array<i32>;
fn a_matrix(batch: u32) -> u32 { return 0u; }
fn b_matrix(batch: u32) -> u32 { return 0u; }
fn a_zero_point(batch: u32, row: u32) -> i32 { return i32(a_zero[0]); }
fn b_zero_point(batch: u32, column: u32) -> i32 { return i32(b_zero[0]); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= M * N * BATCH) { return; }
  let column = i % N;
  let row = i / N % M;
  let batch = i / (N * M);
  let a_zero = a_zero_point(batch, row);
  let b_zero = b_zero_point(batch, column);
  let a_start = a_matrix(batch) + row * K;
  let b_start = b_matrix(batch) + column;
  var sum = 0;
  for (var k = 0u; k < K; k++) {
    sum += (i32(a[a_start + k]) - a_zero) * (i32(b[b_start + k * N]) - b_zero);
  }
  y[i] = sum;
}
