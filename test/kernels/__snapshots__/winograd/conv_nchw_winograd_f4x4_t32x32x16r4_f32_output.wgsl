const WORKGROUP = 128u;
const GRID_X = 2u;
const COUNT = 192u;
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
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 1u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 8u;
const OUT_W = 8u;
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
const POSITIONS = 256u;
const CHECKED = true;
const SIDE = 6u;
const SIZE = 4u;
const PLANE = 192u;
const UNIT = 1u;
alias Value = f32;
alias Out = f32;
@group(0) @binding(0) var<storage, read> m: array<Value>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read> residual: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 768u + (c) * 64u + (h) * 8u + (w); }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 768u + (c) * 64u + (h) * 8u + (w); }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> f32 { return f32(residual[residual_index(n, c, d, h, w)]); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
const TILES = 16u;
const CHANNELS = 12u;

struct Place { at: u32, tile: u32, n: u32, c: u32, h: u32, w: u32 }

// Columns of tiles are filled up to whole vectors.
fn is_tile(p: Place) -> bool { return p.tile < TILES && p.c < CHANNELS; }

fn place_of(i: u32) -> Place {
  let c = i / 16u;
  let tile = i % 16u * 1u;
  return Place(i, tile, tile / 4u, c, tile / 2u % 2u * 4u, tile % 2u * 4u);
}
struct Two { a: Value, b: Value }
struct Three { a: Value, b: Value, c: Value }
struct Four { a: Value, b: Value, c: Value, d: Value }
struct Six { a: Value, b: Value, c: Value, d: Value, e: Value, f: Value }

const NEAR = 0.625;
const FAR = 1.25;
const NEAR_2 = NEAR * NEAR;
const FAR_2 = FAR * FAR;

fn input_line(x: Six) -> Six {
  let near = x.e - FAR_2 * x.c;
  let near_odd = NEAR * (x.d - FAR_2 * x.b);
  let far = x.e - NEAR_2 * x.c;
  let far_odd = FAR * (x.d - NEAR_2 * x.b);
  return Six(
    x.e - (NEAR_2 + FAR_2) * x.c + NEAR_2 * FAR_2 * x.a,
    near + near_odd,
    near - near_odd,
    far + far_odd,
    far - far_odd,
    x.f - (NEAR_2 + FAR_2) * x.d + NEAR_2 * FAR_2 * x.b,
  );
}

fn weights_line(g: Three) -> Six {
  let scale = 0.5 / (FAR_2 - NEAR_2);
  let near = scale * (g.a / -NEAR_2 - g.c);
  let near_odd = scale / NEAR * g.b;
  let far = scale * (g.a / FAR_2 + g.c);
  let far_odd = scale / FAR * g.b;
  return Six(g.a / (NEAR_2 * FAR_2), near - near_odd, near + near_odd, far + far_odd, far - far_odd, g.c);
}

fn output_line(m: Six) -> Four {
  let near = m.b + m.c;
  let near_odd = NEAR * (m.b - m.c);
  let far = m.d + m.e;
  let far_odd = FAR * (m.d - m.e);
  return Four(
    m.a + near + far,
    near_odd + far_odd,
    NEAR_2 * near + FAR_2 * far,
    NEAR_2 * near_odd + FAR_2 * far_odd + m.f,
  );
}

fn finish(c: u32, v: Value) -> Value { return activation(v + bias_at(c)); }

fn load(p: Place, i: u32, j: u32) -> Value { return m[(i * SIDE + j) * PLANE + p.at]; }

fn store(n: u32, c: u32, h: u32, w: u32, value: Value) {
  if (h < OUT_H && w < OUT_W) {
    y[y_index(n, c, 0u, h, w) / UNIT] = Out(finish(c, value + residual_at(n, c, 0u, h, w)));
  }
}

// By place in the tile; the tiles of the next column of places meet other banks.
const LINE = WORKGROUP + 8u;
var<workgroup> outputs: array<f32, SIZE * SIZE * LINE>;

fn put(p: Place, i: u32, j: u32, value: f32) { outputs[(i * SIZE + j) * LINE + p.at % WORKGROUP] = value; }
fn column(p: Place, j: u32) -> Six {
  return Six(load(p, 0u, j), load(p, 1u, j), load(p, 2u, j), load(p, 3u, j), load(p, 4u, j), load(p, 5u, j));
}

fn put_row(p: Place, i: u32, row: Four) {
  put(p, i, 0u, row.a);
  put(p, i, 1u, row.b);
  put(p, i, 2u, row.c);
  put(p, i, 3u, row.d);
}

fn transform_tile(p: Place) {
  let q0 = output_line(column(p, 0u));
  let q1 = output_line(column(p, 1u));
  let q2 = output_line(column(p, 2u));
  let q3 = output_line(column(p, 3u));
  let q4 = output_line(column(p, 4u));
  let q5 = output_line(column(p, 5u));
  put_row(p, 0u, output_line(Six(q0.a, q1.a, q2.a, q3.a, q4.a, q5.a)));
  put_row(p, 1u, output_line(Six(q0.b, q1.b, q2.b, q3.b, q4.b, q5.b)));
  put_row(p, 2u, output_line(Six(q0.c, q1.c, q2.c, q3.c, q4.c, q5.c)));
  put_row(p, 3u, output_line(Six(q0.d, q1.d, q2.d, q3.d, q4.d, q5.d)));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.x + wid.y * GRID_X) * WORKGROUP;
  if (first + lane < COUNT) {
    let p = place_of(first + lane);
    if (is_tile(p)) { transform_tile(p); }
  }
  workgroupBarrier();
  for (var q = lane; q < WORKGROUP * SIZE; q += WORKGROUP) {
    let i = first + q / SIZE;
    if (i >= COUNT) { break; }
    let p = place_of(i);
    if (is_tile(p)) {
      let j = q % SIZE;
      for (var row = 0u; row < SIZE; row++) {
        store(p.n, p.c, p.h + row, p.w + j, outputs[(row * SIZE + j) * LINE + q / SIZE]);
      }
    }
  }
}
