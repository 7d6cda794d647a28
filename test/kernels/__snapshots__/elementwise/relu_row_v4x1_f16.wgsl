enable f16;
const WORKGROUP = 256u;
const ITEMS = 1u;
const COUNT = 6u;
const GRID_X = 1u;
alias Out = vec4<f16>;
@group(0) @binding(0) var<storage, read> x0: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
fn x0_load(i: u32) -> vec4<f32> { return vec4<f32>(x0[(i)]); }
fn y_address(i: u32) -> u32 { return (i); }
fn f(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
fn padded(v: vec4<f32>, i: u32) -> vec4<f32> { return v; }
fn element(i: u32) -> Out {
  let v0 = x0_load(i);
  return Out(padded(vec4<f32>(f(v0.x), f(v0.y), f(v0.z), f(v0.w)), i));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let start = (wid.x + wid.y * GRID_X) * (WORKGROUP * ITEMS) + lane;
  var held: array<Out, ITEMS>;
  for (var k = 0u; k < ITEMS; k++) { held[k] = element(min(start + k * WORKGROUP, COUNT - 1u)); }
  for (var k = 0u; k < ITEMS; k++) {
    let i = start + k * WORKGROUP;
    if (i < COUNT) { y[y_address(i)] = held[k]; }
  }
}
