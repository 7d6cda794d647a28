const GRID_X = 32u;
const ROWS = 64u;
const COLS = 64u;
const VECTORS = 1024u;
const PARTS = 2u;
const THREADS = 256u;
const VECTORS_EACH = 32u;
const PART_LANES = 8u;
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> partial: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<Out>;
fn c_batch(batch: u32) -> u32 { return 0u; }
fn addend(batch: u32, row: u32, col: u32) -> f32 { return f32(c[c_batch(batch) + col * 1u]); }
fn y_batch(batch: u32) -> u32 { return 0u; }
const activation_alpha = f32(0.10000000149011612);
fn activation(x: f32) -> f32 { return select(x, activation_alpha * x, x < 0.0); }
const ALPHA = f32(1.0);
const Y_ROW = 64u;
const Y_COL = 1u;

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

var<workgroup> sums: array<vec4<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let i = (wid.x + wid.y * GRID_X) * VECTORS_EACH + t % VECTORS_EACH;
  var sum = vec4<f32>();
  if (i < VECTORS) {
    for (var part = t / VECTORS_EACH; part < PARTS; part += PART_LANES) { sum += partial[part * VECTORS + i]; }
  }
  sums[t] = sum;
  workgroupBarrier();
  if (t >= VECTORS_EACH || i >= VECTORS) { return; }
  for (var lane = 1u; lane < PART_LANES; lane++) { sum += sums[lane * VECTORS_EACH + t]; }
  store(0u, i / ((COLS + 3u) / 4u), i % ((COLS + 3u) / 4u) * 4u, sum);
}
