const WORKGROUP = 256u;
const TEAM = 32u;
const LANES = 8u;
const STEPS = 16u;
const ROW = 1000u;
const KEPT = 20u;
const GROUPS = 3u;
const CHUNKS = 2u;
const CHUNK = 512u;
const GRID_X = 6u;
const HEADS = 8u;
const GATHER = 4u;
const MEMBER_STRIDE = 8u;
alias V = f32;
alias Acc = f32;
alias Mask = bool;
fn slot_of(lane: u32) -> u32 { return lane % 8u; }
fn member_of(lane: u32) -> u32 { return lane / 8u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane); }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> maxima: array<Acc>;
@group(0) @binding(2) var<storage, read> finals: array<Acc>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
alias Out = f32;
const LOG = false;
fn x_kept(k: u32) -> u32 { return (k); }
fn x_row(r: u32) -> u32 { return (r) * 20u; }
fn y_kept(k: u32) -> u32 { return (k); }
fn y_row(r: u32) -> u32 { return (r) * 20u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let group = wid.x + wid.y * GRID_X;
  if (group >= GROUPS * CHUNKS) { return; }
  let chunk = CHUNKS - 1u - group / GROUPS;
  let k = group % GROUPS * LANES + slot_of(lane);
  if (k >= KEPT) { return; }
  let origin = x_kept(k);
  let to = y_kept(k);
  let first = chunk * CHUNK + member;
  var v: array<V, STEPS>;
  for (var i = 0u; i < STEPS; i++) {
    v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
  }
  let top = V(maxima[k]);
  let last = V(finals[k]);
  for (var i = 0u; i < STEPS; i++) {
    let r = first + i * TEAM;
    if (r < ROW) {
      let below = v[i] - top;
      let value = select(exp(below) * last, below - last, LOG);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
