enable f16;
const WORKGROUP = 32u;
const TEAM = 8u;
const LANES = 4u;
const STEPS = 8u;
const ROW = 37u;
const KEPT = 3u;
const GROUPS = 1u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 1u;
const HEADS = 8u;
const GATHER = 1u;
const MEMBER_STRIDE = 1u;
alias V = f32;
alias Acc = f32;
alias Mask = bool;
fn slot_of(lane: u32) -> u32 { return lane / 8u; }
fn member_of(lane: u32) -> u32 { return lane % 8u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane) * 8u; }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
alias Out = f16;
fn x_kept(k: u32) -> u32 { return (k) * 37u; }
fn x_row(r: u32) -> u32 { return (r); }
const STORE_PADDING = false;
fn y_kept(k: u32) -> u32 { return (k); }
fn y_row(r: u32) -> u32 { return 0u; }
fn stored(k: u32) -> bool { return STORE_PADDING | all(kept_mask(k)); }
fn zero_padding(k: u32, value: Acc) -> Acc { return select(Acc(), value, all(kept_mask(k))); }
const LENGTH = 37u;

fn float_of(bits: u32) -> f32 { return bitcast<f32>(bits); }
fn identity() -> f32 { return f32(0); }
fn mapped(v: V) -> V { return v; }
fn combined(a: V, b: V) -> V { return a + b; }
fn pair_fold(a: Acc, b: Acc) -> Acc { return a + b; }
fn fold_fold(v: V) -> Acc { return v; }
fn finished(total: Acc) -> Acc { return total; }

var<workgroup> scratch: array<Acc, WORKGROUP>;

fn team_fold(value: Acc, lane: u32) -> Acc {
  if (TEAM == 1u) { return value; }
  let base = team_base(lane);
  let member = member_of(lane);
  workgroupBarrier();
  scratch[lane] = value;
  workgroupBarrier();
  if (GATHER > 1u) {
    if (member < HEADS) {
      var column = value;
      for (var j = 1u; j < GATHER; j++) {
        column = pair_fold(column, scratch[base + (member + j * HEADS) * MEMBER_STRIDE]);
      }
      scratch[lane] = column;
    }
    workgroupBarrier();
  }
  var total = scratch[base];
  for (var j = 1u; j < HEADS; j++) { total = pair_fold(total, scratch[base + j * MEMBER_STRIDE]); }
  return total;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var total = V(identity());
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    for (var i = 0u; i < STEPS; i++) {
      total = combined(total, select(V(identity()), mapped(v[i]), row_mask(first + i * TEAM)));
    }
  }
  let result = team_fold(fold_fold(total), lane);
  if (member == 0u && k < KEPT && stored(k)) { y[y_kept(k)] = Out(zero_padding(k, finished(result))); }
}
