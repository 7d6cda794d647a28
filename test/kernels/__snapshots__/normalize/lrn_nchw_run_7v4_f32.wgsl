const WORKGROUP = 256u;
const TEAM = 1u;
const LANES = 256u;
const STEPS = 1u;
const ROW = 7u;
const KEPT = 6u;
const GROUPS = 1u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 1u;
const HEADS = 1u;
const GATHER = 1u;
const MEMBER_STRIDE = 256u;
alias V = vec4<f32>;
alias Acc = vec4<f32>;
alias Mask = vec4<bool>;
fn slot_of(lane: u32) -> u32 { return lane % 256u; }
fn member_of(lane: u32) -> u32 { return lane / 256u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane); }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
alias Out = vec4<f32>;
const RUN = 7u;
const WINDOWS = 11u;
const SIZE = 5u;
const BEFORE = 2u;
const SCALE = f32(0.10000000149011612);
const BETA = f32(0.75);
const BIAS = f32(1.5);
fn x_kept(k: u32) -> u32 { return (k) % 3u + (k) / 3u * 21u; }
fn x_row(r: u32) -> u32 { return (r) * 3u; }
fn y_kept(k: u32) -> u32 { return (k) % 3u + (k) / 3u * 21u; }
fn y_row(r: u32) -> u32 { return (r) * 3u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = wid.x + wid.y * GRID_X;
  let first = group % CHUNKS * RUN;
  let k = group / CHUNKS * LANES + lane;
  if (k >= KEPT) { return; }
  let origin = x_kept(k);
  var v: array<V, WINDOWS>;
  for (var i = 0u; i < WINDOWS; i++) {
    let c = first + i;
    let inside = c >= BEFORE && c < ROW + BEFORE;
    v[i] = select(V(0.0), V(x[origin + x_row(clamp(c, BEFORE, ROW - 1u + BEFORE) - BEFORE)]), inside);
  }
  let to = y_kept(k);
  for (var i = 0u; i < RUN; i++) {
    var sum = V(0.0);
    for (var j = 0u; j < SIZE; j++) { sum += v[i + j] * v[i + j]; }
    if (first + i < ROW) {
      let value = v[i + BEFORE] * pow(BIAS + SCALE * sum, V(-BETA));
      y[to + y_row(first + i)] = Out(select(V(0.0), value, kept_mask(k)));
    }
  }
}
