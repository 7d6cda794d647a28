const WORKGROUP = 256u;
const COUNT = 420u;
const GRID_X = 2u;
const BLOCK_AXIS = 0u;
const BLOCK_EXTENT = 0u;
alias Cell = f32;
alias Real = f32;
alias Coords = array<u32, 4>;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Cell>;
fn y_coords(i: u32) -> array<u32, 4> {
  var rest = i;
  var p: array<u32, 4>;
  p[3] = rest % 6u;
  rest = rest / 6u;
  p[2] = rest % 7u;
  rest = rest / 7u;
  p[1] = rest % 5u;
  rest = rest / 5u;
  p[0] = rest;
  return p;
}
fn is_padding(p: array<u32, 4>) -> bool { return false; }
fn is_own_padding(p: array<u32, 4>) -> bool { return false; }
fn x_at(p: array<u32, 4>) -> u32 { return (p[0]) * 60u + (p[1]) * 12u + (p[2]) * 4u + (p[3]); }
fn y_at(p: array<u32, 4>) -> u32 { return (p[0]) * 210u + (p[1]) * 42u + (p[2]) * 6u + (p[3]); }
const FILL = 4286578688u;
alias Plain = f32;
alias Scalar = f32;
const OUTSIDE = 4294967295u;

fn fill() -> Cell {
  var bits = FILL;
  return Cell(Scalar(bitcast<Plain>(bits)));
}

fn pad_source(index: i32, first: i32, kept: i32) -> u32 {
  return select(OUTSIDE, u32(first + index), index >= 0 && index < kept);
}
fn source(p: array<u32, 4>) -> array<u32, 4> { return array<u32, 4>(p[0], p[1], pad_source(i32(p[2]) - 1, 0, 3), pad_source(i32(p[3]) - 2, 0, 4)); }
fn is_outside(q: array<u32, 4>) -> bool { return q[2] == OUTSIDE || q[3] == OUTSIDE; }

fn value(p: Coords) -> Cell {
  let q = source(p);
  if (is_outside(q)) { return fill(); }
  return x[x_at(q)];
}

fn trimmed(p: Coords, v: Cell) -> Cell {
  return v;
}

fn compute(i: u32) -> Cell {
  if (i >= COUNT) { return Cell(); }
  let p = y_coords(i);
  if (is_padding(p)) { return Cell(); }
  return trimmed(p, value(p));
}

fn put(i: u32, v: Cell) {
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  if (is_padding(p) && !is_own_padding(p)) { return; }
  y[y_at(p)] = v;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  put(i, compute(i));
}
