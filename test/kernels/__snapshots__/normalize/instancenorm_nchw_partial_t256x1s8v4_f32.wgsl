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
@group(0) @binding(1) var<storage, read_write> partials: array<Acc>;
fn x_kept(k: u32) -> u32 { return (k) * 4225u; }
fn x_row(r: u32) -> u32 { return (r); }
const RECIPROCAL = f32(0.00005917159796808846);
const EPSILON = f32(0.000009999999747378752);
const CENTRED = true;
const EPSILON_OUTSIDE = false;
const NORM = false;
const ABSOLUTE = false;

fn magnitude(v: V) -> V { return select(v * v, abs(v), ABSOLUTE); }
fn factor_of(total: Acc) -> Acc {
  if (NORM) {
    let norm = select(sqrt(total), total, ABSOLUTE);
    return select(Acc(1.0) / norm, Acc(1.0), norm == Acc(0.0));
  }
  let p = total * RECIPROCAL;
  return select(Acc(1.0) / sqrt(p + EPSILON), Acc(1.0) / (sqrt(p) + EPSILON), EPSILON_OUTSIDE);
}
fn pair_sum(a: Acc, b: Acc) -> Acc { return a + b; }
fn fold_sum(v: V) -> Acc { return pair_sum(pair_sum(v.x, v.y), pair_sum(v.z, v.w)); }

var<workgroup> scratch: array<Acc, WORKGROUP>;

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

/** Elements of each row in a chunk. */
fn count_of(first: u32) -> V {
  var count = V(0.0);
  for (var i = 0u; i < STEPS; i++) { count += select(V(0.0), V(1.0), row_mask(first + i * TEAM)); }
  return count;
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
  var count = Acc(0.0);
  var mean = Acc(0.0);
  var drift = Acc(0.0);
  if (CENTRED) {
    var total = V(0.0);
    for (var i = 0u; i < STEPS; i++) { total += select(V(0.0), v[i], row_mask(first + i * TEAM)); }
    // At least 1: a chunk of nothing but padding has no mean.
    count = team_sum(fold_sum(count_of(first)), lane);
    mean = team_sum(fold_sum(total), lane) / max(count, Acc(1.0));
    total = V(0.0);
    for (var i = 0u; i < STEPS; i++) { total += select(V(0.0), v[i] - V(mean), row_mask(first + i * TEAM)); }
    drift = team_sum(fold_sum(total), lane) / max(count, Acc(1.0));
  }
  var power = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    power += select(V(0.0), magnitude(v[i] - V(mean) - V(drift)), row_mask(first + i * TEAM));
  }
  let power_total = team_sum(fold_sum(power), lane);
  if (k < KEPT && chunk < CHUNKS && member == 0u) {
    let at = chunk * KEPT + k;
    partials[at] = count;
    partials[at + CHUNKS * KEPT] = mean;
    partials[at + 2u * CHUNKS * KEPT] = drift;
    partials[at + 3u * CHUNKS * KEPT] = power_total;
  }
}
