const ROWS = 96u;
const COLS = 20u;
const DEPTH = 12u;
const BATCHES = 1u;
const TILE_ROWS = 32u;
const TILE_COLS = 32u;
const TILE_DEPTH = 16u;
const THREADS = 64u;
const GRID_X = 3u;
const GROUPS = 3u;
const ROW_TILES = 3u;
const COL_TILES = 1u;
const ROWS_FIRST = false;
const PART_DEPTH = 16u;
const ROW_PITCH = 8u;
const COL_PITCH = 8u;
const X_THREADS = 8u;
const Y_THREADS = 8u;
const X_LANES = 8u;
const ROW_SWIZZLE = 2u;
const COL_SWIZZLE = 0u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 4u;
const OUT_H = 4u;
const KERNEL_H = 1u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 1u;
const INVERSE_H = 0u;
const IN_W = 6u;
const OUT_W = 6u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 12u;
const GROUP_OUT = 20u;
const OUT_CHANNELS = 20u;
const TAPS = 1u;
const POSITIONS = 96u;
const CHECKED = false;
const W_TAP_ROWS = 12u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 20u;
const W_COLS = 20u;
const DEPTH_CHANNELS = 12u;
const POSITION_STEP = 1u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> taps: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 288u + (c) / 4u + (h) * 36u + (w) * 3u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 288u + (c) / 4u + (h) * 36u + (w) * 3u; }
alias Fetched = vec4<f32>;
const X_ROW = 36u;
const X_COLUMN = 3u;
const TAP_VECTORS = 3u;
const WINDOW_IN_H = 8u;
const WINDOW_IN_W = 12u;
const WINDOW_STRIDE_H = 2u;
const WINDOW_STRIDE_W = 2u;
const WINDOW_PAD_H = 1u;
const WINDOW_PAD_W = 1u;
const WINDOW_LEAVES_H = true;
const WINDOW_LEAVES_W = true;
fn window_activation(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 6u;
  rest = rest / 6u;
  let h = rest % 4u;
  rest = rest / 4u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 480u + (c) + (h) * 120u + (w) * 20u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> vec4<f32> { return vec4<f32>(); }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return x; }
fn residual_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 480u + (c) + (h) * 120u + (w) * 20u; }

// Four rows or columns by four depths, one vector per depth; as stored, so that nothing waits for a load to convert it.
struct Block { d0: Packed, d1: Packed, d2: Packed, d3: Packed }

fn transposed(a: Packed, b: Packed, c: Packed, d: Packed) -> Block {
  return Block(
    Packed(a.x, b.x, c.x, d.x),
    Packed(a.y, b.y, c.y, d.y),
    Packed(a.z, b.z, c.z, d.z),
    Packed(a.w, b.w, c.w, d.w),
  );
}

struct Tap { offset: vec3<u32>, weight: u32, used: bool }

fn group_of(batch: u32) -> u32 { return batch; }

fn tap_at(i: u32, batch: u32) -> Tap {
  let w = i % TAPS_W;
  let h = i / TAPS_W % TAPS_H;
  let d = i / (TAPS_W * TAPS_H);
  return Tap(vec3<u32>(d * DILATION_D, h * DILATION_H, w * DILATION_W), i, true);
}

fn window_origin(position: vec4<u32>) -> vec3<u32> {
  return vec3<u32>(
    position.y * STRIDE_D - PAD_D,
    position.z * STRIDE_H - PAD_H,
    position.w * STRIDE_W - PAD_W,
  );
}

fn output_position(position: vec4<u32>, batch: u32) -> vec3<u32> { return position.yzw; }

fn row_fetch(at: u32, inside: bool) -> Fetched {
  if (!inside) { return Fetched(); }
  return Fetched(x[at]);
}

fn row_is_inside(h: u32) -> bool { return !WINDOW_LEAVES_H || h < WINDOW_IN_H; }

fn column_is_inside(w: u32) -> bool { return !WINDOW_LEAVES_W || w < WINDOW_IN_W; }

fn made(sum: vec4<f32>) -> Packed {
  return Packed(vec4<f32>(
    window_activation(sum.x),
    window_activation(sum.y),
    window_activation(sum.z),
    window_activation(sum.w),
  ));
}

struct RowState { at: vec4<u32>, h: vec4<u32>, w: vec4<u32> }

