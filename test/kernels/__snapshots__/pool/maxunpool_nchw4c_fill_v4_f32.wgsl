const WORKGROUP = 256u;
const COUNT = 240u;
const GRID_X = 1u;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read_write> y: array<Out>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i < COUNT) { y[i] = Out(0); }
}
