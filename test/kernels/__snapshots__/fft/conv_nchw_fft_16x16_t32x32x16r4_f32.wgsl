const ROWS = 6u;
const COLS = 12u;
const DEPTH = 8u;
const BATCHES = 130u;
const TILE_ROWS = 32u;
const TILE_COLS = 32u;
const TILE_DEPTH = 16u;
const THREADS = 64u;
const GRID_X = 130u;
const GROUPS = 130u;
const ROW_TILES = 1u;
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
const ROW_STRIDE = 8u;
const ROW_DEPTH_STRIDE = 1u;
const WEIGHT_PITCH = 3u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> row_data: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> col_data: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn row_batch(batch: u32) -> u32 { return batch / 1u * 48u; }
fn addend(batch: u32, row: u32, col: u32) -> f32 { return 0.0; }
fn y_batch(batch: u32) -> u32 { return batch / 1u * 72u; }
fn activation(x: f32) -> f32 { return x; }
const ALPHA = f32(1.0);
const Y_ROW = 12u;
const Y_COL = 1u;

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

struct RowState { at: vec4<u32> }

fn row_setup(first: u32, batch: u32) -> RowState {
  let rows = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(ROWS - 1u));
  return RowState((row_batch(batch) + rows * ROW_STRIDE) / 4u);
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  if (k >= DEPTH) { return Block(); }
  let at = state.at + k / 4u;
  return transposed(
    Packed(row_data[at.x]),
    Packed(row_data[at.y]),
    Packed(row_data[at.z]),
    Packed(row_data[at.w]),
  );
}

struct ColState { at: u32 }

fn col_setup(first: u32, batch: u32) -> ColState {
  return ColState(batch * (DEPTH / 2u * WEIGHT_PITCH) + min(first / 4u, WEIGHT_PITCH - 1u));
}

fn times_i(v: Packed) -> Packed { return Packed(-v.y, v.x, -v.w, v.z); }

fn col_load(state: ColState, k: u32, batch: u32) -> Block {
  if (k >= DEPTH) { return Block(); }
  let at = state.at + k / 2u * WEIGHT_PITCH;
  let first = col_data[at];
  let second = col_data[at + WEIGHT_PITCH];
  return Block(first, times_i(first), second, times_i(second));
}

fn finish(batch: u32, row: u32, col: u32, v: f32) -> f32 {
  return activation(ALPHA * v + addend(batch, row, col));
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  y[(y_batch(batch) + row * Y_ROW + col) / 4u] = Out(vec4<f32>(
    finish(batch, row, col, v.x),
    finish(batch, row, col + 1u, v.y),
    finish(batch, row, col + 2u, v.z),
    finish(batch, row, col + 3u, v.w),
  ));
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
