const WORKGROUP = 256u;
const CHANNELS = 2u;
const ELEMENTS = 0u;
alias Value = f32;
alias Out = f32;
alias Lanes = u32;
alias Places = i32;
alias Mask = bool;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
const GRID_X = 1u;
const COUNT = 72u;
const TAP_COUNT = 12u;
const AXES = 4u;
const KERNEL = array<u32, 4>(2u, 2u, 1u, 3u);
const STRIDES = array<u32, 4>(1u, 2u, 1u, 2u);
const DILATIONS = array<u32, 4>(1u, 1u, 1u, 1u);
const PADS = array<u32, 4>(1u, 0u, 0u, 1u);
const EXTENTS = array<u32, 4>(3u, 4u, 3u, 5u);
const TAP_STRIDES = array<u32, 4>(6u, 3u, 3u, 1u);
const PLANE_STRIDES = array<u32, 4>(60u, 15u, 5u, 1u);
const COUNTED_BEFORE = array<u32, 4>(0u, 0u, 0u, 0u);
const COUNTED_BEHIND = array<u32, 4>(0u, 0u, 0u, 0u);
fn x_at(p: array<u32, 6>) -> u32 { return (p[1]) * 180u + (p[2]) * 60u + (p[3]) * 15u + (p[4]) * 5u + (p[5]); }
fn y_coords(i: u32) -> array<u32, 6> {
  var rest = i;
  var p: array<u32, 6>;
  p[5] = rest % 2u;
  rest = rest / 2u;
  p[4] = rest % 3u;
  rest = rest / 3u;
  p[3] = rest % 2u;
  rest = rest / 2u;
  p[2] = rest % 3u;
  rest = rest / 3u;
  p[1] = rest % 2u;
  rest = rest / 2u;
  p[0] = rest;
  return p;
}
fn y_at(p: array<u32, 6>) -> u32 { return (p[1]) * 36u + (p[2]) * 12u + (p[3]) * 6u + (p[4]) * 2u + (p[5]); }
fn indices_at(p: array<u32, 6>) -> u32 { return (p[1]) * 36u + (p[2]) * 12u + (p[3]) * 6u + (p[4]) * 2u + (p[5]); }

fn lowest() -> Value {
  var bits = 0xff800000u;
  return Value(bitcast<f32>(bits));
}

alias Item = Value;

fn none() -> Item { return lowest(); }

fn item(value: Value, at: u32) -> Item { return value; }

fn merge(a: Item, b: Item) -> Item { return max(a, b); }

fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), result, keep));
}

fn first_tap(start: i32, dilation: i32, low: i32) -> i32 {
  return max(0, (low - start + dilation - 1) / dilation);
}

fn end_tap(start: i32, kernel: i32, dilation: i32, high: i32) -> i32 {
  return min(kernel, (high - start + dilation - 1) / dilation);
}

fn taps(start: i32, kernel: u32, dilation: u32, low: i32, high: i32) -> i32 {
  let first = first_tap(start, i32(dilation), low);
  return max(0, end_tap(start, i32(kernel), i32(dilation), high) - first);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + local;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  var result = none();
  for (var tap = 0u; tap < TAP_COUNT; tap++) {
    var q = p;
    var rest = tap;
    var inside = true;
    var offset = 0u;
    for (var axis = 0u; axis < AXES; axis++) {
      let start = i32(p[axis + 2u] * STRIDES[axis]) - i32(PADS[axis]);
      let position = u32(start + i32(rest / TAP_STRIDES[axis] * DILATIONS[axis]));
      rest = rest % TAP_STRIDES[axis];
      inside = inside && position < EXTENTS[axis];
      q[axis + 2u] = position;
      offset += position * PLANE_STRIDES[axis];
    }
    if (inside) { result = merge(result, item(Value(x[x_at(q)]), offset)); }
  }
  var count = 1;
  for (var axis = 0u; axis < AXES; axis++) {
    let start = i32(p[axis + 2u] * STRIDES[axis]) - i32(PADS[axis]);
    let low = -i32(COUNTED_BEFORE[axis]);
    let high = i32(EXTENTS[axis] + COUNTED_BEHIND[axis]);
    count = count * taps(start, KERNEL[axis], DILATIONS[axis], low, high);
  }
  put(y_at(p), indices_at(p), result, count, p[0] * CHANNELS + p[1], true);
}
