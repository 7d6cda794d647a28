const WORKGROUP = 256u;
const TEAM = 1u;
const LANES = 256u;
const STEPS = 1u;
const ROW = 1u;
const KEPT = 30u;
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
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<Out>;
alias Out = vec4<f32>;
const EPSILON = f32(0.000009999999747378752);
fn x_kept(k: u32) -> u32 { return (k); }
fn x_row(r: u32) -> u32 { return 0u; }
fn y_kept(k: u32) -> u32 { return (k); }
fn y_row(r: u32) -> u32 { return 0u; }
fn scale_at(k: u32, r: u32) -> V { return V(f32(scale[(k * 4u + 0u) / 20u % 3u + 0u])); }
fn bias_at(k: u32, r: u32) -> V { return V(f32(bias[(k * 4u + 0u) / 20u % 3u + 0u])); }
fn mean_at(k: u32, r: u32) -> V { return V(f32(mean[(k * 4u + 0u) / 20u % 3u + 0u])); }
fn variance_at(k: u32, r: u32) -> V { return V(f32(variance[(k * 4u + 0u) / 20u % 3u + 0u])); }
fn f(x: f32) -> f32 { return select(x, 0.0, x < 0.0); }
fn activated(v: V) -> V { return vec4<f32>(f(v.x), f(v.y), f(v.z), f(v.w)); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = (wid.x + wid.y * GRID_X) * LANES + lane;
  if (k >= KEPT) { return; }
  let factor = scale_at(k, 0u) / sqrt(variance_at(k, 0u) + EPSILON);
  let value = activated((V(x[x_kept(k)]) - mean_at(k, 0u)) * factor + bias_at(k, 0u));
  y[y_kept(k)] = Out(select(V(0.0), value, kept_mask(k)));
}
