const WORKGROUP = 256u;
const CHANNELS = 4u;
const ELEMENTS = vec4<u32>(0u, 1u, 2u, 3u);
alias Value = vec4<f32>;
alias Out = vec4<f32>;
alias Lanes = vec4<u32>;
alias Places = vec4<i32>;
alias Mask = vec4<bool>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
const GRID_X = 1u;
const COUNT = 64u;
const VECTOR = 4u;
const VECTOR_N = 0u;
const VECTOR_C = 1u;
const X_SLICE = 64u;
const X_ROW = 8u;
const X_COLUMN = 1u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = i32(0);
const COUNT_FROM_D = i32(0);
const COUNT_TO_D = i32(1);
const IN_H = 8u;
const OUT_H = 4u;
const KERNEL_H = 2u;
const STRIDE_H = 2u;
const DILATION_H = 1u;
const PAD_H = i32(0);
const COUNT_FROM_H = i32(0);
const COUNT_TO_H = i32(8);
const IN_W = 8u;
const OUT_W = 4u;
const KERNEL_W = 2u;
const STRIDE_W = 2u;
const DILATION_W = 1u;
const PAD_W = i32(0);
const COUNT_FROM_W = i32(0);
const COUNT_TO_W = i32(8);
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 64u + (c) / 4u * 64u + (h) * 8u + (w); }
fn y_coords(i: u32) -> array<u32, 5> {
  var rest = i;
  var p: array<u32, 5>;
  let inner = rest % 4u;
  rest = rest / 4u;
  p[4] = rest % 4u;
  rest = rest / 4u;
  p[3] = rest % 4u;
  rest = rest / 4u;
  p[2] = rest % 1u;
  rest = rest / 1u;
  p[1] = (rest % 1u) * 4u + inner;
  rest = rest / 1u;
  p[0] = rest;
  return p;
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 16u + (c) / 4u * 16u + (h) * 4u + (w); }
fn indices_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 16u + (c) / 4u * 16u + (h) * 4u + (w); }

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
  let p = y_coords(i * VECTOR);
  let n = p[0];
  let c = p[1];
  let channel = Lanes(c) + ELEMENTS * VECTOR_C;
  let number = (Lanes(n) + ELEMENTS * VECTOR_N) * CHANNELS + channel;
  let keep = channel < Lanes(CHANNELS);
  let plane = x_index(n, c, 0u, 0u, 0u);

  let d0 = i32(p[2] * STRIDE_D) - PAD_D;
  let h0 = i32(p[3] * STRIDE_H) - PAD_H;
  let w0 = i32(p[4] * STRIDE_W) - PAD_W;
  let end_d = end_tap(d0, i32(KERNEL_D), i32(DILATION_D), i32(IN_D));
  let end_h = end_tap(h0, i32(KERNEL_H), i32(DILATION_H), i32(IN_H));
  let end_w = end_tap(w0, i32(KERNEL_W), i32(DILATION_W), i32(IN_W));
  let first_d = first_tap(d0, i32(DILATION_D), 0);
  let first_h = first_tap(h0, i32(DILATION_H), 0);
  let first_w = first_tap(w0, i32(DILATION_W), 0);

  var result = none();
  for (var kd = first_d; kd < end_d; kd++) {
    let d = u32(d0 + kd * i32(DILATION_D));
    for (var kh = first_h; kh < end_h; kh++) {
      let h = u32(h0 + kh * i32(DILATION_H));
      let row = plane + d * X_SLICE + h * X_ROW;
      let offset = (d * IN_H + h) * IN_W;
      for (var kw = first_w; kw < end_w; kw++) {
        let w = u32(w0 + kw * i32(DILATION_W));
        result = merge(result, item(Value(x[row + w * X_COLUMN]), offset + w));
      }
    }
  }
  let count = taps(d0, KERNEL_D, DILATION_D, COUNT_FROM_D, COUNT_TO_D)
    * taps(h0, KERNEL_H, DILATION_H, COUNT_FROM_H, COUNT_TO_H)
    * taps(w0, KERNEL_W, DILATION_W, COUNT_FROM_W, COUNT_TO_W);
  let at = y_index(n, c, p[2], p[3], p[4]);
  put(at, indices_index(n, c, p[2], p[3], p[4]), result, count, number, keep);
}
