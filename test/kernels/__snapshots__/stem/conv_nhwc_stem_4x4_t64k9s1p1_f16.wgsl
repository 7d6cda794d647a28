enable f16;
const THREADS = 30u;
const GRID_X = 4u;
const GROUPS = 4u;
const BATCH = 4u;
const W_TILES = 1u;
const TILE_W = 8u;
const TILES_EACH = 1u;
const CHANNEL_TILES = 1u;
const TILE_CHANNELS = 12u;
const TILE_VECTORS = 3u;
const OUTER_LANES = 5u;
const ALONG_LANES = 2u;
const CHANNEL_LANES = 3u;
const CHANNEL_STEP = 1u;
const CHANNEL_PAIR = 1u;
const ALONG_STEP = 3u;
const ALONG_PAIR = 1u;
const OUTER_STEP = 6u;
const OUTER_PAIR = 1u;
const LANE_POSITIONS = 4u;
const LANE_COLUMNS = 2u;
const POSITIONS_EACH = 4u;
const H_BLOCKS = 5u;
const H_TILES = 1u;
const CHUNK = 9u;
const CHUNKS = 1u;
const STEPS = 1u;
const LINE = 5u;
const LEAD = 0u;
const TILE_ROWS = 11u;
const ROW_LINES = 3u;
const ROW_STEP = 1u;
const IMAGE_PITCH = 6u;
const IMAGE_STEP = 351u;
const ROW_TAPS = 3u;
const ROW_VECTORS = 3u;
const X_UNITS = 165u;
const W_UNITS = 81u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 9u;
const OUT_H = 5u;
const KERNEL_H = 3u;
const STRIDE_H = 2u;
const DILATION_H = 1u;
const PAD_H = 1u;
const TAPS_H = 3u;
const INVERSE_H = 1u;
const IN_W = 13u;
const OUT_W = 6u;
const KERNEL_W = 3u;
const STRIDE_W = 2u;
const DILATION_W = 1u;
const PAD_W = 1u;
const TAPS_W = 3u;
const INVERSE_W = 1u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 3u;
const GROUP_OUT = 12u;
const OUT_CHANNELS = 12u;
const TAPS = 9u;
const POSITIONS = 120u;
const CHECKED = true;
alias Out = vec4<f16>;
@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read> bias: array<f16>;
@group(0) @binding(3) var<storage, read> residual: array<vec4<f16>>;
@group(0) @binding(4) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 351u + (c) + (h) * 39u + (w) * 3u; }
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 360u + (c) + (h) * 72u + (w) * 12u; }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 360u + (c) + (h) * 72u + (w) * 12u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(residual[residual_index(n, c, d, h, w) / 4u]); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }

var<workgroup> x_tile: array<array<array<vec4<f32>, LINE>, ROW_LINES>, TILE_ROWS>;

struct Place { n: u32, h: u32, w: u32, inside: bool }

// Of an output row in a tile; w is the tile's first column. Tiles end with an image: what is divided is the same for all.
fn place_of(tile: u32, outer: u32) -> Place {
  let block = tile / W_TILES;
  let h = block % H_TILES * OUTER_LANES + outer;
  return Place(block / H_TILES, h, tile % W_TILES * TILE_W, block < BATCH * H_TILES && h < OUT_H);
}

fn x_load(tile: u32, chunk: u32, u: u32) -> vec4<f32> {
  let unit = unit_of(u);
  let tap = chunk * CHUNK + unit.y;
  let c = tap % GROUP_CHANNELS;
  let p = place_of(tile, 0u);
  let h = p.h * STRIDE_H + unit.x * ROW_STEP + tap / GROUP_CHANNELS - PAD_H;
  let w = p.w * STRIDE_W + unit.z * 4u - PAD_W - LEAD;
  return columns_at(p.n, c, h, w, u < X_UNITS && p.inside && h < IN_H);
}

fn x_keep(u: u32, v: vec4<f32>) {
  let unit = unit_of(u);
  if (u < X_UNITS) { x_tile[unit.x][unit.y][unit.z] = v; }
}

fn x_at(n: u32, c: u32, h: u32, w: u32, inside: bool) -> f32 {
  let real = inside && w < IN_W;
  return select(0.0, f32(x[select(0u, x_index(n, c, 0u, h, w), real)]), real);
}

fn columns_at(n: u32, c: u32, h: u32, w: u32, inside: bool) -> vec4<f32> {
  return vec4<f32>(
    x_at(n, c, h, w, inside),
    x_at(n, c, h, w + 1u, inside),
    x_at(n, c, h, w + 2u, inside),
    x_at(n, c, h, w + 3u, inside),
  );
}

fn unit_of(u: u32) -> vec3<u32> {
  let c = u % GROUP_CHANNELS;
  let rest = u / GROUP_CHANNELS;
  let row = rest / LINE;
  return vec3<u32>(
    row / (ROW_LINES / GROUP_CHANNELS),
    row % (ROW_LINES / GROUP_CHANNELS) * GROUP_CHANNELS + c,
    rest % LINE,
  );
}

fn tap_at(row: u32, i: u32) -> u32 { return row * KERNEL_W + i; }

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

fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: vec4<f32>) {
  let sum = v + residual_at(n, c, d, h, w);
  y[y_index(n, c, d, h, w) / 4u] =
    Out(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
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
  var x_held2 = x_load(first, 0u, t + 2u * THREADS);
  var x_held3 = x_load(first, 0u, t + 3u * THREADS);
  var x_held4 = x_load(first, 0u, t + 4u * THREADS);
  var x_held5 = x_load(first, 0u, t + 5u * THREADS);
  w_keep(t + 0u * THREADS, w_load(channels, 0u, t + 0u * THREADS));
  w_keep(t + 1u * THREADS, w_load(channels, 0u, t + 1u * THREADS));
  w_keep(t + 2u * THREADS, w_load(channels, 0u, t + 2u * THREADS));
  for (var k = 0u; k < STEPS; k++) {
    let tile = first + k / CHUNKS;
    x_keep(t + 0u * THREADS, x_held0);
    x_keep(t + 1u * THREADS, x_held1);
    x_keep(t + 2u * THREADS, x_held2);
    x_keep(t + 3u * THREADS, x_held3);
    x_keep(t + 4u * THREADS, x_held4);
    x_keep(t + 5u * THREADS, x_held5);
    workgroupBarrier();
    if (k + 1u < STEPS) {
      let next = first + (k + 1u) / CHUNKS;
      let chunk = (k + 1u) % CHUNKS;
      x_held0 = x_load(next, chunk, t + 0u * THREADS);
      x_held1 = x_load(next, chunk, t + 1u * THREADS);
      x_held2 = x_load(next, chunk, t + 2u * THREADS);
      x_held3 = x_load(next, chunk, t + 3u * THREADS);
      x_held4 = x_load(next, chunk, t + 4u * THREADS);
      x_held5 = x_load(next, chunk, t + 5u * THREADS);
    }
    if (k % CHUNKS == 0u) {
      let b0 = bias_vector(channels + own * 4u);
      s0_0 = b0;
      s1_0 = b0;
      s2_0 = b0;
      s3_0 = b0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 0u / 3u][0u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 0u / 3u][0u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 0u / 3u][0u % 3u][at + 2u];
      let w0_0 = w_tile[0u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[0u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[0u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 1u / 3u][1u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 1u / 3u][1u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 1u / 3u][1u % 3u][at + 2u];
      let w0_0 = w_tile[1u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[1u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[1u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 2u / 3u][2u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 2u / 3u][2u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 2u / 3u][2u % 3u][at + 2u];
      let w0_0 = w_tile[2u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[2u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[2u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 3u / 3u][3u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 3u / 3u][3u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 3u / 3u][3u % 3u][at + 2u];
      let w0_0 = w_tile[3u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[3u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[3u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 4u / 3u][4u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 4u / 3u][4u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 4u / 3u][4u % 3u][at + 2u];
      let w0_0 = w_tile[4u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[4u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[4u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 5u / 3u][5u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 5u / 3u][5u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 5u / 3u][5u % 3u][at + 2u];
      let w0_0 = w_tile[5u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[5u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[5u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 6u / 3u][6u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 6u / 3u][6u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 6u / 3u][6u % 3u][at + 2u];
      let w0_0 = w_tile[6u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[6u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[6u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 7u / 3u][7u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 7u / 3u][7u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 7u / 3u][7u % 3u][at + 2u];
      let w0_0 = w_tile[7u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[7u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[7u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    {
      let x0 = x_tile[outer * STRIDE_H + 8u / 3u][8u % 3u][at + 0u];
      let x1 = x_tile[outer * STRIDE_H + 8u / 3u][8u % 3u][at + 1u];
      let x2 = x_tile[outer * STRIDE_H + 8u / 3u][8u % 3u][at + 2u];
      let w0_0 = w_tile[8u][0u][own];
      s0_0 += x0.x * w0_0;
      s1_0 += x0.z * w0_0;
      s2_0 += x1.x * w0_0;
      s3_0 += x1.z * w0_0;
      let w1_0 = w_tile[8u][1u][own];
      s0_0 += x0.y * w1_0;
      s1_0 += x0.w * w1_0;
      s2_0 += x1.y * w1_0;
      s3_0 += x1.w * w1_0;
      let w2_0 = w_tile[8u][2u][own];
      s0_0 += x0.z * w2_0;
      s1_0 += x1.x * w2_0;
      s2_0 += x1.z * w2_0;
      s3_0 += x2.x * w2_0;
    }
    if (k % CHUNKS == CHUNKS - 1u) {
      let p = place_of(tile, outer);
      let w = p.w + along * LANE_POSITIONS;
      let c0 = channels + own * 4u;
      if (p.inside && c0 < OUT_CHANNELS) {
        if (w + 0u < OUT_W) { put(p.n, c0, 0u, p.h, w + 0u, s0_0); }
        if (w + 1u < OUT_W) { put(p.n, c0, 0u, p.h, w + 1u, s1_0); }
        if (w + 2u < OUT_W) { put(p.n, c0, 0u, p.h, w + 2u, s2_0); }
        if (w + 3u < OUT_W) { put(p.n, c0, 0u, p.h, w + 3u, s3_0); }
      }
    }
    workgroupBarrier();
  }
}
