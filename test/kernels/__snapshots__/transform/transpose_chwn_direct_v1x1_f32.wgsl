const WORKGROUP = 256u;
const COUNT = 120u;
const GRID_X = 1u;
const X_START = 0u;
const Y_START = 0u;
const QUAD_X = 0u;
const QUAD_Y = 0u;
const RAGGED = false;
const LIMIT = 0u;
alias In = f32;
alias Out = f32;
alias Scalar = f32;
alias Cell = f32;
alias Coords = array<u32, 3>;
fn x_offset(p: Coords) -> u32 { return p[0] * 2u + p[1] * 40u + p[2]; }
fn y_offset(p: Coords) -> u32 { return p[0] * 6u + p[1] * 2u + p[2]; }
fn quad_first(p: Coords) -> u32 { return 0u; }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
fn cell_coords(i: u32) -> Coords {
  var rest = i;
  var p: Coords;
  p[2] = rest % 2u;
  rest = rest / 2u;
  p[1] = rest % 3u;
  rest = rest / 3u;
  p[0] = rest;
  return p;
}

fn read_cell(p: Coords, at: u32) -> Cell {
  return Cell(x[at]);
}

fn write_cell(p: Coords, at: u32, v: Cell) {
  y[at] = v;
}

fn fetch(i: u32) -> Cell {
  if (i >= COUNT) { return Cell(); }
  let p = cell_coords(i);
  return read_cell(p, X_START + x_offset(p));
}

fn put(i: u32, v: Cell) {
  if (i >= COUNT) { return; }
  let p = cell_coords(i);
  write_cell(p, Y_START + y_offset(p), v);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  put(i, fetch(i));
}
