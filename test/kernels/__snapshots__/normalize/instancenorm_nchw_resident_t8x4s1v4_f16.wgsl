enable f16;
const WORKGROUP = 32u;
const TEAM = 8u;
const LANES = 4u;
const STEPS = 1u;
const ROW = 5u;
const KEPT = 6u;
const GROUPS = 2u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 2u;
const HEADS = 8u;
const GATHER = 1u;
const MEMBER_STRIDE = 1u;
alias V = vec4<f32>;
alias Acc = f32;
alias Mask = vec4<bool>;
fn slot_of(lane: u32) -> u32 { return lane / 8u; }
fn member_of(lane: u32) -> u32 { return lane % 8u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane) * 8u; }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read> scale: array<f16>;
@group(0) @binding(2) var<storage, read> bias: array<f16>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
alias Out = vec4<f16>;
fn x_kept(k: u32) -> u32 { return (k) * 5u; }
fn x_row(r: u32) -> u32 { return (r); }
fn y_kept(k: u32) -> u32 { return (k) * 5u; }
fn y_row(r: u32) -> u32 { return (r); }
fn scale_at(k: u32, r: u32) -> V { return V(f32(scale[(k) % 3u + 0u])); }
fn bias_at(k: u32, r: u32) -> V { return V(f32(bias[(k) % 3u + 0u])); }
fn put_statistics(k: u32, mean: Acc, factor: Acc) {}
const RECIPROCAL = f32(0.05000000074505806);
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
  var total = V(0.0);
  for (var i = 0u; i < STEPS; i++) {
    v[i] = select(V(0.0), v[i], row_mask(member + i * TEAM));
    total += v[i];
  }
  var mean = Acc(0.0);
  if (CENTRED) {
    mean = team_sum(fold_sum(total), lane) * RECIPROCAL;
    total = V(0.0);
    for (var i = 0u; i < STEPS; i++) {
      v[i] = select(V(0.0), v[i] - V(mean), row_mask(member + i * TEAM));
      total += v[i];
    }
    let drift = team_sum(fold_sum(total), lane) * RECIPROCAL;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = select(V(0.0), v[i] - V(drift), row_mask(member + i * TEAM));
    }
    mean += drift;
  }
  total = V(0.0);
  for (var i = 0u; i < STEPS; i++) { total += magnitude(v[i]); }
  let factor = factor_of(team_sum(fold_sum(total), lane));
  if (k >= KEPT) { return; }
  if (member == 0u) { put_statistics(k, mean, factor); }
  let to = y_kept(k);
  for (var i = 0u; i < STEPS; i++) {
    let r = member + i * TEAM;
    if (r < ROW) {
      let value = v[i] * V(factor) * scale_at(k, r) + bias_at(k, r);
      y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
    }
  }
}
