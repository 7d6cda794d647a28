const SIZE = 16u;
const ROW = 17u;
const PITCH = 276u;
const PAIRS = 4u;
const THREADS = 64u;
const FREQUENCIES = 130u;
const ACROSS = 3u;
const COUNT = 18u;
const GROUPS = 5u;
const GRID_X = 5u;
const PAIRS_FASTEST = false;
const BATCH = 3u;
const OUT_CHANNELS = 5u;
const OUT_H = 11u;
const OUT_W = 23u;
const Y_ROW = 23u;
const RESIDUAL_ROW = 23u;
const STEP_H = 12u;
const STEP_W = 12u;
const TILES = 2u;
const TILES_W = 2u;
const IMAGES = 3u;
const IMAGES_INNERMOST = false;
const SERIES_OF_IMAGES = false;
alias Out = f32;
@group(0) @binding(0) var<storage, read> y_spectra: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read> residual: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 1265u + (c) * 253u + (h) * 23u + (w); }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 1265u + (c) * 253u + (h) * 23u + (w); }
fn residual_at(place: u32) -> f32 { return f32(residual[place]); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
alias Line = array<vec2<f32>, 16>;
fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}
fn fft(x: Line) -> Line {
  let z0_0 = x[0];
  let z0_1 = x[8];
  let z0_2 = x[4];
  let z0_3 = x[12];
  let z0_4 = x[2];
  let z0_5 = x[10];
  let z0_6 = x[6];
  let z0_7 = x[14];
  let z0_8 = x[1];
  let z0_9 = x[9];
  let z0_10 = x[5];
  let z0_11 = x[13];
  let z0_12 = x[3];
  let z0_13 = x[11];
  let z0_14 = x[7];
  let z0_15 = x[15];
  // Transforms of 2.
  let z1_0 = z0_0 + z0_1;
  let z1_1 = z0_0 - z0_1;
  let z1_2 = z0_2 + z0_3;
  let z1_3 = z0_2 - z0_3;
  let z1_4 = z0_4 + z0_5;
  let z1_5 = z0_4 - z0_5;
  let z1_6 = z0_6 + z0_7;
  let z1_7 = z0_6 - z0_7;
  let z1_8 = z0_8 + z0_9;
  let z1_9 = z0_8 - z0_9;
  let z1_10 = z0_10 + z0_11;
  let z1_11 = z0_10 - z0_11;
  let z1_12 = z0_12 + z0_13;
  let z1_13 = z0_12 - z0_13;
  let z1_14 = z0_14 + z0_15;
  let z1_15 = z0_14 - z0_15;
  // Transforms of 4.
  let z2_0 = z1_0 + z1_2;
  let z2_2 = z1_0 - z1_2;
  let t1_3 = vec2<f32>(z1_3.y, -z1_3.x);
  let z2_1 = z1_1 + t1_3;
  let z2_3 = z1_1 - t1_3;
  let z2_4 = z1_4 + z1_6;
  let z2_6 = z1_4 - z1_6;
  let t1_7 = vec2<f32>(z1_7.y, -z1_7.x);
  let z2_5 = z1_5 + t1_7;
  let z2_7 = z1_5 - t1_7;
  let z2_8 = z1_8 + z1_10;
  let z2_10 = z1_8 - z1_10;
  let t1_11 = vec2<f32>(z1_11.y, -z1_11.x);
  let z2_9 = z1_9 + t1_11;
  let z2_11 = z1_9 - t1_11;
  let z2_12 = z1_12 + z1_14;
  let z2_14 = z1_12 - z1_14;
  let t1_15 = vec2<f32>(z1_15.y, -z1_15.x);
  let z2_13 = z1_13 + t1_15;
  let z2_15 = z1_13 - t1_15;
  // Transforms of 8.
  let z3_0 = z2_0 + z2_4;
  let z3_4 = z2_0 - z2_4;
  let t2_5 = times(z2_5, vec2<f32>(f32(0.7071067690849304), f32(-0.7071067690849304)));
  let z3_1 = z2_1 + t2_5;
  let z3_5 = z2_1 - t2_5;
  let t2_6 = vec2<f32>(z2_6.y, -z2_6.x);
  let z3_2 = z2_2 + t2_6;
  let z3_6 = z2_2 - t2_6;
  let t2_7 = times(z2_7, vec2<f32>(f32(-0.7071067690849304), f32(-0.7071067690849304)));
  let z3_3 = z2_3 + t2_7;
  let z3_7 = z2_3 - t2_7;
  let z3_8 = z2_8 + z2_12;
  let z3_12 = z2_8 - z2_12;
  let t2_13 = times(z2_13, vec2<f32>(f32(0.7071067690849304), f32(-0.7071067690849304)));
  let z3_9 = z2_9 + t2_13;
  let z3_13 = z2_9 - t2_13;
  let t2_14 = vec2<f32>(z2_14.y, -z2_14.x);
  let z3_10 = z2_10 + t2_14;
  let z3_14 = z2_10 - t2_14;
  let t2_15 = times(z2_15, vec2<f32>(f32(-0.7071067690849304), f32(-0.7071067690849304)));
  let z3_11 = z2_11 + t2_15;
  let z3_15 = z2_11 - t2_15;
  // Transforms of 16.
  let z4_0 = z3_0 + z3_8;
  let z4_8 = z3_0 - z3_8;
  let t3_9 = times(z3_9, vec2<f32>(f32(0.9238795042037964), f32(-0.3826834261417389)));
  let z4_1 = z3_1 + t3_9;
  let z4_9 = z3_1 - t3_9;
  let t3_10 = times(z3_10, vec2<f32>(f32(0.7071067690849304), f32(-0.7071067690849304)));
  let z4_2 = z3_2 + t3_10;
  let z4_10 = z3_2 - t3_10;
  let t3_11 = times(z3_11, vec2<f32>(f32(0.3826834261417389), f32(-0.9238795042037964)));
  let z4_3 = z3_3 + t3_11;
  let z4_11 = z3_3 - t3_11;
  let t3_12 = vec2<f32>(z3_12.y, -z3_12.x);
  let z4_4 = z3_4 + t3_12;
  let z4_12 = z3_4 - t3_12;
  let t3_13 = times(z3_13, vec2<f32>(f32(-0.3826834261417389), f32(-0.9238795042037964)));
  let z4_5 = z3_5 + t3_13;
  let z4_13 = z3_5 - t3_13;
  let t3_14 = times(z3_14, vec2<f32>(f32(-0.7071067690849304), f32(-0.7071067690849304)));
  let z4_6 = z3_6 + t3_14;
  let z4_14 = z3_6 - t3_14;
  let t3_15 = times(z3_15, vec2<f32>(f32(-0.9238795042037964), f32(-0.3826834261417389)));
  let z4_7 = z3_7 + t3_15;
  let z4_15 = z3_7 - t3_15;
  return Line(
    z4_0,
    z4_1,
    z4_2,
    z4_3,
    z4_4,
    z4_5,
    z4_6,
    z4_7,
    z4_8,
    z4_9,
    z4_10,
    z4_11,
    z4_12,
    z4_13,
    z4_14,
    z4_15,
  );
}
fn read_line(at: u32, step: u32) -> Line {
  return Line(
    held[at],
    held[at + 1u * step],
    held[at + 2u * step],
    held[at + 3u * step],
    held[at + 4u * step],
    held[at + 5u * step],
    held[at + 6u * step],
    held[at + 7u * step],
    held[at + 8u * step],
    held[at + 9u * step],
    held[at + 10u * step],
    held[at + 11u * step],
    held[at + 12u * step],
    held[at + 13u * step],
    held[at + 14u * step],
    held[at + 15u * step],
  );
}
fn write_line(at: u32, step: u32, z: Line) {
  held[at] = z[0];
  held[at + 1u * step] = z[1];
  held[at + 2u * step] = z[2];
  held[at + 3u * step] = z[3];
  held[at + 4u * step] = z[4];
  held[at + 5u * step] = z[5];
  held[at + 6u * step] = z[6];
  held[at + 7u * step] = z[7];
  held[at + 8u * step] = z[8];
  held[at + 9u * step] = z[9];
  held[at + 10u * step] = z[10];
  held[at + 11u * step] = z[11];
  held[at + 12u * step] = z[12];
  held[at + 13u * step] = z[13];
  held[at + 14u * step] = z[14];
  held[at + 15u * step] = z[15];
}
fn store_line(a: Place, b: Place, z: Line) {
  store_point(a, 0u, z[0].y);
  store_point(b, 0u, z[0].x);
  store_point(a, 1u, z[1].y);
  store_point(b, 1u, z[1].x);
  store_point(a, 2u, z[2].y);
  store_point(b, 2u, z[2].x);
  store_point(a, 3u, z[3].y);
  store_point(b, 3u, z[3].x);
  store_point(a, 4u, z[4].y);
  store_point(b, 4u, z[4].x);
  store_point(a, 5u, z[5].y);
  store_point(b, 5u, z[5].x);
  store_point(a, 6u, z[6].y);
  store_point(b, 6u, z[6].x);
  store_point(a, 7u, z[7].y);
  store_point(b, 7u, z[7].x);
  store_point(a, 8u, z[8].y);
  store_point(b, 8u, z[8].x);
  store_point(a, 9u, z[9].y);
  store_point(b, 9u, z[9].x);
  store_point(a, 10u, z[10].y);
  store_point(b, 10u, z[10].x);
  store_point(a, 11u, z[11].y);
  store_point(b, 11u, z[11].x);
}

