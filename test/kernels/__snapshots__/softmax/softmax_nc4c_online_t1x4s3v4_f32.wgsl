const WORKGROUP = 4u;
const TEAM = 1u;
const LANES = 4u;
const STEPS = 3u;
const ROW = 3u;
const KEPT = 3u;
const GROUPS = 1u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 1u;
const HEADS = 1u;
const GATHER = 1u;
const MEMBER_STRIDE = 1u;
alias V = vec4<f32>;
alias Acc = f32;
alias Mask = vec4<bool>;
fn slot_of(lane: u32) -> u32 { return lane / 1u; }
fn member_of(lane: u32) -> u32 { return lane % 1u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane) * 1u; }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW) & Mask((r * 4u + 0u) < 10u, (r * 4u + 1u) < 10u, (r * 4u + 2u) < 10u, (r * 4u + 3u) < 10u); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
alias Out = vec4<f32>;
const LOG = false;
const LOWEST = f32(-3.4028234663852886e+38);
fn x_kept(k: u32) -> u32 { return (k) * 3u; }
fn x_row(r: u32) -> u32 { return (r); }
fn y_kept(k: u32) -> u32 { return (k) * 3u; }
fn y_row(r: u32) -> u32 { return (r); }
fn pair_max(a: Acc, b: Acc) -> Acc { return max(a, b); }
fn fold_max(v: V) -> Acc { return pair_max(pair_max(v.x, v.y), pair_max(v.z, v.w)); }
fn pair_sum(a: Acc, b: Acc) -> Acc { return a + b; }
fn fold_sum(v: V) -> Acc { return pair_sum(pair_sum(v.x, v.y), pair_sum(v.z, v.w)); }

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
  var peak = V(LOWEST);
  var sum = V(0.0);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    var higher = peak;
    for (var i = 0u; i < STEPS; i++) {
      higher = max(higher, select(V(LOWEST), v[i], row_mask(first + i * TEAM)));
    }
    sum *= exp(peak - higher);
    for (var i = 0u; i < STEPS; i++) {
      sum += select(V(0.0), exp(v[i] - higher), row_mask(first + i * TEAM));
    }
    peak = higher;
  }
  let top = V(team_max(fold_max(peak), lane));
  let total = team_sum(fold_sum(sum * exp(peak - top)), lane);
  if (k >= KEPT) { return; }
  let to = y_kept(k);
  let scale = V(1.0 / total);
  let shift = V(log(total));
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      if (r < ROW) {
        let below = v[i] - top;
        let value = select(exp(below) * scale, below - shift, LOG);
        y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
      }
    }
  }
}
