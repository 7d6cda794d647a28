const WORKGROUP = 32u;
const TEAM = 4u;
const LANES = 8u;
const STEPS = 8u;
const ROW = 20u;
const KEPT = 8u;
const GROUPS = 1u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 1u;
const HEADS = 4u;
const GATHER = 1u;
const MEMBER_STRIDE = 8u;
alias V = f32;
alias Acc = f32;
alias Mask = bool;
fn slot_of(lane: u32) -> u32 { return lane % 8u; }
fn member_of(lane: u32) -> u32 { return lane / 8u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane); }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true) & Mask((k) % 4u < 3u); }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Out>;
alias Out = f32;
fn x_kept(k: u32) -> u32 { return (k) % 4u + (k) / 4u * 80u; }
fn x_row(r: u32) -> u32 { return (r) * 4u; }
fn y_kept(k: u32) -> u32 { return (k) % 4u + (k) / 4u * 80u; }
fn y_row(r: u32) -> u32 { return (r) * 4u; }
fn scale_at(k: u32, r: u32) -> V { return V(f32(scale[min((k) % 4u + 0u, 2u)])); }
fn bias_at(k: u32, r: u32) -> V { return V(f32(bias[min((k) % 4u + 0u, 2u)])); }
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
fn fold_sum(v: V) -> Acc { return v; }

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
  var mean = Acc(0.0);
  if (CENTRED) {
    var total = V(0.0);
    for (var first = member; first < ROW; first += TEAM * STEPS) {
      for (var i = 0u; i < STEPS; i++) {
        let r = first + i * TEAM;
        total += select(V(0.0), V(x[origin + x_row(min(r, ROW - 1u))]), row_mask(r));
      }
    }
    mean = team_sum(fold_sum(total), lane) * RECIPROCAL;
  }
  var distances = V(0.0);
  var magnitudes = V(0.0);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      let distance = select(V(0.0), V(x[origin + x_row(min(r, ROW - 1u))]) - V(mean), row_mask(r));
      distances += distance;
      magnitudes += magnitude(distance);
    }
  }
  var power = team_sum(fold_sum(magnitudes), lane);
  var drift = Acc(0.0);
  if (CENTRED) {
    let off = team_sum(fold_sum(distances), lane);
    drift = off * RECIPROCAL;
    power = max(Acc(0.0), power - off * drift);
  }
  let factor = factor_of(power);
  if (k >= KEPT) { return; }
  if (member == 0u) { put_statistics(k, mean + drift, factor); }
  let to = y_kept(k);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      if (r < ROW) {
        let distance = (V(x[origin + x_row(r)]) - V(mean)) - V(drift);
        let value = distance * V(factor) * scale_at(k, r) + bias_at(k, r);
        y[to + y_row(r)] = Out(select(V(0.0), value, row_mask(r) & kept_mask(k)));
      }
    }
  }
}