var<workgroup> held: array<vec2<f32>, PAIRS * PITCH>;

// Columns 1 to SIZE / 2 - 1 whole, then the first halves of columns 0 and SIZE / 2: column and row.
fn frequency(f: u32) -> vec2<u32> {
  let whole = SIZE * (SIZE / 2u - 1u);
  if (f < whole) { return vec2<u32>(1u + f / SIZE, f % SIZE); }
  let g = f - whole;
  return vec2<u32>(g / (SIZE / 2u + 1u) * (SIZE / 2u), g % (SIZE / 2u + 1u));
}

fn place_of(frequency: vec2<u32>) -> u32 { return frequency.y * ROW + frequency.x; }

// The frequency whose value is the conjugate, if the points are real.
fn mirrored(frequency: vec2<u32>) -> vec2<u32> { return (SIZE - frequency) % SIZE; }

struct Pair { n: u32, c: u32, next_n: u32, next_c: u32, tile: u32 }

fn pair_of(q: u32) -> Pair {
  let across = q % ACROSS * 2u;
  let along = q / ACROSS;
  let c = select(across, along, SERIES_OF_IMAGES);
  let t = select(along, across, SERIES_OF_IMAGES);
  let n = select(t / TILES, t % IMAGES, IMAGES_INNERMOST);
  let tile = select(t % TILES, t / IMAGES, IMAGES_INNERMOST);
  return Pair(n, c, select(n, n + 1u, SERIES_OF_IMAGES), select(c + 1u, c, SERIES_OF_IMAGES), tile);
}

