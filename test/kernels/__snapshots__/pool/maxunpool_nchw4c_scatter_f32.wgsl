const WORKGROUP = 256u;
const COUNT = 240u;
const GRID_X = 1u;
const CHANNELS = 4u;
const UNPOOLED = 960u;
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn x_coords(i: u32) -> array<u32, 4> {
  var rest = i;
  var p: array<u32, 4>;
  let inner = rest % 4u;
  rest = rest / 4u;
  p[3] = rest % 5u;
  rest = rest / 5u;
  p[2] = rest % 3u;
  rest = rest / 3u;
  p[1] = (rest % 1u) * 4u + inner;
  rest = rest / 1u;
  p[0] = rest;
  return p;
}
fn x_at(p: array<u32, 4>) -> u32 { return (p[0]) * 60u + (p[1]) / 4u * 60u + (p[1]) % 4u + (p[2]) * 20u + (p[3]) * 4u; }
fn indices_at(p: array<u32, 4>) -> u32 { return (p[0]) * 60u + (p[1]) / 4u * 60u + (p[1]) % 4u + (p[2]) * 20u + (p[3]) * 4u; }
fn unpooled_coords(i: u32) -> array<u32, 4> {
  var rest = i;
  var p: array<u32, 4>;
  p[3] = rest % 10u;
  rest = rest / 10u;
  p[2] = rest % 6u;
  rest = rest / 6u;
  p[1] = rest % 4u;
  rest = rest / 4u;
  p[0] = rest;
  return p;
}
fn y_at(p: array<u32, 4>) -> u32 { return (p[0]) * 240u + (p[1]) / 4u * 240u + (p[1]) % 4u + (p[2]) * 40u + (p[3]) * 4u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = x_coords(i);
  if (p[1] >= CHANNELS) { return; }
  let index = u32(indices[indices_at(p)]);
  if (index >= UNPOOLED) { return; }
  y[y_at(unpooled_coords(index))] = Out(x[x_at(p)]);
}
