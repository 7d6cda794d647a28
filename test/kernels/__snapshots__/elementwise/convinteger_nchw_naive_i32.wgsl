const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 125u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 5u;
const OUT_H = 5u;
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 1u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 5u;
const OUT_W = 5u;
const KERNEL_W = 3u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 3u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 3u;
const GROUP_OUT = 5u;
const OUT_CHANNELS = 5u;
const TAPS = 9u;
const POSITIONS = 25u;
const CHECKED = true;
alias Sum = i32;
alias Out = i32;
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<i32>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (c) * 25u + (h) * 5u + (w); }
fn w_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) + (c) * 5u + (h) * 45u + (w) * 15u; }
fn y_coords(i: u32) -> array<u32, 5> {
  var rest = i;
  var p: array<u32, 5>;
  p[4] = rest % 5u;
  rest = rest / 5u;
  p[3] = rest % 5u;
  rest = rest / 5u;
  p[2] = rest % 1u;
  rest = rest / 1u;
  p[1] = rest % 5u;
  rest = rest / 5u;
  p[0] = rest;
  return p;
}
fn y_place(i: u32, p: array<u32, 5>) -> u32 { return i; }
fn residual_value(p: array<u32, 5>) -> i32 { return i32(); }
fn bias_at(m: u32) -> i32 { return i32(); }
fn x_zero_at() -> i32 { return i32(); }
fn w_zero_at(m: u32) -> i32 { return i32(); }
fn activation(x: Sum) -> Sum { return x; }

// The input position under a tap of an output position; beyond every extent if there is none.
fn source_of(o: vec3<u32>, tap: vec3<u32>) -> vec3<u32> {
  return o * vec3<u32>(STRIDE_D, STRIDE_H, STRIDE_W) + tap * vec3<u32>(DILATION_D, DILATION_H, DILATION_W)
    - vec3<u32>(PAD_D, PAD_H, PAD_W);
}

fn weight_at(m: u32, first: u32, c: u32, tap: vec3<u32>) -> u32 {
  return w_index(m, c, tap.x, tap.y, tap.z);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  let m = p[1];
  if (m >= OUT_CHANNELS) {
    y[y_place(i, p)] = Out();
    return;
  }
  let first = m / GROUP_OUT * GROUP_CHANNELS;
  var sum = Sum();
  for (var kd = 0u; kd < KERNEL_D; kd++) {
    for (var kh = 0u; kh < KERNEL_H; kh++) {
      for (var kw = 0u; kw < KERNEL_W; kw++) {
        let tap = vec3<u32>(kd, kh, kw);
        let s = source_of(vec3<u32>(p[2], p[3], p[4]), tap);
        if (s.x < IN_D && s.y < IN_H && s.z < IN_W) {
          for (var c = 0u; c < GROUP_CHANNELS; c++) {
            sum += (Sum(x[x_index(p[0], first + c, s.x, s.y, s.z)]) - x_zero_at())
              * (Sum(w[weight_at(m, first, c, tap)]) - w_zero_at(m));
          }
        }
      }
    }
  }
  y[y_place(i, p)] = Out(activation(sum + bias_at(m) + residual_value(p)));
}
