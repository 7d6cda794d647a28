enable f16;
const WORKGROUP = 128u;
const GRID_X = 1u;
const COUNT = 24u;
const SIDE = 6u;
const PLANE = 24u;
alias Value = vec4<f32>;
@group(0) @binding(0) var<storage, read> w: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> u: array<Value>;

struct Place { at: u32 }

fn place_of(i: u32) -> Place { return Place(i); }

fn is_tile(p: Place) -> bool { return true; }

fn load(p: Place, i: u32, j: u32) -> Value { return Value(w[(i * 3u + j) * PLANE + p.at]); }

fn put(p: Place, i: u32, j: u32, value: Value) { u[(i * SIDE + j) * PLANE + p.at] = value; }
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
fn column(p: Place, j: u32) -> Three {
  return Three(load(p, 0u, j), load(p, 1u, j), load(p, 2u, j));
}

fn put_row(p: Place, i: u32, row: Six) {
  put(p, i, 0u, row.a);
  put(p, i, 1u, row.b);
  put(p, i, 2u, row.c);
  put(p, i, 3u, row.d);
  put(p, i, 4u, row.e);
  put(p, i, 5u, row.f);
}

fn transform_tile(p: Place) {
  let q0 = weights_line(column(p, 0u));
  let q1 = weights_line(column(p, 1u));
  let q2 = weights_line(column(p, 2u));
  put_row(p, 0u, weights_line(Three(q0.a, q1.a, q2.a)));
  put_row(p, 1u, weights_line(Three(q0.b, q1.b, q2.b)));
  put_row(p, 2u, weights_line(Three(q0.c, q1.c, q2.c)));
  put_row(p, 3u, weights_line(Three(q0.d, q1.d, q2.d)));
  put_row(p, 4u, weights_line(Three(q0.e, q1.e, q2.e)));
  put_row(p, 5u, weights_line(Three(q0.f, q1.f, q2.f)));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i < COUNT) {
    let p = place_of(i);
    if (is_tile(p)) { transform_tile(p); }
  }
}
