const THREADS = 54u;
const GRID_X = 6u;
const GROUPS = 6u;
const BATCH = 3u;
const W_TILES = 1u;
const TILE_W = 3u;
const TILES_EACH = 1u;
const CHANNEL_TILES = 2u;
const TILE_CHANNELS = 36u;
const TILE_VECTORS = 9u;
const OUTER_LANES = 2u;
const ALONG_LANES = 3u;
const CHANNEL_LANES = 9u;
const ALONG_STEP = 1u;
const ALONG_PAIR = 1u;
const OUTER_STEP = 3u;
const OUTER_PAIR = 1u;
const CHANNEL_STEP = 6u;
const CHANNEL_PAIR = 1u;
const LANE_POSITIONS = 1u;
const LANE_COLUMNS = 1u;
const POSITIONS_EACH = 4u;
const H_BLOCKS = 2u;
const H_TILES = 1u;
const CHUNK = 2u;
const CHUNKS = 2u;
const STEPS = 2u;
const LINE = 8u;
const LEAD = 0u;
const TILE_ROWS = 2u;
const ROW_LINES = 2u;
const ROW_STEP = 1u;
const IMAGE_PITCH = 3u;
const IMAGE_STEP = 198u;
const ROW_TAPS = 5u;
const ROW_VECTORS = 5u;
const X_UNITS = 96u;
const W_UNITS = 90u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 11u;
const OUT_H = 7u;
const KERNEL_H = 5u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 5u;
const INVERSE_H = 0u;
const IN_W = 9u;
const OUT_W = 3u;
const KERNEL_W = 2u;
const STRIDE_W = 3u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 2u;
const INVERSE_W = 1u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 2u;
const GROUP_OUT = 68u;
const OUT_CHANNELS = 68u;
const TAPS = 10u;
const POSITIONS = 63u;
const CHECKED = false;
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 198u + (c) * 99u + (h) * 9u + (w); }
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 1428u + (c) * 21u + (h) * 3u + (w); }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> f32 { return 0.0; }
fn bias_at(c: u32) -> f32 { return 0.0; }
const activation_alpha = f32(0.10000000149011612);
fn activation(x: f32) -> f32 { return select(x, activation_alpha * x, x < 0.0); }

var<workgroup> x_tile: array<array<array<array<f32, ALONG_LANES>, LINE>, CHUNK>, OUTER_LANES>;

struct Place { n: u32, h: u32, w: u32, inside: bool }

fn place_of(tile: u32, outer: u32) -> Place {
  let block = tile / W_TILES * OUTER_LANES + outer;
  let h = block % H_BLOCKS * POSITIONS_EACH;
  return Place(block / H_BLOCKS, h, tile % W_TILES * TILE_W, block < BATCH * H_BLOCKS);
}

// Of an element: outer lane, tap row, row on the line, lane along W.
fn unit_of(u: u32) -> vec4<u32> {
  let row = u / ALONG_LANES;
  return vec4<u32>(row / (LINE * CHUNK), row / LINE % CHUNK, row % LINE, u % ALONG_LANES);
}

fn x_load(tile: u32, chunk: u32, u: u32) -> f32 {
  let unit = unit_of(u);
  let tap = chunk * CHUNK + unit.y;
  let p = place_of(tile, unit.x);
  let h = p.h * STRIDE_H + unit.z - PAD_H;
  let w = (p.w + unit.w) * STRIDE_W + tap / GROUP_CHANNELS - PAD_W;
  let inside = u < X_UNITS && p.inside && h < IN_H && w < IN_W;
  return select(0.0, f32(x[select(0u, x_index(p.n, tap % GROUP_CHANNELS, 0u, h, w), inside)]), inside);
}

fn x_keep(u: u32, v: f32) {
  let unit = unit_of(u);
  if (u < X_UNITS) { x_tile[unit.x][unit.y][unit.z][unit.w] = v; }
}

fn tap_at(row: u32, i: u32) -> u32 { return i * KERNEL_W + row; }

