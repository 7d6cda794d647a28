const WORKGROUP = 32u;
const GRID_X = 1u;
const ROW = 10u;
const ROWS_EACH = 1u;
const SKEW = 1u;
const TILE = 352u;
const UNITS = 320u;
const LOADS = 10u;
const COUNT = 30u;
const LOG = false;
const LOWEST = f32(-3.4028234663852886e+38);
alias V = f32;
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;

fn put(u: u32, v: f32) { tile[place(u)] = v; }
fn take(u: u32) -> f32 { return tile[place(u)]; }

var<workgroup> tile: array<f32, TILE>;

fn place(e: u32) -> u32 { return e + e / ROW * SKEW; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first = (wid.x + wid.y * GRID_X) * UNITS;
  for (var i = 0u; i < LOADS; i++) {
    let u = lane + i * WORKGROUP;
    if (u < UNITS) {
      put(u, V(x[min(first + u, COUNT - 1u)]));
    }
  }
  workgroupBarrier();
  for (var n = 0u; n < ROWS_EACH; n++) {
    let base = (lane + n * WORKGROUP) * (ROW + SKEW);
    var v: array<f32, ROW>;
    var top = LOWEST;
    for (var r = 0u; r < ROW; r++) {
      v[r] = tile[base + r];
      top = max(top, v[r]);
    }
    var sum = 0.0;
    for (var r = 0u; r < ROW; r++) {
      let e = exp(v[r] - top);
      v[r] = select(e, v[r] - top, LOG);
      sum += e;
    }
    let last = select(1.0 / sum, log(sum), LOG);
    for (var r = 0u; r < ROW; r++) { tile[base + r] = select(v[r] * last, v[r] - last, LOG); }
  }
  workgroupBarrier();
  for (var i = 0u; i < LOADS; i++) {
    let u = lane + i * WORKGROUP;
    if (u < UNITS && first + u < COUNT) { y[first + u] = Out(take(u)); }
  }
}
