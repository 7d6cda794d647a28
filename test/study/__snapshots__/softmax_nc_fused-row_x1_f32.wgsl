const WORKGROUP = 256u;
const GRID_X = 1u;
const ROWS = 128u;
const CLASSES = 1000u;
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (row >= ROWS) { return; }
  let start = row * CLASSES;
  var top = f32(x[start]);
  for (var i = 1u; i < CLASSES; i++) { top = max(top, f32(x[start + i])); }
  var sum = 0.0;
  for (var i = 0u; i < CLASSES; i++) { sum += exp(f32(x[start + i]) - top); }
  for (var i = 0u; i < CLASSES; i++) { y[start + i] = Out(exp(f32(x[start + i]) - top) / sum); }
}
