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
@group(0) @binding(1) var<storage, read_write> peaks: array<Acc>;
@group(0) @binding(2) var<storage, read_write> sums: array<Acc>;
const LOWEST = f32(-3.4028234663852886e+38);
fn x_kept(k: u32) -> u32 { return (k); }
fn x_row(r: u32) -> u32 { return (r) * 20u; }
fn pair_max(a: Acc, b: Acc) -> Acc { return max(a, b); }
fn fold_max(v: V) -> Acc { return v; }
fn pair_sum(a: Acc, b: Acc) -> Acc { return a + b; }
fn fold_sum(v: V) -> Acc { return v; }

var<workgroup> scratch: array<Acc, WORKGROUP>;

fn team_max(value: Acc, lane: u32) -> Acc {
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
        column = pair_max(column, scratch[base + (member + j * HEADS) * MEMBER_STRIDE]);
      }
      scratch[lane] = column;
    }
    workgroupBarrier();
  }
  var total = scratch[base];
  for (var j = 1u; j < HEADS; j++) { total = pair_max(total, scratch[base + j * MEMBER_STRIDE]); }
  return total;
}

fn team_sum(value: Acc, lane: u32) -> Acc {
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
        column = pair_sum(column, scratch[base + (member + j * HEADS) * MEMBER_STRIDE]);
      }
      scratch[lane] = column;
    }
    workgroupBarrier();
  }
  var total = scratch[base];
  for (var j = 1u; j < HEADS; j++) { total = pair_sum(total, scratch[base + j * MEMBER_STRIDE]); }
  return total;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let group = wid.x + wid.y * GRID_X;
  let chunk = group / GROUPS;
  let k = group % GROUPS * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  let first = chunk * CHUNK + member;
  var v: array<V, STEPS>;
  for (var i = 0u; i < STEPS; i++) {
    v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
  }
  var peak = V(LOWEST);
  for (var i = 0u; i < STEPS; i++) {
    peak = max(peak, select(V(LOWEST), v[i], row_mask(first + i * TEAM)));
  }
  let top = team_max(fold_max(peak), lane);
  var sum = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    sum += select(V(0.0), exp(v[i] - V(top)), row_mask(first + i * TEAM));
  }
  let total = team_sum(fold_sum(sum), lane);
  if (k < KEPT && chunk < CHUNKS && member == 0u) {
    peaks[chunk * KEPT + k] = top;
    sums[chunk * KEPT + k] = total;
  }
}