var<workgroup> w_tile: array<array<array<vec4<f32>, CHANNEL_LANES>, ROW_VECTORS>, CHUNK>;

fn w_load(channels: u32, chunk: u32, u: u32) -> vec4<f32> {
  let tap = chunk * CHUNK + u / (CHANNEL_LANES * ROW_VECTORS);
  let row = tap_at(tap / GROUP_CHANNELS, u / TILE_VECTORS % ROW_TAPS) * GROUP_CHANNELS + tap % GROUP_CHANNELS;
  let col = min(channels / 4u + u % TILE_VECTORS, OUT_CHANNELS / 4u - 1u);
  return vec4<f32>(w[select(0u, row * (OUT_CHANNELS / 4u) + col, u < W_UNITS)]);
}

fn w_keep(u: u32, v: vec4<f32>) {
  if (u < W_UNITS) {
    w_tile[u / (CHANNEL_LANES * ROW_VECTORS)][u / CHANNEL_LANES % ROW_VECTORS][u % CHANNEL_LANES] = v;
  }
}

fn bias_vector(c: u32) -> vec4<f32> {
  return vec4<f32>(bias_at(c), bias_at(c + 1u), bias_at(c + 2u), bias_at(c + 3u));
}

fn put_one(n: u32, c: u32, d: u32, h: u32, w: u32, v: f32) {
  y[y_index(n, c, d, h, w)] = Out(activation(v + residual_at(n, c, d, h, w)));
}

fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: vec4<f32>) {
  put_one(n, c, d, h, w, v.x);
  put_one(n, c + 1u, d, h, w, v.y);
  put_one(n, c + 2u, d, h, w, v.z);
  put_one(n, c + 3u, d, h, w, v.w);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  // Channels first: workgroups that run together read the same input.
  let channels = group % CHANNEL_TILES * TILE_CHANNELS;
  let first = group / CHANNEL_TILES * TILES_EACH;
  let own = t / CHANNEL_STEP % (CHANNEL_LANES / CHANNEL_PAIR) * CHANNEL_PAIR + t % CHANNEL_PAIR;
  let along = t / ALONG_STEP % (ALONG_LANES / ALONG_PAIR) * ALONG_PAIR + t % ALONG_PAIR;
  let outer = t / OUTER_STEP % (OUTER_LANES / OUTER_PAIR) * OUTER_PAIR + t % OUTER_PAIR;
  let at = along * LANE_COLUMNS;
  var s0_0 = vec4<f32>();
  var s1_0 = vec4<f32>();
  var s2_0 = vec4<f32>();
  var s3_0 = vec4<f32>();
  var x_held0 = x_load(first, 0u, t + 0u * THREADS);
  var x_held1 = x_load(first, 0u, t + 1u * THREADS);
  var w_held0 = w_load(channels, 0u, t + 0u * THREADS);
  var w_held1 = w_load(channels, 0u, t + 1u * THREADS);
  for (var k = 0u; k < STEPS; k++) {
    let tile = first + k / CHUNKS;
    x_keep(t + 0u * THREADS, x_held0);
    x_keep(t + 1u * THREADS, x_held1);
    w_keep(t + 0u * THREADS, w_held0);
    w_keep(t + 1u * THREADS, w_held1);
    workgroupBarrier();
    if (k + 1u < STEPS) {
      let next = first + (k + 1u) / CHUNKS;
      let chunk = (k + 1u) % CHUNKS;
      x_held0 = x_load(next, chunk, t + 0u * THREADS);
      x_held1 = x_load(next, chunk, t + 1u * THREADS);
      w_held0 = w_load(channels, chunk, t + 0u * THREADS);
      w_held1 = w_load(channels, chunk, t + 1u * THREADS);
    }
    if (k % CHUNKS == 0u) {
      let b0 = bias_vector(channels + own * 4u);
      s0_0 = b0;
      s1_0 = b0;
      s2_0 = b0;
      s3_0 = b0;
    }
    {
      let x0 = x_tile[outer][0u][0u][along];
      let x1 = x_tile[outer][0u][1u][along];
      let x2 = x_tile[outer][0u][2u][along];
      let x3 = x_tile[outer][0u][3u][along];
      let x4 = x_tile[outer][0u][4u][along];
      let x5 = x_tile[outer][0u][5u][along];
      let x6 = x_tile[outer][0u][6u][along];
      let x7 = x_tile[outer][0u][7u][along];
      let w0_0 = w_tile[0u][0u][own];
      s0_0 += x0 * w0_0;
      s1_0 += x1 * w0_0;
      s2_0 += x2 * w0_0;
      s3_0 += x3 * w0_0;
      let w1_0 = w_tile[0u][1u][own];
      s0_0 += x1 * w1_0;
      s1_0 += x2 * w1_0;
      s2_0 += x3 * w1_0;
      s3_0 += x4 * w1_0;
      let w2_0 = w_tile[0u][2u][own];
      s0_0 += x2 * w2_0;
      s1_0 += x3 * w2_0;
      s2_0 += x4 * w2_0;
      s3_0 += x5 * w2_0;
      let w3_0 = w_tile[0u][3u][own];
      s0_0 += x3 * w3_0;
      s1_0 += x4 * w3_0;
      s2_0 += x5 * w3_0;
      s3_0 += x6 * w3_0;
      let w4_0 = w_tile[0u][4u][own];
      s0_0 += x4 * w4_0;
      s1_0 += x5 * w4_0;
      s2_0 += x6 * w4_0;
      s3_0 += x7 * w4_0;
    }
    {
      let x0 = x_tile[outer][1u][0u][along];
      let x1 = x_tile[outer][1u][1u][along];
      let x2 = x_tile[outer][1u][2u][along];
      let x3 = x_tile[outer][1u][3u][along];
      let x4 = x_tile[outer][1u][4u][along];
      let x5 = x_tile[outer][1u][5u][along];
      let x6 = x_tile[outer][1u][6u][along];
      let x7 = x_tile[outer][1u][7u][along];
      let w0_0 = w_tile[1u][0u][own];
      s0_0 += x0 * w0_0;
      s1_0 += x1 * w0_0;
      s2_0 += x2 * w0_0;
      s3_0 += x3 * w0_0;
      let w1_0 = w_tile[1u][1u][own];
      s0_0 += x1 * w1_0;
      s1_0 += x2 * w1_0;
      s2_0 += x3 * w1_0;
      s3_0 += x4 * w1_0;
      let w2_0 = w_tile[1u][2u][own];
      s0_0 += x2 * w2_0;
      s1_0 += x3 * w2_0;
      s2_0 += x4 * w2_0;
      s3_0 += x5 * w2_0;
      let w3_0 = w_tile[1u][3u][own];
      s0_0 += x3 * w3_0;
      s1_0 += x4 * w3_0;
      s2_0 += x5 * w3_0;
      s3_0 += x6 * w3_0;
      let w4_0 = w_tile[1u][4u][own];
      s0_0 += x4 * w4_0;
      s1_0 += x5 * w4_0;
      s2_0 += x6 * w4_0;
      s3_0 += x7 * w4_0;
    }
    if (k % CHUNKS == CHUNKS - 1u) {
      let p = place_of(tile, outer);
      let w = p.w + along * LANE_POSITIONS;
      let c0 = channels + own * 4u;
      if (p.inside && w < OUT_W && c0 < OUT_CHANNELS) {
        if (p.h + 0u < OUT_H) { put(p.n, c0, 0u, p.h + 0u, w, s0_0); }
        if (p.h + 1u < OUT_H) { put(p.n, c0, 0u, p.h + 1u, w, s1_0); }
        if (p.h + 2u < OUT_H) { put(p.n, c0, 0u, p.h + 2u, w, s2_0); }
        if (p.h + 3u < OUT_H) { put(p.n, c0, 0u, p.h + 3u, w, s3_0); }
      }
    }
    workgroupBarrier();
  }
}
