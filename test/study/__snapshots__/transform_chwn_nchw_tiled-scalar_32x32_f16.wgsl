enable f16;
const TILE = 32u;
const ROWS = 8u;
const PITCH = 33u;
const GRID_X = 36300u;
const TILES = 36300u;
const TILES_N = 4u;
const IMAGES = 128u;
const PLACES = 290400u;
alias Scalar = f16;
@group(0) @binding(0) var<storage, read> x: array<Scalar>;
@group(0) @binding(1) var<storage, read_write> y: array<Scalar>;
var<workgroup> tile: array<Scalar, 1056>;

@compute @workgroup_size(TILE, ROWS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let group = wid.x + wid.y * GRID_X;
  if (group >= TILES) { return; }
  let n0 = group % TILES_N * TILE;
  let p0 = group / TILES_N * TILE;
  for (var i = local.y; i < TILE; i += ROWS) {
    let n = n0 + local.x;
    let p = p0 + i;
    if (n < IMAGES && p < PLACES) { tile[i * PITCH + local.x] = x[p * IMAGES + n]; }
  }
  workgroupBarrier();
  for (var i = local.y; i < TILE; i += ROWS) {
    let n = n0 + i;
    let p = p0 + local.x;
    if (n < IMAGES && p < PLACES) { y[n * PLACES + p] = tile[local.x * PITCH + i]; }
  }
}
