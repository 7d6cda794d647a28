enable f16;
const WORKGROUP = 256u;
const ITEMS = 1u;
const COUNT = 30u;
const GRID_X = 1u;
alias Out = vec4<u32>;
@group(0) @binding(0) var<storage, read> x0: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read> x1: array<f16>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn x0_load(i: u32) -> vec4<f32> { return vec4<f32>(x0[(i)]); }
fn x1_load(i: u32) -> vec4<f32> { return vec4<f32>(f32(x1[0u])); }
fn y_address(i: u32) -> u32 { return (i); }
alias f_T = u32;
const f_low = f32(0.0);
const f_high = f32(255.0);
fn f_round_to(x: f32) -> f32 { return x; }
fn f_raw(a: f32, b: f32) -> u32 { 
  let c = 0;
  let quotient = f_round_to(f_round_to(f32(a)) / f_round_to(f32(b)));
  return f_T(clamp(round(quotient) + f32(c), f_low, f_high)); }
fn f(a: f32, b: f32) -> u32 { return ((f_raw(a, b)) & 255u); }
fn padded(v: vec4<u32>, i: u32) -> vec4<u32> { return v; }
fn element(i: u32) -> Out {
  let v0 = x0_load(i);
  let v1 = x1_load(i);
  return Out(padded(vec4<u32>(f(v0.x, v1.x), f(v0.y, v1.y), f(v0.z, v1.z), f(v0.w, v1.w)), i));
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
