const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 3u;
const ROW = 10u;
const LOWEST = f32(-3.4028234663852886e+38);
alias Out = f32;
@group(0) @binding(0) var<storage, read> y: array<Out>;
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;
fn place(k: u32) -> u32 { return (k) * 10u; }
fn row_of(i: u32) -> u32 { return (i) / 10u; }
fn step(r: u32) -> u32 { return (r); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (k >= COUNT) { return; }
  let origin = place(k);
  var sum = 0.0;
  for (var r = 0u; r < ROW; r++) { sum += f32(y[origin + step(r)]); }
  rows[k] = sum;
}
