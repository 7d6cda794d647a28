enable f16;
const WORKGROUP = 256u;
const BOXES = 1u;
const GRID_X = 1u;
const VOLUME = 120u;
const PARTIAL = true;
const X_START = 0u;
const Y_START = 0u;
const QUAD_X = 0u;
const QUAD_Y = 0u;
const RAGGED = false;
const LIMIT = 0u;
alias In = f16;
alias Out = f16;
alias Scalar = f16;
alias Cell = f16;
alias Coords = array<u32, 3>;
fn x_offset(p: Coords) -> u32 { return p[0] * 60u + p[1] + p[2] * 20u; }
fn y_offset(p: Coords) -> u32 { return p[0] * 60u + p[1] * 3u + p[2]; }
fn quad_first(p: Coords) -> u32 { return 0u; }
@group(0) @binding(0) var<storage, read> x: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f16>>;
var<workgroup> tile: array<Cell, 120>;
fn box_index(i: u32) -> Coords {
  var rest = i;
  var p: Coords;
  return p;
}
fn box_origin(group: u32) -> Coords {
  let b = box_index(group);
  return Coords(b[0] * 2u, b[1] * 20u, b[2] * 3u);
}
fn x_local(i: u32) -> Coords {
  var rest = i;
  var p: Coords;
  p[1] = rest % 20u;
  rest = rest / 20u;
  p[2] = rest % 3u;
  rest = rest / 3u;
  p[0] = rest;
  return p;
}
fn y_local(i: u32) -> Coords {
  var rest = i;
  var p: Coords;
  p[2] = rest % 3u;
  rest = rest / 3u;
  p[1] = rest % 20u;
  rest = rest / 20u;
  p[0] = rest;
  return p;
}
fn slot(p: Coords) -> u32 { return p[0] * 60u + p[1] * 3u + p[2]; }
fn sum(a: Coords, b: Coords) -> Coords { return Coords(a[0] + b[0], a[1] + b[1], a[2] + b[2]); }
fn inside(origin: Coords, p: Coords) -> bool { return true; }

fn fetch(origin: Coords, lane: u32, round: u32) -> vec4<Scalar> {
  let l = 4u * (round * WORKGROUP + lane);
  let p = x_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return vec4<Scalar>(); }
  return vec4<Scalar>(x[(X_START + x_offset(origin) + x_offset(p)) / 4u]);
}

fn keep(lane: u32, round: u32, v: vec4<Scalar>) {
  let l = 4u * (round * WORKGROUP + lane);
  if (PARTIAL && l >= VOLUME) { return; }
  tile[slot(x_local(l))] = v.x;
  tile[slot(x_local(l + 1u))] = v.y;
  tile[slot(x_local(l + 2u))] = v.z;
  tile[slot(x_local(l + 3u))] = v.w;
}

fn put(origin: Coords, lane: u32, round: u32) {
  let l = 4u * (round * WORKGROUP + lane);
  let p = y_local(l);
  if ((PARTIAL && l >= VOLUME) || !inside(origin, p)) { return; }
  y[(Y_START + y_offset(origin) + y_offset(p)) / 4u] = vec4<Scalar>(
    tile[slot(p)],
    tile[slot(y_local(l + 1u))],
    tile[slot(y_local(l + 2u))],
    tile[slot(y_local(l + 3u))],
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= BOXES) { return; }
  let origin = box_origin(group);
  keep(lane, 0u, fetch(origin, lane, 0u));
  workgroupBarrier();
  put(origin, lane, 0u);
}
