const ROWS = 8u;
const COLS = 36u;
const DEPTH = 300u;
const BATCHES = 36u;
const TILE_ROWS = 32u;
const TILE_COLS = 32u;
const TILE_DEPTH = 16u;
const THREADS = 32u;
const GRID_X = 288u;
const GROUPS = 288u;
const ROW_TILES = 1u;
const COL_TILES = 2u;
const ROWS_FIRST = true;
const PART_DEPTH = 80u;
const ROW_PITCH = 8u;
const COL_PITCH = 8u;
const X_THREADS = 4u;
const Y_THREADS = 8u;
const X_LANES = 4u;
const ROW_SWIZZLE = 0u;
const COL_SWIZZLE = 0u;
const ROW_STRIDE = 1u;
const ROW_DEPTH_STRIDE = 8u;
const COL_STRIDE = 1u;
const COL_DEPTH_STRIDE = 36u;
alias Stored = f32;
alias Packed = vec4<f32>;
@group(0) @binding(0) var<storage, read> row_data: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> col_data: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;
fn row_batch(batch: u32) -> u32 { return batch / 1u * 2400u; }
fn col_batch(batch: u32) -> u32 { return batch / 1u * 10800u; }

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

struct RowState { at: u32 }

fn row_setup(first: u32, batch: u32) -> RowState {
  return RowState((row_batch(batch) + min(first, ROWS - 4u)) / 4u);
}

fn row_vector(state: RowState, k: u32) -> Packed {
  if (k >= DEPTH) { return Packed(); }
  return Packed(row_data[state.at + k * (ROW_DEPTH_STRIDE / 4u)]);
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  return Block(
    row_vector(state, k),
    row_vector(state, k + 1u),
    row_vector(state, k + 2u),
    row_vector(state, k + 3u),
  );
}

struct ColState { at: u32 }

fn col_setup(first: u32, batch: u32) -> ColState {
  return ColState((col_batch(batch) + min(first, COLS - 4u)) / 4u);
}

fn col_vector(state: ColState, k: u32) -> Packed {
  if (k >= DEPTH) { return Packed(); }
  return Packed(col_data[state.at + k * (COL_DEPTH_STRIDE / 4u)]);
}

