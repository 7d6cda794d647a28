const ROWS = 512u;
const COLS = 68u;
const DEPTH = 72u;
const BATCHES = 1u;
const TILE_ROWS = 128u;
const TILE_COLS = 64u;
const TILE_DEPTH = 16u;
const THREADS = 128u;
const GRID_X = 8u;
const GROUPS = 8u;
const ROW_TILES = 4u;
const COL_TILES = 2u;
const ROWS_FIRST = false;
const PART_DEPTH = 80u;
const ROW_BLOCKS = 128u;
const COL_BLOCKS = 64u;
const ONE_BLOCK = false;
const FIRST_COL_BLOCK = 0u;
const ROW_DEPTH_FASTEST = true;
const COL_DEPTH_FASTEST = false;
const ROW_PITCH = 33u;
const COL_PITCH = 16u;
const X_THREADS = 8u;
const Y_THREADS = 16u;
const X_LANES = 8u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 16u;
const OUT_H = 16u;
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 1u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 16u;
const OUT_W = 16u;
const KERNEL_W = 3u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 1u;
const TAPS_W = 3u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 8u;
const GROUP_OUT = 68u;
const OUT_CHANNELS = 68u;
const TAPS = 9u;
const POSITIONS = 512u;
const CHECKED = true;
const W_TAP_ROWS = 8u;
const W_GROUP_ROWS = 0u;
const W_GROUP_COLS = 68u;
const W_COLS = 68u;
const DEPTH_CHANNELS = 8u;
const POSITION_STEP = 1u;
alias Stored = f32;
alias Packed = vec4<f32>;
alias Out = vec4<f32>;
alias Item = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 512u + (c) / 4u + (h) * 32u + (w) * 2u; }
fn x_step(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 512u + (c) / 4u + (h) * 32u + (w) * 2u; }
const POOL_H = 2u;
const POOL_W = 2u;
const POOL_PIXELS = 4u;
fn pool_at(i: u32) -> vec4<u32> {
  var rest = i;
  let w = rest % 8u;
  rest = rest / 8u;
  let h = rest % 8u;
  rest = rest / 8u;
  let d = rest % 1u;
  rest = rest / 1u;
  let n = rest;
  return vec4<u32>(n, d, h, w);
}

fn position_of(i: u32) -> vec4<u32> {
  let pool = pool_at(i / POOL_PIXELS);
  let pixel = i % POOL_PIXELS;
  return vec4<u32>(pool.xy, pool.z * POOL_H + pixel / POOL_W, pool.w * POOL_W + pixel % POOL_W);
}
const COL_FOURS = 2u;
const POOLS = 128u;
const PLANE_H = 16u;
const PLANE_W = 16u;
const RAGGED = false;
fn y_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 4352u + (c) + (h) * 544u + (w) * 68u; }
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

fn row_fetch(at: u32, inside: bool) -> Packed {
  if (!inside) { return Packed(); }
  return Packed(x[at]);
}

fn row_load(state: RowState, k: u32, batch: u32) -> Block {
  let tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) { return Block(); }
  let at = state.at + x_step(0u, k % DEPTH_CHANNELS, tap.offset.x, tap.offset.y, tap.offset.z);
  let inside = row_inside(state, tap);
  return transposed(
    row_fetch(at.x, inside.x),
    row_fetch(at.y, inside.y),
    row_fetch(at.z, inside.z),
    row_fetch(at.w, inside.w),
  );
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

fn merged(a: Item, b: Item) -> Item { return max(a, b); }

fn settled(v: Item, pool: vec4<u32>) -> Item { return v; }

fn in_plane(pool: vec4<u32>, pixel: u32) -> bool {
  if (!RAGGED) { return true; }
  return pool.z * POOL_H + pixel / POOL_W < PLANE_H && pool.w * POOL_W + pixel % POOL_W < PLANE_W;
}

fn merge(before: Item, v: Item, pixel: u32, keep: bool) -> Item {
  if (pixel == 0u) { return v; }
  return select(before, merged(before, v), keep);
}

fn finished(v: vec4<f32>, c: u32) -> vec4<f32> {
  return vec4<f32>(
    activation(v.x + bias_at(c)),
    activation(v.y + bias_at(c + 1u)),
    activation(v.z + bias_at(c + 2u)),
    activation(v.w + bias_at(c + 3u)),
  );
}

fn put(pool: vec4<u32>, c: u32, v: vec4<f32>) {
  if (c >= OUT_CHANNELS) { return; }
  let real = c + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(OUT_CHANNELS);
  y[y_index(pool.x, c, pool.y, pool.z, pool.w) / 4u] = Out(select(vec4<f32>(), v, real));
}

// The product stores the four rows of a block, a window's pixels, one after another, and of each row all its COL_FOURS
// vectors: so many windows are under way, the one of the next vector first.
var<private> under_way: array<vec4<f32>, COL_FOURS>;

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  let pool = pool_at(row / POOL_PIXELS);
  let pixel = row % POOL_PIXELS;
  let result = merge(under_way[0], finished(v, col), pixel, in_plane(pool, pixel));
  under_way[0] = under_way[COL_FOURS - 1u];
  under_way[COL_FOURS - 1u] = result;
  if (pixel == POOL_PIXELS - 1u && row < ROWS) { put(pool, col, settled(result, pool)); }
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

  var c00 = vec4<f32>(); var c01 = vec4<f32>();
  var c10 = vec4<f32>(); var c11 = vec4<f32>();
  var c20 = vec4<f32>(); var c21 = vec4<f32>();
  var c30 = vec4<f32>(); var c31 = vec4<f32>();
  var c40 = vec4<f32>(); var c41 = vec4<f32>();
  var c50 = vec4<f32>(); var c51 = vec4<f32>();
  var c60 = vec4<f32>(); var c61 = vec4<f32>();
  var c70 = vec4<f32>(); var c71 = vec4<f32>();

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
        let e = row_tile[i * ROW_PITCH + y + Y_THREADS];
        let d = col_tile[i * COL_PITCH + x + X_THREADS];
        c00 += a.x * b; c01 += a.x * d;
        c10 += a.y * b; c11 += a.y * d;
        c20 += a.z * b; c21 += a.z * d;
        c30 += a.w * b; c31 += a.w * d;
        c40 += e.x * b; c41 += e.x * d;
        c50 += e.y * b; c51 += e.y * d;
        c60 += e.z * b; c61 += e.z * d;
        c70 += e.w * b; c71 += e.w * d;
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
  let sums = array<vec4<f32>, 16>(
    c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51, c60, c61, c70, c71,
  );
  for (var i = 0u; i < 16u; i++) {
    store(batch, row + i / 8u * (TILE_ROWS / 2u) + i / 2u % 4u, col + i % 2u * (TILE_COLS / 2u), sums[i]);
  }
}