fn row_setup(first: u32, batch: u32) -> RowState {
  var state: RowState;
  for (var i = 0u; i < 4u; i++) {
    let p = position_of(min(first + i * POSITION_STEP, POSITIONS - 1u));
    let h = p.z * WINDOW_STRIDE_H - WINDOW_PAD_H;
    let w = p.w * WINDOW_STRIDE_W - WINDOW_PAD_W;
    state.at[i] = x_index(p.x, 0u, 0u, h, w);
    state.h[i] = h;
    state.w[i] = w;
  }
  return state;
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  if (k >= DEPTH) { return Block(); }
  let at = state.at + x_step(0u, k, 0u, 0u, 0u);
  let first = k / 4u * 10u;
  let bias = taps[first + 9u];
  var sum0 = bias;
  var sum1 = bias;
  var sum2 = bias;
  var sum3 = bias;
  for (var kh = 0u; kh < 3u; kh++) {
    let t0 = taps[first + kh * 3u + 0u];
    let t1 = taps[first + kh * 3u + 1u];
    let t2 = taps[first + kh * 3u + 2u];
    let h = state.h + kh * 1u;
    let row = at + kh * 1u * X_ROW;
    let inside0 = row_is_inside(h.x);
    sum0 += t0 * row_fetch(row.x, inside0 && column_is_inside(state.w.x + 0u));
    sum0 += t1 * row_fetch(row.x + 1u * X_COLUMN, inside0 && column_is_inside(state.w.x + 1u));
    sum0 += t2 * row_fetch(row.x + 2u * X_COLUMN, inside0 && column_is_inside(state.w.x + 2u));
    let inside1 = row_is_inside(h.y);
    sum1 += t0 * row_fetch(row.y, inside1 && column_is_inside(state.w.y + 0u));
    sum1 += t1 * row_fetch(row.y + 1u * X_COLUMN, inside1 && column_is_inside(state.w.y + 1u));
    sum1 += t2 * row_fetch(row.y + 2u * X_COLUMN, inside1 && column_is_inside(state.w.y + 2u));
    let inside2 = row_is_inside(h.z);
    sum2 += t0 * row_fetch(row.z, inside2 && column_is_inside(state.w.z + 0u));
    sum2 += t1 * row_fetch(row.z + 1u * X_COLUMN, inside2 && column_is_inside(state.w.z + 1u));
    sum2 += t2 * row_fetch(row.z + 2u * X_COLUMN, inside2 && column_is_inside(state.w.z + 2u));
    let inside3 = row_is_inside(h.w);
    sum3 += t0 * row_fetch(row.w, inside3 && column_is_inside(state.w.w + 0u));
    sum3 += t1 * row_fetch(row.w + 1u * X_COLUMN, inside3 && column_is_inside(state.w.w + 1u));
    sum3 += t2 * row_fetch(row.w + 2u * X_COLUMN, inside3 && column_is_inside(state.w.w + 2u));
  }
  return transposed(made(sum0), made(sum1), made(sum2), made(sum3));
}

struct ColState { row: u32, first: u32 }

fn col_setup(first: u32, batch: u32) -> ColState {
  let group = group_of(batch);
  return ColState(group * W_GROUP_ROWS, group * W_GROUP_COLS + first);
}

// Output channels first to first + 3 (the last ones, if these are beyond) of a tap and channel.
fn col_vector(state: ColState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  return Packed(w[((tap.weight * W_TAP_ROWS + state.row + c) * W_COLS + min(state.first, W_COLS - 4u)) / 4u]);
}

fn col_load(state: ColState, k: u32, batch: u32) -> Block {
  let tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) { return Block(); }
  let c = k % DEPTH_CHANNELS;
  return Block(
    col_vector(state, tap, c),
    col_vector(state, tap, c + 1u),
    col_vector(state, tap, c + 2u),
    col_vector(state, tap, c + 3u),
  );
}

// Only phases of unequal length have positions beyond the output.
fn beyond(o: vec3<u32>) -> bool { return o.x >= OUT_D || o.y >= OUT_H || o.z >= OUT_W; }

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let p = position_of(row);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + col;
  let added = residual_at(p.x, c, o.x, o.y, o.z);
  let result = vec4<f32>(
    activation(v.x + bias_at(c) + added.x),
    activation(v.y + bias_at(c + 1u) + added.y),
    activation(v.z + bias_at(c + 2u) + added.z),
    activation(v.w + bias_at(c + 3u) + added.w),
  );
  let real = c + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(OUT_CHANNELS);
  y[y_index(p.x, c, o.x, o.y, o.z) / 4u] = Out(select(vec4<f32>(), result, real));
}

fn begin(batch: u32, row: u32, col: u32) -> vec4<f32> {
  if (row >= ROWS || col >= COLS) { return vec4<f32>(); }
  let p = position_of(row);
  let o = output_position(p, batch);
  if (beyond(o)) { return vec4<f32>(); }
  let c = group_of(batch) * GROUP_OUT + col;
  return vec4<f32>(residual[residual_index(p.x, c, o.x, o.y, o.z) / 4u]);
}

