const WORKGROUP = 256u;
const TEAM = 256u;
const LANES = 1u;
const STEPS = 8u;
const ROW = 4225u;
const KEPT = 2u;
const GROUPS = 2u;
const CHUNKS = 3u;
const CHUNK = 2048u;
const GRID_X = 6u;
const HEADS = 16u;
const GATHER = 16u;
const MEMBER_STRIDE = 1u;
alias V = vec4<f32>;
alias Acc = f32;
alias Mask = vec4<bool>;
fn slot_of(lane: u32) -> u32 { return lane / 256u; }
fn member_of(lane: u32) -> u32 { return lane % 256u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane) * 256u; }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> rows: array<Acc>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<Out>;
alias Out = vec4<f32>;
fn x_kept(k: u32) -> u32 { return (k) * 4225u; }
fn x_row(r: u32) -> u32 { return (r); }
fn y_kept(k: u32) -> u32 { return (k) * 4225u; }
fn y_row(r: u32) -> u32 { return (r); }
fn scale_at(k: u32, r: u32) -> V { return V(f32(scale[(k) + 0u])); }
fn bias_at(k: u32, r: u32) -> V { return V(f32(bias[(k) + 0u])); }

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
  let base = V(rows[k]);
  let shift = V(rows[k + KEPT]);
  let factor = V(rows[k + 2u * KEPT]);
  for (var i = 0u; i < STEPS; i++) {
    let r = first + i * TEAM;
    if (r < ROW) {
      let value = ((v[i] - base) - shift) * factor * scale_at(k, r) + bias_at(k, r);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
