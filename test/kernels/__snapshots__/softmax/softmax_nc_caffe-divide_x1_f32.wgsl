const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 30u;
const ROW = 10u;
const LOWEST = f32(-3.4028234663852886e+38);
alias Out = f32;
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
fn place(k: u32) -> u32 { return (k) * 10u; }
fn row_of(i: u32) -> u32 { return (i) / 10u; }
fn step(r: u32) -> u32 { return (r); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(f32(y[i]) / rows[row_of(i)]);
}
