const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 6u;
const BITS = 0u;
alias Out = f32;
alias Value = f32;
@group(0) @binding(0) var<storage, read_write> y: array<Out>;

fn value_of(bits: u32) -> Value { return bitcast<Value>(bits); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  y[i] = Out(value_of(BITS));
}
