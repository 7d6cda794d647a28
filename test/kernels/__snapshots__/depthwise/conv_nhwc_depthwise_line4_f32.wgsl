const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 64u;
const PATCH = 4u;
const SPAN = 10u;
const N_STEP = 1u;
const C_STEP = 4u;
const MULTIPLIER = 1u;
const LINE_AXIS = 4u;
const LINE_KERNEL = 7u;
const LINE_STRIDE = 1u;
const LINE_DILATION = 1u;
const LINE_PAD = 3u;
const LINE_IN = 8u;
const LINE_OUT = 8u;
const CROSS_AXIS = 3u;
const CROSS_KERNEL = 7u;
const CROSS_STRIDE = 1u;
const CROSS_DILATION = 1u;
const CROSS_PAD = 3u;
const CROSS_IN = 8u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 8u;
const OUT_H = 8u;
const KERNEL_H = 7u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 3u;
const TAPS_H = 7u;
const INVERSE_H = 0u;
const IN_W = 8u;
const OUT_W = 8u;
const KERNEL_W = 7u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 3u;
const TAPS_W = 7u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 4u;
const GROUP_CHANNELS = 1u;
const GROUP_OUT = 1u;
const OUT_CHANNELS = 4u;
const TAPS = 49u;
const POSITIONS = 256u;
const CHECKED = true;
alias Vector = vec4<f32>;
alias Weight = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn work_coords(i: u32) -> array<u32, 5> {
  var rest = i;
  var p: array<u32, 5>;
  p[1] = rest % 1u;
  rest = rest / 1u;
  p[4] = rest % 2u;
  rest = rest / 2u;
  p[3] = rest % 8u;
  rest = rest / 8u;
  p[2] = rest % 1u;
  rest = rest / 1u;
  p[0] = rest;
  return p;
}
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 64u + (c) / 4u + (h) * 8u + (w); }
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 256u + (c) + (h) * 32u + (w) * 4u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return x; }

fn tap_index(kd: u32, kb: u32, ka: u32) -> u32 { return (kd * KERNEL_H + kb) * KERNEL_W + ka; }

fn x_place(n: u32, c: u32, d: u32, b: u32, a: u32) -> u32 { return x_index(n, c, d, b, a); }

fn emit(n: u32, c: u32, d: u32, b: u32, a: u32, v: Vector) { put(n, c, d, b, a, v); }

fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: Vector) {
  let sum = v + residual_at(n, c, d, h, w)
    + vec4<f32>(bias_at(c), bias_at(c + 1u), bias_at(c + 2u), bias_at(c + 3u));
  y[y_index(n, c, d, h, w) / 4u] =
    Out(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let work = work_coords(i);
  let n = work[0] * N_STEP;
  let c = work[1] * C_STEP;
  let d = work[2];
  let first = work[LINE_AXIS] * PATCH;
  let b = work[CROSS_AXIS];
  var sums: array<Vector, PATCH>;
  for (var kd = 0u; kd < KERNEL_D; kd++) {
    let in_d = d * STRIDE_D + kd * DILATION_D - PAD_D;
    for (var kb = 0u; kb < CROSS_KERNEL; kb++) {
      let in_b = b * CROSS_STRIDE + kb * CROSS_DILATION - CROSS_PAD;
      if (in_d < IN_D && in_b < CROSS_IN) {
        var line: array<Vector, SPAN>;
        for (var s = 0u; s < SPAN; s++) {
          let in_a = first * LINE_STRIDE + s - LINE_PAD;
          if (in_a < LINE_IN) { line[s] = Vector(x[x_place(n, c / MULTIPLIER, in_d, in_b, in_a)]); }
        }
        for (var ka = 0u; ka < LINE_KERNEL; ka++) {
          let weight = Vector(Weight(w[(tap_index(kd, kb, ka) * OUT_CHANNELS + c) / C_STEP]));
          for (var j = 0u; j < PATCH; j++) {
            sums[j] += weight * line[j * LINE_STRIDE + ka * LINE_DILATION];
          }
        }
      }
    }
  }
  for (var j = 0u; j < PATCH; j++) {
    if (first + j < LINE_OUT) { emit(n, c, d, b, first + j, sums[j]); }
  }
}
