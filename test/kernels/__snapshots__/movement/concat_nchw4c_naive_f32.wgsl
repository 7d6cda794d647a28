const WORKGROUP = 256u;
const COUNT = 64u;
const GRID_X = 1u;
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
fn y_coords(i: u32) -> array<u32, 4> {
  var rest = i;
  var p: array<u32, 4>;
  let inner = rest % 4u;
  rest = rest / 4u;
  p[3] = rest % 4u;
  rest = rest / 4u;
  p[2] = rest % 4u;
  rest = rest / 4u;
  p[1] = (rest % 1u) * 4u + inner;
  rest = rest / 1u;
  p[0] = rest;
  return p;
}
fn is_padding(p: array<u32, 4>) -> bool { return p[1] >= 3u; }
fn is_own_padding(p: array<u32, 4>) -> bool { return p[1] < 3u; }
fn source(p: array<u32, 4>) -> array<u32, 4> { return array<u32, 4>(0u, p[1], p[2], p[3]); }
fn x_at(p: array<u32, 4>) -> u32 { return (p[1]) / 4u * 64u + (p[1]) % 4u + (p[2]) * 16u + (p[3]) * 4u; }
fn y_at(p: array<u32, 4>) -> u32 { return (p[1]) / 4u * 64u + (p[1]) % 4u + (p[2]) * 16u + (p[3]) * 4u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  if (is_padding(p)) {
    if (is_own_padding(p)) { y[y_at(p)] = Out(0); }
    return;
  }
  y[y_at(p)] = Out(x[x_at(source(p))]);
}
