const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 10u;
const DEPTH = 64u;
const MINOR = 10u;
const MAJOR = 1u;
const ROWS_MINOR = false;
const A_ROW = 64u;
const A_COL = 1u;
const B_ROW = 10u;
const B_COL = 1u;
const Y_ROW = 10u;
const Y_COL = 1u;
const ALPHA = f32(1.0);
alias Out = f32;
alias Sum = f32;
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn a_batch(batch: u32) -> u32 { return 0u; }
fn b_batch(batch: u32) -> u32 { return 0u; }
fn y_batch(batch: u32) -> u32 { return 0u; }
fn c_batch(batch: u32) -> u32 { return 0u; }
fn addend(batch: u32, row: u32, col: u32) -> Sum { return f32(1.0) * Sum(c[c_batch(batch) + row * 0u + col * 1u]); }
fn finish(x: f32) -> f32 { return x; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let minor = i % MINOR;
  let major = i / MINOR % MAJOR;
  let row = select(major, minor, ROWS_MINOR);
  let col = select(minor, major, ROWS_MINOR);
  let batch = i / (MINOR * MAJOR);
  var a_at = a_batch(batch) + row * A_ROW;
  var b_at = b_batch(batch) + col * B_COL;
  var sum = Sum();
  for (var k = 0u; k < DEPTH; k++) {
    sum += Sum(a[a_at]) * Sum(b[b_at]);
    a_at += A_COL;
    b_at += B_ROW;
  }
  y[y_batch(batch) + row * Y_ROW + col * Y_COL] = Out(finish(ALPHA * sum + addend(batch, row, col)));
}