fn col_load(state: ColState, k: u32, batch: u32) -> Block {
  return Block(
    col_vector(state, k),
    col_vector(state, k + 1u),
    col_vector(state, k + 2u),
    col_vector(state, k + 3u),
  );
}

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  partial[(batch * ROWS + row) * ((COLS + 3u) / 4u) + col / 4u] = v;
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
  let row0_four = t % 8u;
  let row0_k = 4u * (t / 8u);
  let row0_at = row0_k * ROW_PITCH + (row0_four);
  let row0_state = row_setup(place.row + 4u * row0_four, place.batch);
  let col0_four = t % 8u;
  let col0_k = 4u * (t / 8u);
  let col0_at = col0_k * COL_PITCH + (col0_four);
  let col0_state = col_setup(place.col + 4u * col0_four, place.batch);

  let x = t / 32u % (X_THREADS / X_LANES) * X_LANES + t % X_LANES;
  let y = t / 32u / (X_THREADS / X_LANES) * (32u / X_LANES) + t % 32u / X_LANES;

  var c0_0 = vec4<f32>();
  var c0_1 = vec4<f32>();
  var c1_0 = vec4<f32>();
  var c1_1 = vec4<f32>();
  var c2_0 = vec4<f32>();
  var c2_1 = vec4<f32>();
  var c3_0 = vec4<f32>();
  var c3_1 = vec4<f32>();
  var row0: Block;
  var col0: Block;

  let first = place.part * PART_DEPTH;
  let end = min(first + PART_DEPTH, DEPTH);
  row0 = row_load(row0_state, first + row0_k, place.batch);
  col0 = col_load(col0_state, first + col0_k, place.batch);

  for (var k = first; ; ) {
    put_row(row0, row0_at);
    put_col(col0, col0_at);

    workgroupBarrier();
    let next = k + TILE_DEPTH;
    if (next < end) {
      row0 = row_load(row0_state, next + row0_k, place.batch);
      col0 = col_load(col0_state, next + col0_k, place.batch);
    }
    let a0_0 = row_tile[0u * ROW_PITCH + y];
    let b0_0 = col_tile[0u * COL_PITCH + x];
    let b0_1 = col_tile[0u * COL_PITCH + x + X_THREADS];
    let a1_0 = row_tile[1u * ROW_PITCH + y];
    let b1_0 = col_tile[1u * COL_PITCH + x];
    let b1_1 = col_tile[1u * COL_PITCH + x + X_THREADS];
    c0_0 += a0_0.x * b0_0; c0_1 += a0_0.x * b0_1;
    c1_0 += a0_0.y * b0_0; c1_1 += a0_0.y * b0_1;
    c2_0 += a0_0.z * b0_0; c2_1 += a0_0.z * b0_1;
    c3_0 += a0_0.w * b0_0; c3_1 += a0_0.w * b0_1;
    let a2_0 = row_tile[2u * ROW_PITCH + y];
    let b2_0 = col_tile[2u * COL_PITCH + x];
    let b2_1 = col_tile[2u * COL_PITCH + x + X_THREADS];
    c0_0 += a1_0.x * b1_0; c0_1 += a1_0.x * b1_1;
    c1_0 += a1_0.y * b1_0; c1_1 += a1_0.y * b1_1;
    c2_0 += a1_0.z * b1_0; c2_1 += a1_0.z * b1_1;
    c3_0 += a1_0.w * b1_0; c3_1 += a1_0.w * b1_1;
    let a3_0 = row_tile[3u * ROW_PITCH + y];
    let b3_0 = col_tile[3u * COL_PITCH + x];
    let b3_1 = col_tile[3u * COL_PITCH + x + X_THREADS];
    c0_0 += a2_0.x * b2_0; c0_1 += a2_0.x * b2_1;
    c1_0 += a2_0.y * b2_0; c1_1 += a2_0.y * b2_1;
    c2_0 += a2_0.z * b2_0; c2_1 += a2_0.z * b2_1;
    c3_0 += a2_0.w * b2_0; c3_1 += a2_0.w * b2_1;
    let a4_0 = row_tile[4u * ROW_PITCH + y];
    let b4_0 = col_tile[4u * COL_PITCH + x];
    let b4_1 = col_tile[4u * COL_PITCH + x + X_THREADS];
    c0_0 += a3_0.x * b3_0; c0_1 += a3_0.x * b3_1;
    c1_0 += a3_0.y * b3_0; c1_1 += a3_0.y * b3_1;
    c2_0 += a3_0.z * b3_0; c2_1 += a3_0.z * b3_1;
    c3_0 += a3_0.w * b3_0; c3_1 += a3_0.w * b3_1;
    let a5_0 = row_tile[5u * ROW_PITCH + y];
    let b5_0 = col_tile[5u * COL_PITCH + x];
    let b5_1 = col_tile[5u * COL_PITCH + x + X_THREADS];
    c0_0 += a4_0.x * b4_0; c0_1 += a4_0.x * b4_1;
    c1_0 += a4_0.y * b4_0; c1_1 += a4_0.y * b4_1;
    c2_0 += a4_0.z * b4_0; c2_1 += a4_0.z * b4_1;
    c3_0 += a4_0.w * b4_0; c3_1 += a4_0.w * b4_1;
    let a6_0 = row_tile[6u * ROW_PITCH + y];
    let b6_0 = col_tile[6u * COL_PITCH + x];
    let b6_1 = col_tile[6u * COL_PITCH + x + X_THREADS];
    c0_0 += a5_0.x * b5_0; c0_1 += a5_0.x * b5_1;
    c1_0 += a5_0.y * b5_0; c1_1 += a5_0.y * b5_1;
    c2_0 += a5_0.z * b5_0; c2_1 += a5_0.z * b5_1;
    c3_0 += a5_0.w * b5_0; c3_1 += a5_0.w * b5_1;
    let a7_0 = row_tile[7u * ROW_PITCH + y];
    let b7_0 = col_tile[7u * COL_PITCH + x];
    let b7_1 = col_tile[7u * COL_PITCH + x + X_THREADS];
    c0_0 += a6_0.x * b6_0; c0_1 += a6_0.x * b6_1;
    c1_0 += a6_0.y * b6_0; c1_1 += a6_0.y * b6_1;
    c2_0 += a6_0.z * b6_0; c2_1 += a6_0.z * b6_1;
    c3_0 += a6_0.w * b6_0; c3_1 += a6_0.w * b6_1;
    let a8_0 = row_tile[8u * ROW_PITCH + y];
    let b8_0 = col_tile[8u * COL_PITCH + x];
    let b8_1 = col_tile[8u * COL_PITCH + x + X_THREADS];
    c0_0 += a7_0.x * b7_0; c0_1 += a7_0.x * b7_1;
    c1_0 += a7_0.y * b7_0; c1_1 += a7_0.y * b7_1;
    c2_0 += a7_0.z * b7_0; c2_1 += a7_0.z * b7_1;
    c3_0 += a7_0.w * b7_0; c3_1 += a7_0.w * b7_1;
    let a9_0 = row_tile[9u * ROW_PITCH + y];
    let b9_0 = col_tile[9u * COL_PITCH + x];
    let b9_1 = col_tile[9u * COL_PITCH + x + X_THREADS];
    c0_0 += a8_0.x * b8_0; c0_1 += a8_0.x * b8_1;
    c1_0 += a8_0.y * b8_0; c1_1 += a8_0.y * b8_1;
    c2_0 += a8_0.z * b8_0; c2_1 += a8_0.z * b8_1;
    c3_0 += a8_0.w * b8_0; c3_1 += a8_0.w * b8_1;
    let a10_0 = row_tile[10u * ROW_PITCH + y];
    let b10_0 = col_tile[10u * COL_PITCH + x];
    let b10_1 = col_tile[10u * COL_PITCH + x + X_THREADS];
    c0_0 += a9_0.x * b9_0; c0_1 += a9_0.x * b9_1;
    c1_0 += a9_0.y * b9_0; c1_1 += a9_0.y * b9_1;
    c2_0 += a9_0.z * b9_0; c2_1 += a9_0.z * b9_1;
    c3_0 += a9_0.w * b9_0; c3_1 += a9_0.w * b9_1;
    let a11_0 = row_tile[11u * ROW_PITCH + y];
    let b11_0 = col_tile[11u * COL_PITCH + x];
    let b11_1 = col_tile[11u * COL_PITCH + x + X_THREADS];
    c0_0 += a10_0.x * b10_0; c0_1 += a10_0.x * b10_1;
    c1_0 += a10_0.y * b10_0; c1_1 += a10_0.y * b10_1;
    c2_0 += a10_0.z * b10_0; c2_1 += a10_0.z * b10_1;
    c3_0 += a10_0.w * b10_0; c3_1 += a10_0.w * b10_1;
    let a12_0 = row_tile[12u * ROW_PITCH + y];
    let b12_0 = col_tile[12u * COL_PITCH + x];
    let b12_1 = col_tile[12u * COL_PITCH + x + X_THREADS];
    c0_0 += a11_0.x * b11_0; c0_1 += a11_0.x * b11_1;
    c1_0 += a11_0.y * b11_0; c1_1 += a11_0.y * b11_1;
    c2_0 += a11_0.z * b11_0; c2_1 += a11_0.z * b11_1;
    c3_0 += a11_0.w * b11_0; c3_1 += a11_0.w * b11_1;
    let a13_0 = row_tile[13u * ROW_PITCH + y];
    let b13_0 = col_tile[13u * COL_PITCH + x];
    let b13_1 = col_tile[13u * COL_PITCH + x + X_THREADS];
    c0_0 += a12_0.x * b12_0; c0_1 += a12_0.x * b12_1;
    c1_0 += a12_0.y * b12_0; c1_1 += a12_0.y * b12_1;
    c2_0 += a12_0.z * b12_0; c2_1 += a12_0.z * b12_1;
    c3_0 += a12_0.w * b12_0; c3_1 += a12_0.w * b12_1;
    let a14_0 = row_tile[14u * ROW_PITCH + y];
    let b14_0 = col_tile[14u * COL_PITCH + x];
    let b14_1 = col_tile[14u * COL_PITCH + x + X_THREADS];
    c0_0 += a13_0.x * b13_0; c0_1 += a13_0.x * b13_1;
    c1_0 += a13_0.y * b13_0; c1_1 += a13_0.y * b13_1;
    c2_0 += a13_0.z * b13_0; c2_1 += a13_0.z * b13_1;
    c3_0 += a13_0.w * b13_0; c3_1 += a13_0.w * b13_1;
    let a15_0 = row_tile[15u * ROW_PITCH + y];
    let b15_0 = col_tile[15u * COL_PITCH + x];
    let b15_1 = col_tile[15u * COL_PITCH + x + X_THREADS];
    c0_0 += a14_0.x * b14_0; c0_1 += a14_0.x * b14_1;
    c1_0 += a14_0.y * b14_0; c1_1 += a14_0.y * b14_1;
    c2_0 += a14_0.z * b14_0; c2_1 += a14_0.z * b14_1;
    c3_0 += a14_0.w * b14_0; c3_1 += a14_0.w * b14_1;
    c0_0 += a15_0.x * b15_0; c0_1 += a15_0.x * b15_1;
    c1_0 += a15_0.y * b15_0; c1_1 += a15_0.y * b15_1;
    c2_0 += a15_0.z * b15_0; c2_1 += a15_0.z * b15_1;
    c3_0 += a15_0.w * b15_0; c3_1 += a15_0.w * b15_1;

    k = next;
    if (k >= end) { break; }
    workgroupBarrier();
  }

  let row = place.row + 4u * y;
  let col = place.col + 4u * x;
  let batch = place.batch + place.part * BATCHES;
  store(batch, row + 0u * (4u * Y_THREADS) + 0u, col, c0_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 0u, col + 1u * (4u * X_THREADS), c0_1);
  store(batch, row + 0u * (4u * Y_THREADS) + 1u, col, c1_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 1u, col + 1u * (4u * X_THREADS), c1_1);
  store(batch, row + 0u * (4u * Y_THREADS) + 2u, col, c2_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 2u, col + 1u * (4u * X_THREADS), c2_1);
  store(batch, row + 0u * (4u * Y_THREADS) + 3u, col, c3_0);
  store(batch, row + 0u * (4u * Y_THREADS) + 3u, col + 1u * (4u * X_THREADS), c3_1);
}