fn take(f: u32, q: u32) -> vec4<f32> { return y_spectra[f * COUNT + q]; }

// A column of one series: where its point of row 0 lies in y and in the residual, and which row that is.
struct Place { y: u32, residual: u32, bias: f32, h: u32 }

fn place_at(n: u32, c: u32, h: u32, w: u32, there: bool) -> Place {
  let row = select(OUT_H, h, there && n < BATCH && c < OUT_CHANNELS);
  return Place(y_index(n, c, 0u, h, w), residual_index(n, c, 0u, h, w), bias_at(c), row);
}

fn store_point(place: Place, i: u32, v: f32) {
  if (place.h + i >= OUT_H) { return; }
  let added = place.bias + residual_at(place.residual + i * RESIDUAL_ROW);
  y[place.y + i * Y_ROW] = Out(activation(v + added));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }

  for (var i = t; i < FREQUENCIES * PAIRS; i += THREADS) {
    let q = group * PAIRS + i % PAIRS;
    var v = vec4<f32>();
    if (q < COUNT) { v = take(i / PAIRS, q); }
    let first = i % PAIRS * PITCH;
    let f = frequency(i / PAIRS);
    // a + i b, and conj(a) + i conj(b) at the mirrored frequency. Real and imaginary parts change places here and at the
    // end: that makes the transform its inverse.
    held[first + place_of(f)] = vec2<f32>(v.y + v.z, v.x - v.w);
    held[first + place_of(mirrored(f))] = vec2<f32>(v.z - v.y, v.x + v.w);
  }
  workgroupBarrier();

  let pair = select(t / SIZE, t % PAIRS, PAIRS_FASTEST);
  let line = select(t % SIZE, t / PAIRS, PAIRS_FASTEST);
  let row = pair * PITCH + line * ROW;
  write_line(row, 1u, fft(read_line(row, 1u)));
  workgroupBarrier();
  let points = fft(read_line(pair * PITCH + line, ROW));

  let q = group * PAIRS + pair;
  let p = pair_of(q);
  let h = p.tile / TILES_W * STEP_H;
  let w = p.tile % TILES_W * STEP_W + line;
  let there = q < COUNT && line < STEP_W && w < OUT_W;
  store_line(place_at(p.n, p.c, h, w, there), place_at(p.next_n, p.next_c, h, w, there), points);
}
