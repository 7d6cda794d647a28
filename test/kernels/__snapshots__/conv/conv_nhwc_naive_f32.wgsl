const WORKGROUP = 256u;
const GRID_X = 7u;
const COUNT = 1728u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 6u;
const OUT_H = 6u;
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 1u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 6u;
const OUT_W = 6u;
const KERNEL_W = 3u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 1u;
const TAPS_W = 3u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 8u;
const GROUP_OUT = 12u;
const OUT_CHANNELS = 12u;
const TAPS = 9u;
const POSITIONS = 144u;
const CHECKED = true;
alias Sum = f32;
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 288u + (c) + (h) * 48u + (w) * 8u; }
fn w_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) + (c) * 12u + (h) * 288u + (w) * 96u; }
fn y_coords(i: u32) -> array<u32, 5> {
  var rest = i;
  var p: array<u32, 5>;
  p[1] = rest % 12u;
  rest = rest / 12u;
  p[4] = rest % 6u;
  rest = rest / 6u;
  p[3] = rest % 6u;
  rest = rest / 6u;
  p[2] = rest % 1u;
  rest = rest / 1u;
  p[0] = rest;
  return p;
}
fn y_place(i: u32, p: array<u32, 5>) -> u32 { return i; }
fn residual_at(p: array<u32, 5>) -> u32 { return (p[0]) * 432u + (p[1]) + (p[3]) * 72u + (p[4]) * 12u; }
fn residual_value(p: array<u32, 5>) -> f32 { return f32(residual[residual_at(p)]); }
fn bias_at(m: u32) -> f32 { return f32(bias[m]); }
fn x_zero_at() -> f32 { return f32(); }
fn w_zero_at(m: u32) -> f32 { return f32(); }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }

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
