const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 144u;
const CHANNELS = 6u;
const GROUP_IN = 2u;
const GROUP_OUT = 3u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = i32(0);
const IN_D = i32(1);
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = i32(1);
const IN_H = i32(5);
const KERNEL_W = 2u;
const STRIDE_W = 2u;
const DILATION_W = 1u;
const PAD_W = i32(0);
const IN_W = i32(6);
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<i32>;
@group(0) @binding(2) var<storage, read> x_zero: array<u32>;
@group(0) @binding(3) var<storage, read> w_zero: array<i32>;
@group(0) @binding(4) var<storage, read> bias: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<i32>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 120u + (c) * 30u + (h) * 6u + (w); }
fn w_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 12u + (c) * 6u + (h) * 2u + (w); }
fn y_coords(i: u32) -> array<u32, 5> {
  var rest = i;
  var p: array<u32, 5>;
  p[4] = rest % 3u;
  rest = rest / 3u;
  p[3] = rest % 4u;
  rest = rest / 4u;
  p[1] = rest % 6u;
  rest = rest / 6u;
  p[0] = rest % 2u;
  rest = rest / 2u;
  p[2] = rest;
  return p;
}
fn y_at(p: array<u32, 5>) -> u32 { return (p[0]) * 72u + (p[1]) * 12u + (p[3]) * 3u + (p[4]); }
fn x_zero_point() -> i32 { return i32(x_zero[0]); }
fn w_zero_point(m: u32) -> i32 { return i32(w_zero[m]); }
fn bias_at(m: u32) -> i32 { return bias[m]; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let p = y_coords(i);
  let m = p[1];
  if (m >= CHANNELS) {
    y[y_at(p)] = 0;
    return;
  }
  let x_zero = x_zero_point();
  let w_zero = w_zero_point(m);
  let first = m / GROUP_OUT * GROUP_IN;
  var sum = bias_at(m);
  for (var a = 0u; a < KERNEL_D; a++) {
    let d = i32(p[2] * STRIDE_D + a * DILATION_D) - PAD_D;
    if (d < 0 || d >= IN_D) { continue; }
    for (var b = 0u; b < KERNEL_H; b++) {
      let h = i32(p[3] * STRIDE_H + b * DILATION_H) - PAD_H;
      if (h < 0 || h >= IN_H) { continue; }
      for (var c = 0u; c < KERNEL_W; c++) {
        let v = i32(p[4] * STRIDE_W + c * DILATION_W) - PAD_W;
        if (v < 0 || v >= IN_W) { continue; }
        for (var k = 0u; k < GROUP_IN; k++) {
          let x_value = i32(x[x_index(p[0], first + k, u32(d), u32(h), u32(v))]) - x_zero;
          sum += x_value * (i32(w[w_index(m, k, a, b, c)]) - w_zero);
        }
      }
    }
  }
  y[y_at(p)] = sum;
}
