const WORKGROUP = 256u;
const CHANNELS = 1u;
const ELEMENTS = vec4<u32>(0u, 1u, 2u, 3u);
alias Value = vec4<f32>;
alias Out = vec4<f32>;
alias Lanes = vec4<u32>;
alias Places = vec4<i32>;
alias Mask = vec4<bool>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
const GRID_X = 1u;
const UNROLL = 4u;
const TEAM = 1u;
const TEAMS = 256u;
const MEMBER_STEP = 1u;
const TEAM_STEP = 1u;
const POSITIONS = 1u;
const CHUNK = 1u;
const X_POSITION = 1u;
const OUTPUTS = 1u;
const SPLITS = 1u;
const LANES = 1u;
const LANE_N = 0u;
const LANE_C = 0u;
const OUTER_C = 1u;
const STEP_C = 4u;
const VECTOR_N = 0u;
const VECTOR_C = 1u;
const COUNTED = i32(1);
fn x_plane(n: u32, c: u32) -> u32 { return 0u; }
fn y_plane(n: u32, c: u32) -> u32 { return 0u; }
fn indices_plane(n: u32, c: u32) -> u32 { return 0u; }

fn lowest() -> Value {
  var bits = 0xff800000u;
  return Value(bitcast<f32>(bits));
}

alias Item = Value;

fn none() -> Item { return lowest(); }

fn item(value: Value, at: u32) -> Item { return value; }

fn merge(a: Item, b: Item) -> Item { return max(a, b); }

fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), result, keep));
}

fn emit_result(i: u32, result: Item) {
  let n = i % LANES * LANE_N + i / LANES / OUTER_C;
  let c = i % LANES * LANE_C + i / LANES % OUTER_C * STEP_C;
  let channel = Lanes(c) + ELEMENTS * VECTOR_C;
  let number = (Lanes(n) + ELEMENTS * VECTOR_N) * CHANNELS + channel;
  let keep = channel < Lanes(CHANNELS);
  put(y_plane(n, c), indices_plane(n, c), result, COUNTED, number, keep);
}

fn emit(i: u32, split: u32, result: Item) { emit_result(i, result); }

var<workgroup> items: array<Item, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let group = wid.x + wid.y * GRID_X;
  let split = group % SPLITS;
  let member = local / MEMBER_STEP % TEAM;
  let i = group / SPLITS * TEAMS + local / TEAM_STEP % TEAMS;
  var total = none();
  if (i < OUTPUTS) {
    let n = i % LANES * LANE_N + i / LANES / OUTER_C;
    let c = i % LANES * LANE_C + i / LANES % OUTER_C * STEP_C;
    let plane = x_plane(n, c);
    let end = min((split + 1u) * CHUNK, POSITIONS);
    for (var first = split * CHUNK + member; first < end; first += TEAM * UNROLL) {
      var loaded: array<Item, UNROLL>;
      for (var k = 0u; k < UNROLL; k++) {
        let at = first + k * TEAM;
        loaded[k] = none();
        if (at < end) { loaded[k] = item(Value(x[plane + at * X_POSITION]), at); }
      }
      for (var k = 0u; k < UNROLL; k++) { total = merge(total, loaded[k]); }
    }
  }
  items[local] = total;
  workgroupBarrier();
  for (var half = TEAM / 2u; half > 0u; half = half / 2u) {
    if (member < half) { items[local] = merge(items[local], items[local + half * MEMBER_STEP]); }
    workgroupBarrier();
  }
  if (member == 0u && i < OUTPUTS) { emit(i, split, items[local]); }
}
