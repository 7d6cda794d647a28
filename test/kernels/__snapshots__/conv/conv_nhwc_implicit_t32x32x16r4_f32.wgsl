const ROWS = 96u;
const COLS = 7u;
const DEPTH = 48u;
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
const PART_DEPTH = 48u;
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
const IN_H = 9u;
const OUT_H = 8u;
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 2u;
const PAD_H = 0u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 8u;
const OUT_W = 4u;
const KERNEL_W = 2u;
const STRIDE_W = 2u;
const DILATION_W = 3u;
const PAD_W = 2u;
const TAPS_W = 2u;
const INVERSE_W = 1u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 5u;
const GROUP_OUT = 7u;
const OUT_CHANNELS = 7u;
const TAPS = 6u;
const POSITIONS = 96u;
const CHECKED = true;
const W_TAP_ROWS = 5u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 7u;
const W_COLS = 7u;
const DEPTH_CHANNELS = 8u;
const POSITION_STEP = 1u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 360u + (c) + (h) * 40u + (w) * 5u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 360u + (c) + (h) * 40u + (w) * 5u; }
fn position_of(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 4u;
  rest = rest / 4u;
  let h = rest % 8u;
  rest = rest / 8u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 224u + (c) + (h) * 28u + (w) * 7u; }
fn residual_at(n: u32, c: u32, d: u32, h: u32, w: u32) -> f32 { return 0.0; }
fn bias_at(c: u32) -> f32 { return f32(bias[min(c, OUT_CHANNELS - 1u)]); }
fn activation(x: f32) -> f32 { return x; }

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

struct RowState { at: vec4<u32>, d: vec4<u32>, h: vec4<u32>, w: vec4<u32> }

fn row_setup(first: u32, batch: u32) -> RowState {
  let c = group_of(batch) * GROUP_CHANNELS;
  let p = position_of(min(first, POSITIONS - 1u));
  let q = position_of(min(first + POSITION_STEP, POSITIONS - 1u));
  let r = position_of(min(first + 2u * POSITION_STEP, POSITIONS - 1u));
  let s = position_of(min(first + 3u * POSITION_STEP, POSITIONS - 1u));
  let a = window_origin(p);
  let b = window_origin(q);
  let e = window_origin(r);
  let f = window_origin(s);
  return RowState(
    vec4<u32>(
      x_index(p.x, c, a.x, a.y, a.z),
      x_index(q.x, c, b.x, b.y, b.z),
      x_index(r.x, c, e.x, e.y, e.z),
      x_index(s.x, c, f.x, f.y, f.z),
    ),
    vec4<u32>(a.x, b.x, e.x, f.x),
    vec4<u32>(a.y, b.y, e.y, f.y),
    vec4<u32>(a.z, b.z, e.z, f.z),
  );
}

fn row_inside(state: RowState, tap: Tap) -> vec4<bool> {
  if (!CHECKED) { return vec4<bool>(true); }
  return (state.d + tap.offset.x < vec4<u32>(IN_D))
    & (state.h + tap.offset.y < vec4<u32>(IN_H))
    & (state.w + tap.offset.z < vec4<u32>(IN_W));
}

fn row_fetch(at: u32, inside: bool) -> Stored {
  if (!inside) { return Stored(); }
  return Stored(x[at]);
}

fn row_vector(state: RowState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  let at = state.at + x_step(0u, c, tap.offset.x, tap.offset.y, tap.offset.z);
  let inside = row_inside(state, tap);
  return Packed(
    row_fetch(at.x, inside.x),
    row_fetch(at.y, inside.y),
    row_fetch(at.z, inside.z),
    row_fetch(at.w, inside.w),
  );
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  let tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) { return Block(); }
  let c = k % DEPTH_CHANNELS;
  return Block(
    row_vector(state, tap, c),
    row_vector(state, tap, c + 1u),
    row_vector(state, tap, c + 2u),
    row_vector(state, tap, c + 3u),
  );
}

struct ColState { row: u32, first: u32 }

fn col_setup(first: u32, batch: u32) -> ColState {
  let group = group_of(batch);
  return ColState(group * W_GROUP_ROWS, group * W_GROUP_COLS + first);
}

fn col_vector(state: ColState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  let row = (tap.weight * W_TAP_ROWS + state.row + c) * W_COLS;
  let cols = min(state.first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(W_COLS - 1u));
  return Packed(
    Stored(w[row + cols.x]),
    Stored(w[row + cols.y]),
    Stored(w[row + cols.z]),
    Stored(w[row + cols.w]),
  );
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

fn store_one(batch: u32, position: u32, channel: u32, v: f32) {
  if (position >= POSITIONS || channel >= GROUP_OUT) { return; }
  let p = position_of(position);
  let o = output_position(p, batch);
  if (beyond(o)) { return; }
  let c = group_of(batch) * GROUP_OUT + channel;
  y[y_index(p.x, c, o.x, o.y, o.z)] =
    Out(activation(v + bias_at(c) + residual_at(p.x, c, o.x, o.y, o.z)));
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { store_one(batch, row, col + i, v[i]); }
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

  var c0_0 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c2_0 = vec4<f32>();
  var c3_0 = vec4<f32>();
  var row0: Block;
  var col0: Block;

  let first = place.part * PART_DEPTH;
  let end = min(first + PART_DEPTH, DEPTH);
  if (t < 32u) { row0 = row_load(row0_state, first + row0_k, place.batch); }
  if (t >= 32u) { col0 = col_load(col0_state, first + col0_k, place.batch); }

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

  let row = place.row + 4u * y;
  let col = place.col + 4u * x;
  let batch = place.batch + place.part * BATCHES;
  store(batch, row + 0u * (4u * Y_THREADS) + 0u, col, c0_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 1u, col, c1_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 2u, col, c2_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 3u, col, c3_0);
}
