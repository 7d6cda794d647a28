const WORKGROUP = 64u;
const TEAM = 16u;
const LANES = 4u;
const STEPS = 1u;
const ROW = 10u;
const KEPT = 3u;
const GROUPS = 1u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 1u;
const HEADS = 4u;
const GATHER = 4u;
const MEMBER_STRIDE = 4u;
alias V = f32;
alias Acc = f32;
alias Mask = bool;
fn slot_of(lane: u32) -> u32 { return lane % 4u; }
fn member_of(lane: u32) -> u32 { return lane / 4u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane); }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
alias Out = f32;
const LOG = false;
const LOWEST = f32(-3.4028234663852886e+38);
fn x_kept(k: u32) -> u32 { return (k); }
fn x_row(r: u32) -> u32 { return (r) * 3u; }
fn y_kept(k: u32) -> u32 { return (k); }
fn y_row(r: u32) -> u32 { return (r) * 3u; }
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
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var v: array<V, STEPS>;
  // Loads past the row's end repeat its last unit and are masked afterwards: no branch keeps loads apart.
  for (var i = 0u; i < STEPS; i++) {
    v[i] = V(x[origin + x_row(min(member + i * TEAM, ROW - 1u))]);
  }
  var peak = V(LOWEST);
  for (var i = 0u; i < STEPS; i++) {
    peak = max(peak, select(V(LOWEST), v[i], row_mask(member + i * TEAM)));
  }
  let top = V(team_max(fold_max(peak), lane));
  var sum = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    let mask = row_mask(member + i * TEAM);
    if (LOG) {
      v[i] = v[i] - top;
      sum += select(V(0.0), exp(v[i]), mask);
    } else {
      v[i] = select(V(0.0), exp(v[i] - top), mask);
      sum += v[i];
    }
  }
  let total = team_sum(fold_sum(sum), lane);
  if (k >= KEPT) { return; }
  let to = y_kept(k);
  let scale = V(1.0 / total);
  let shift = V(log(total));
  for (var i = 0u; i < STEPS; i++) {
    let r = member + i * TEAM;
    if (r < ROW) {
      let value = select(v[i] * scale, v[i] - shift, LOG);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
