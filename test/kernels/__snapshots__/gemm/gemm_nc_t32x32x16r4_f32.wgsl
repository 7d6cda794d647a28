const ROWS = 1u;
const COLS = 10u;
const DEPTH = 64u;
const BATCHES = 1u;
const TILE_ROWS = 32u;
const TILE_COLS = 32u;
const TILE_DEPTH = 16u;
const THREADS = 64u;
const GRID_X = 1u;
const GROUPS = 1u;
const ROW_TILES = 1u;
const COL_TILES = 1u;
const ROWS_FIRST = false;
const PART_DEPTH = 64u;
const ROW_BLOCKS = 32u;
const COL_BLOCKS = 32u;
const ONE_BLOCK = true;
const FIRST_COL_BLOCK = 32u;
const ROW_DEPTH_FASTEST = true;
const COL_DEPTH_FASTEST = true;
const ROW_PITCH = 9u;
const COL_PITCH = 9u;
const X_THREADS = 8u;
const Y_THREADS = 8u;
const X_LANES = 8u;
const ROW_STRIDE = 64u;
const ROW_DEPTH_STRIDE = 1u;
const COL_STRIDE = 64u;
const COL_DEPTH_STRIDE = 1u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = f32;
@group(0) @binding(0) var<storage, read> row_data: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> col_data: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn row_batch(batch: u32) -> u32 { return 0u; }
fn col_batch(batch: u32) -> u32 { return 0u; }
fn c_batch(batch: u32) -> u32 { return 0u; }
fn addend(batch: u32, row: u32, col: u32) -> f32 { return f32(c[c_batch(batch) + col * 1u]); }
fn y_batch(batch: u32) -> u32 { return 0u; }
fn activation(x: f32) -> f32 { return x; }
const ALPHA = f32(1.0);
const Y_ROW = 10u;
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

struct ColState { at: vec4<u32> }

fn col_setup(first: u32, batch: u32) -> ColState {
  let cols = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(COLS - 1u));
  return ColState((col_batch(batch) + cols * COL_STRIDE) / 4u);
}

fn col_load(state: ColState, k: u32, batch: u32) -> Block {
  if (k >= DEPTH) { return Block(); }
  let at = state.at + k / 4u;
  return transposed(
    Packed(col_data[at.x]),
    Packed(col_data[at.y]),
    Packed(col_data[at.z]),
    Packed(col_data[at.w]),
  );
}

fn finish(batch: u32, row: u32, col: u32, v: f32) -> f32 {
  return activation(ALPHA * v + addend(batch, row, col));
}

fn store_one(batch: u32, row: u32, col: u32, v: f32) {
  if (row >= ROWS || col >= COLS) { return; }
  y[y_batch(batch) + row * Y_ROW + col * Y_COL] = Out(finish(batch, row, col, v));
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

  let row_block = t;
  let row_four = select(row_block % (TILE_ROWS / 4u), row_block / (TILE_DEPTH / 4u), ROW_DEPTH_FASTEST);
  let row_k = 4u * select(row_block / (TILE_ROWS / 4u), row_block % (TILE_DEPTH / 4u), ROW_DEPTH_FASTEST);
  let row_at = row_k * ROW_PITCH + row_four;
  let row_state = row_setup(place.row + 4u * row_four, place.batch);
  let col_block = t - FIRST_COL_BLOCK;
  let col_four = select(col_block % (TILE_COLS / 4u), col_block / (TILE_DEPTH / 4u), COL_DEPTH_FASTEST);
  let col_k = 4u * select(col_block / (TILE_COLS / 4u), col_block % (TILE_DEPTH / 4u), COL_DEPTH_FASTEST);
  let col_at = col_k * COL_PITCH + col_four;
  let col_state = col_setup(place.col + 4u * col_four, place.batch);

  let x = t / 32u % (X_THREADS / X_LANES) * X_LANES + t % X_LANES;
  let y = t / 32u / (X_THREADS / X_LANES) * (32u / X_LANES) + t % 32u / X_LANES;

  var c0 = vec4<f32>();
  var c1 = vec4<f32>();
  var c2 = vec4<f32>();
  var c3 = vec4<f32>();

  let first = place.part * PART_DEPTH;
  let end = min(first + PART_DEPTH, DEPTH);
  var next: Block;
  var next_col: Block;
  // One round more than there are steps: a round loads its step, multiplies the one before it, then hands its own over.
  for (var k = first; k < end + TILE_DEPTH; k += TILE_DEPTH) {
    if (k < end) {
      if (t < ROW_BLOCKS) {
        next = row_load(row_state, k + row_k, place.batch);
      } else if (ONE_BLOCK && col_block < COL_BLOCKS) {
        next = col_load(col_state, k + col_k, place.batch);
      }
      if (!ONE_BLOCK && col_block < COL_BLOCKS) { next_col = col_load(col_state, k + col_k, place.batch); }
    }
    if (k > first) {
      for (var i = 0u; i < TILE_DEPTH; i++) {
        let a = row_tile[i * ROW_PITCH + y];
        let b = col_tile[i * COL_PITCH + x];
        c0 += a.x * b;
        c1 += a.y * b;
        c2 += a.z * b;
        c3 += a.w * b;
      }
    }
    workgroupBarrier();
    if (k < end) {
      if (t < ROW_BLOCKS) {
        put_row(next, row_at);
      } else if (ONE_BLOCK && col_block < COL_BLOCKS) {
        put_col(next, col_at);
      }
      if (!ONE_BLOCK && col_block < COL_BLOCKS) { put_col(next_col, col_at); }
    }
    workgroupBarrier();
  }

  let row = place.row + 4u * y;
  let col = place.col + 4u * x;
  let batch = place.batch + place.part * BATCHES;
  let sums = array<vec4<f32>, 4>(c0, c1, c2, c3);
  for (var i = 0u; i < 4u; i++) { store(batch, row + i, col, sums[i]); }
}