struct Place { row: u32, col: u32, batch: u32, part: u32 }

fn place_of(group: u32) -> Place {
  let slot = group / (ROW_TILES * COL_TILES);
  let tile = group % (ROW_TILES * COL_TILES);
  let row_tile = select(tile / COL_TILES, tile % ROW_TILES, ROWS_FIRST);
  let col_tile = select(tile % COL_TILES, tile / ROW_TILES, ROWS_FIRST);
  return Place(row_tile * TILE_ROWS, col_tile * TILE_COLS, slot % BATCHES, slot / BATCHES);
}

var<workgroup> row_tile: array<vec4<f32>, TILE_DEPTH * ROW_PITCH>;
var<workgroup> col_tile: array<vec4<f32>, TILE_DEPTH * COL_PITCH>;

fn put_row(block: Block, at: u32) {
  row_tile[at] = vec4<f32>(block.d0);
  row_tile[at + ROW_PITCH] = vec4<f32>(block.d1);
  row_tile[at + 2u * ROW_PITCH] = vec4<f32>(block.d2);
  row_tile[at + 3u * ROW_PITCH] = vec4<f32>(block.d3);
}

fn put_col(block: Block, at: u32) {
  col_tile[at] = vec4<f32>(block.d0);
  col_tile[at + COL_PITCH] = vec4<f32>(block.d1);
  col_tile[at + 2u * COL_PITCH] = vec4<f32>(block.d2);
  col_tile[at + 3u * COL_PITCH] = vec4<f32>(block.d3);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS) { return; }
  let place = place_of(group);
  let row0_four = t / 4u;
  let row0_k = 4u * (t % 4u);
  let row0_at = row0_k * ROW_PITCH + (row0_four ^ (row0_k / 4u * ROW_SWIZZLE));
  let row0_state = row_setup(place.row + 4u * row0_four, place.batch);
  let col0_four = (t - 32u) % 8u;
  let col0_k = 4u * ((t - 32u) / 8u);
  let col0_at = col0_k * COL_PITCH + (col0_four);
  let col0_state = col_setup(place.col + 4u * col0_four, place.batch);

  let x = t / 32u % (X_THREADS / X_LANES) * X_LANES + t % X_LANES;
  let y = t / 32u / (X_THREADS / X_LANES) * (32u / X_LANES) + t % 32u / X_LANES;

  var row0: Block;
  var col0: Block;

  let first = place.part * PART_DEPTH;
  let end = min(first + PART_DEPTH, DEPTH);
  if (t < 32u) { row0 = row_load(row0_state, first + row0_k, place.batch); }
  if (t >= 32u) { col0 = col_load(col0_state, first + col0_k, place.batch); }

  let row = place.row + 4u * y;
  let col = place.col + 4u * x;
  let batch = place.batch + place.part * BATCHES;
  var c0_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 0u, col);
  var c1_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 1u, col);
  var c2_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 2u, col);
  var c3_0 = begin(batch, row + 0u * (4u * Y_THREADS) + 3u, col);

  for (var k = first; ; ) {
    if (t < 32u) { put_row(row0, row0_at); }
    if (t >= 32u) { put_col(col0, col0_at); }

    workgroupBarrier();
    let next = k + TILE_DEPTH;
    if (next < end) {
      if (t < 32u) { row0 = row_load(row0_state, next + row0_k, place.batch); }
      if (t >= 32u) { col0 = col_load(col0_state, next + col0_k, place.batch); }
    }
    let a0_0 = row_tile[0u * ROW_PITCH + y];
    let b0_0 = col_tile[0u * COL_PITCH + x];
    let a1_0 = row_tile[1u * ROW_PITCH + y];
    let b1_0 = col_tile[1u * COL_PITCH + x];
    c0_0 += a0_0.x * b0_0;
    c1_0 += a0_0.y * b0_0;
    c2_0 += a0_0.z * b0_0;
    c3_0 += a0_0.w * b0_0;
    let a2_0 = row_tile[2u * ROW_PITCH + y];
    let b2_0 = col_tile[2u * COL_PITCH + x];
    c0_0 += a1_0.x * b1_0;
    c1_0 += a1_0.y * b1_0;
    c2_0 += a1_0.z * b1_0;
    c3_0 += a1_0.w * b1_0;
    let a3_0 = row_tile[3u * ROW_PITCH + y];
    let b3_0 = col_tile[3u * COL_PITCH + x];
    c0_0 += a2_0.x * b2_0;
    c1_0 += a2_0.y * b2_0;
    c2_0 += a2_0.z * b2_0;
    c3_0 += a2_0.w * b2_0;
    let a4_0 = row_tile[4u * ROW_PITCH + ((y) ^ 2u)];
    let b4_0 = col_tile[4u * COL_PITCH + x];
    c0_0 += a3_0.x * b3_0;
    c1_0 += a3_0.y * b3_0;
    c2_0 += a3_0.z * b3_0;
    c3_0 += a3_0.w * b3_0;
    let a5_0 = row_tile[5u * ROW_PITCH + ((y) ^ 2u)];
    let b5_0 = col_tile[5u * COL_PITCH + x];
    c0_0 += a4_0.x * b4_0;
    c1_0 += a4_0.y * b4_0;
    c2_0 += a4_0.z * b4_0;
    c3_0 += a4_0.w * b4_0;
    let a6_0 = row_tile[6u * ROW_PITCH + ((y) ^ 2u)];
    let b6_0 = col_tile[6u * COL_PITCH + x];
    c0_0 += a5_0.x * b5_0;
    c1_0 += a5_0.y * b5_0;
    c2_0 += a5_0.z * b5_0;
    c3_0 += a5_0.w * b5_0;
    let a7_0 = row_tile[7u * ROW_PITCH + ((y) ^ 2u)];
    let b7_0 = col_tile[7u * COL_PITCH + x];
    c0_0 += a6_0.x * b6_0;
    c1_0 += a6_0.y * b6_0;
    c2_0 += a6_0.z * b6_0;
    c3_0 += a6_0.w * b6_0;
    let a8_0 = row_tile[8u * ROW_PITCH + ((y) ^ 4u)];
    let b8_0 = col_tile[8u * COL_PITCH + x];
    c0_0 += a7_0.x * b7_0;
    c1_0 += a7_0.y * b7_0;
    c2_0 += a7_0.z * b7_0;
    c3_0 += a7_0.w * b7_0;
    let a9_0 = row_tile[9u * ROW_PITCH + ((y) ^ 4u)];
    let b9_0 = col_tile[9u * COL_PITCH + x];
    c0_0 += a8_0.x * b8_0;
    c1_0 += a8_0.y * b8_0;
    c2_0 += a8_0.z * b8_0;
    c3_0 += a8_0.w * b8_0;
    let a10_0 = row_tile[10u * ROW_PITCH + ((y) ^ 4u)];
    let b10_0 = col_tile[10u * COL_PITCH + x];
    c0_0 += a9_0.x * b9_0;
    c1_0 += a9_0.y * b9_0;
    c2_0 += a9_0.z * b9_0;
    c3_0 += a9_0.w * b9_0;
    let a11_0 = row_tile[11u * ROW_PITCH + ((y) ^ 4u)];
    let b11_0 = col_tile[11u * COL_PITCH + x];
    c0_0 += a10_0.x * b10_0;
    c1_0 += a10_0.y * b10_0;
    c2_0 += a10_0.z * b10_0;
    c3_0 += a10_0.w * b10_0;
    let a12_0 = row_tile[12u * ROW_PITCH + ((y) ^ 6u)];
    let b12_0 = col_tile[12u * COL_PITCH + x];
    c0_0 += a11_0.x * b11_0;
    c1_0 += a11_0.y * b11_0;
    c2_0 += a11_0.z * b11_0;
    c3_0 += a11_0.w * b11_0;
    let a13_0 = row_tile[13u * ROW_PITCH + ((y) ^ 6u)];
    let b13_0 = col_tile[13u * COL_PITCH + x];
    c0_0 += a12_0.x * b12_0;
    c1_0 += a12_0.y * b12_0;
    c2_0 += a12_0.z * b12_0;
    c3_0 += a12_0.w * b12_0;
    let a14_0 = row_tile[14u * ROW_PITCH + ((y) ^ 6u)];
    let b14_0 = col_tile[14u * COL_PITCH + x];
    c0_0 += a13_0.x * b13_0;
    c1_0 += a13_0.y * b13_0;
    c2_0 += a13_0.z * b13_0;
    c3_0 += a13_0.w * b13_0;
    let a15_0 = row_tile[15u * ROW_PITCH + ((y) ^ 6u)];
    let b15_0 = col_tile[15u * COL_PITCH + x];
    c0_0 += a14_0.x * b14_0;
    c1_0 += a14_0.y * b14_0;
    c2_0 += a14_0.z * b14_0;
    c3_0 += a14_0.w * b14_0;
    c0_0 += a15_0.x * b15_0;
    c1_0 += a15_0.y * b15_0;
    c2_0 += a15_0.z * b15_0;
    c3_0 += a15_0.w * b15_0;

    k = next;
    if (k >= end) { break; }
    workgroupBarrier();
  }
  store(batch, row + 0u * (4u * Y_THREADS) + 0u, col, c0_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 1u, col, c1_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 2u, col, c2_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 3u, col, c3_0);
}
