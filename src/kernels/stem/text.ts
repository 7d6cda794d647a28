/**
 * The fixed WGSL texts of the staged direct convolution (stem.ts): how the input and the weights come into workgroup memory,
 * and how results are stored. What calls them is in main-text.ts.
 *
 * The input's texts declare `x_tile` and, for the u-th unit of a chunk that an invocation stages, `x_load(tile, chunk, u)` and
 * `x_keep(u, v)`; and `place_of(tile, outer)`, the output position that the lanes of a tile begin at.
 */

/**
 * Lines: an invocation's positions are neighbours along W, its sums vectors of output channels. A line of the input is kept
 * as vectors of four columns.
 */
export const LINES = /* wgsl */ `
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
`;

/** Four columns that are one vector: lines begin LEAD columns earlier, where a vector begins. */
export const LINE_VECTORS = /* wgsl */ `
fn columns_at(n: u32, c: u32, h: u32, w: u32, inside: bool) -> vec4<f32> {
  let real = inside && w < IN_W;
  return select(vec4<f32>(), vec4<f32>(x[select(0u, x_index(n, c, 0u, h, w), real)]), real);
}
`;

/** Four columns from four places. */
export const LINE_SCALARS = /* wgsl */ `
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
`;

/** Neighbouring invocations stage neighbouring columns. */
export const PLANAR_UNITS = /* wgsl */ `
fn unit_of(u: u32) -> vec3<u32> { return vec3<u32>(u / (LINE * ROW_LINES), u / LINE % ROW_LINES, u % LINE); }
`;

/** Neighbouring invocations stage the channels of the same columns. */
export const INTERLEAVED_UNITS = /* wgsl */ `
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
`;

/** Images: sums are vectors of four images of the batch, and so are the elements of a line. */
const IMAGES = /* wgsl */ `
var<workgroup> x_tile: array<array<array<vec4<f32>, IMAGE_PITCH>, LINE>, CHUNK>;

struct Place { n: u32, h: u32, w: u32, inside: bool }

// Of four images in a tile; w is the tile's first column.
fn place_of(tile: u32, outer: u32) -> Place {
  let row = tile / W_TILES;
  let n = (row / OUT_H * OUTER_LANES + outer) * 4u;
  return Place(n, row % OUT_H, tile % W_TILES * TILE_W, n < BATCH);
}

fn x_load(tile: u32, chunk: u32, u: u32) -> vec4<f32> {
  let unit = unit_of(u);
  let tap = chunk * CHUNK + unit.y;
  let p = place_of(tile, unit.x);
  let h = p.h * STRIDE_H + tap / GROUP_CHANNELS - PAD_H;
  let w = p.w * STRIDE_W + unit.z - PAD_W;
  let inside = u < X_UNITS && p.inside && h < IN_H && w < IN_W;
  return images_at(p.n, tap % GROUP_CHANNELS, h, w, inside);
}

fn x_keep(u: u32, v: vec4<f32>) {
  let unit = unit_of(u);
  if (u < X_UNITS) { x_tile[unit.y][unit.z][unit.x] = v; }
}
`;

/** CHWN: four images are one vector. */
export const IMAGE_VECTORS =
  IMAGES +
  /* wgsl */ `
fn unit_of(u: u32) -> vec3<u32> {
  return vec3<u32>(u % OUTER_LANES, u / (OUTER_LANES * LINE), u / OUTER_LANES % LINE);
}

fn images_at(n: u32, c: u32, h: u32, w: u32, inside: bool) -> vec4<f32> {
  return select(vec4<f32>(), vec4<f32>(x[select(0u, x_index(n, c, 0u, h, w), inside)]), inside);
}
`;

/** Four images from four places; neighbouring invocations stage neighbouring columns. */
export const IMAGE_SCALARS =
  IMAGES +
  /* wgsl */ `
fn unit_of(u: u32) -> vec3<u32> {
  return vec3<u32>(u / LINE % OUTER_LANES, u / (OUTER_LANES * LINE), u % LINE);
}

fn images_at(n: u32, c: u32, h: u32, w: u32, inside: bool) -> vec4<f32> {
  let at = select(0u, x_index(n, c, 0u, h, w), inside);
  let step = select(0u, IMAGE_STEP, inside);
  let v = vec4<f32>(f32(x[at]), f32(x[at + step]), f32(x[at + 2u * step]), f32(x[at + 3u * step]));
  return select(vec4<f32>(), v, inside);
}
`;

/** Rows of taps lie along W. */
export const TAPS_ALONG_W = /* wgsl */ `
fn tap_at(row: u32, i: u32) -> u32 { return row * KERNEL_W + i; }
`;

/** Rows of taps lie along H. */
export const TAPS_ALONG_H = /* wgsl */ `
fn tap_at(row: u32, i: u32) -> u32 { return i * KERNEL_W + row; }
`;

/**
 * Columns: an invocation's positions are neighbours along H, neighbouring invocations take neighbouring columns, and the
 * sums are vectors of output channels. Under every tap column the input is kept apart, so that strides do not matter.
 */
export const COLUMNS = /* wgsl */ `
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
`;

/** Weights of a chunk of tap rows: neighbouring invocations load neighbouring output channels. */
export const WEIGHTS = /* wgsl */ `
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
`;

/** `put(n, c, d, h, w, v)`: four results from there on, along channels. */
export const PUT_CHANNELS = /* wgsl */ `
fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: vec4<f32>) {
  let sum = v + residual_at(n, c, d, h, w);
  y[y_index(n, c, d, h, w) / 4u] =
    Out(vec4<f32>(activation(sum.x), activation(sum.y), activation(sum.z), activation(sum.w)));
}
`;

const PUT_ONE = /* wgsl */ `
fn put_one(n: u32, c: u32, d: u32, h: u32, w: u32, v: f32) {
  y[y_index(n, c, d, h, w)] = Out(activation(v + residual_at(n, c, d, h, w)));
}
`;

/** One by one along channels. */
export const PUT_CHANNELS_ONE_BY_ONE =
  PUT_ONE +
  /* wgsl */ `
fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: vec4<f32>) {
  put_one(n, c, d, h, w, v.x);
  put_one(n, c + 1u, d, h, w, v.y);
  put_one(n, c + 2u, d, h, w, v.z);
  put_one(n, c + 3u, d, h, w, v.w);
}
`;

/** One by one along the batch. */
export const PUT_IMAGES_ONE_BY_ONE =
  PUT_ONE +
  /* wgsl */ `
fn put(n: u32, c: u32, d: u32, h: u32, w: u32, v: vec4<f32>) {
  put_one(n, c, d, h, w, v.x);
  put_one(n + 1u, c, d, h, w, v.y);
  put_one(n + 2u, c, d, h, w, v.z);
  put_one(n + 3u, c, d, h, w, v.w);
}
`;
