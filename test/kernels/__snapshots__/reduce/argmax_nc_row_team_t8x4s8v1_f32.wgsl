const WORKGROUP = 32u;
const TEAM = 8u;
const LANES = 4u;
const STEPS = 8u;
const ROW = 50u;
const KEPT = 3u;
const GROUPS = 1u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 1u;
const HEADS = 8u;
const GATHER = 1u;
const MEMBER_STRIDE = 1u;
alias V = f32;
alias Acc = Best;
alias Mask = bool;
fn slot_of(lane: u32) -> u32 { return lane / 8u; }
fn member_of(lane: u32) -> u32 { return lane % 8u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane) * 8u; }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
const LAST = false;
const WORST_RANK = 4294967295u;
fn x_kept(k: u32) -> u32 { return (k) * 50u; }
fn x_row(r: u32) -> u32 { return (r); }
const STORE_PADDING = false;
fn y_kept(k: u32) -> u32 { return (k); }
fn y_row(r: u32) -> u32 { return 0u; }
fn stored(k: u32) -> bool { return STORE_PADDING | all(kept_mask(k)); }

fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }
fn ascending_key(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  if ((bits & 0x7fffffffu) == 0u) { return 0x80000000u; }
  if (is_nan(value)) { return 0xffffffffu; }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
fn key_of(value: f32) -> u32 { return ascending_key(value); }

struct Best {
  key: u32,
  rank: u32,
}
fn pair_best(a: Best, b: Best) -> Best {
  let nearer = select((b.rank < a.rank), (b.rank > a.rank), LAST);
  if (b.key > a.key || (b.key == a.key && nearer)) { return b; }
  return a;
}

var<workgroup> scratch: array<Acc, WORKGROUP>;

fn team_best(value: Acc, lane: u32) -> Acc {
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
        column = pair_best(column, scratch[base + (member + j * HEADS) * MEMBER_STRIDE]);
      }
      scratch[lane] = column;
    }
    workgroupBarrier();
  }
  var total = scratch[base];
  for (var j = 1u; j < HEADS; j++) { total = pair_best(total, scratch[base + j * MEMBER_STRIDE]); }
  return total;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let member = member_of(lane);
  let k = (wid.x + wid.y * GRID_X) * LANES + slot_of(lane);
  let origin = x_kept(min(k, KEPT - 1u));
  var best = Best(0u, WORST_RANK);
  for (var first = member; first < ROW; first += TEAM * STEPS) {
    var v: array<V, STEPS>;
    for (var i = 0u; i < STEPS; i++) {
      v[i] = V(x[origin + x_row(min(first + i * TEAM, ROW - 1u))]);
    }
    for (var i = 0u; i < STEPS; i++) {
      let r = first + i * TEAM;
      if (row_mask(r)) { best = pair_best(best, Best(key_of(v[i]), r)); }
    }
  }
  let result = team_best(best, lane);
  if (member == 0u && k < KEPT && stored(k)) {
    y[y_kept(k)] = select(0i, i32(result.rank), kept_mask(k));
  }
}
