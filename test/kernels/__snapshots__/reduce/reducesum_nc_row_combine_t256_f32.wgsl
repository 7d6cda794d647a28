const WORKGROUP = 256u;
const TEAM = 256u;
const LANES = 1u;
const STEPS = 8u;
const ROW = 10000u;
const KEPT = 1u;
const GROUPS = 1u;
const CHUNKS = 5u;
const CHUNK = 2048u;
const GRID_X = 1u;
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
const COMBINERS = 256u;
alias Out = f32;
@group(0) @binding(0) var<storage, read> partials: array<Acc>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
const STORE_PADDING = false;
fn y_kept(k: u32) -> u32 { return 0u; }
fn y_row(r: u32) -> u32 { return 0u; }
fn stored(k: u32) -> bool { return STORE_PADDING | all(kept_mask(k)); }
fn zero_padding(k: u32, value: Acc) -> Acc { return select(Acc(), value, all(kept_mask(k))); }
const LENGTH = 40000u;

fn float_of(bits: u32) -> f32 { return bitcast<f32>(bits); }
fn identity() -> f32 { return f32(0); }
fn mapped(v: V) -> V { return v; }
fn combined(a: V, b: V) -> V { return a + b; }
fn pair_fold(a: Acc, b: Acc) -> Acc { return a + b; }
fn fold_fold(v: V) -> Acc { return pair_fold(pair_fold(v.x, v.y), pair_fold(v.z, v.w)); }
fn finished(total: Acc) -> Acc { return total; }

var<workgroup> scratch: array<Acc, COMBINERS>;

@compute @workgroup_size(COMBINERS)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let row = min(k, KEPT - 1u);
  var total = Acc(identity());
  for (var chunk = lane; chunk < CHUNKS; chunk += COMBINERS) {
    total = pair_fold(total, partials[chunk * KEPT + row]);
  }
  scratch[lane] = total;
  for (var half = COMBINERS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      total = pair_fold(total, scratch[lane + half]);
      scratch[lane] = total;
    }
  }
  if (lane == 0u && k < KEPT && stored(k)) { y[y_kept(k)] = Out(zero_padding(k, finished(total))); }
}
