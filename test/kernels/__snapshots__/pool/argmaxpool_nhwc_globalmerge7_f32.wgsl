const WORKGROUP = 256u;
const CHANNELS = 2u;
const ELEMENTS = 0u;
alias Value = f32;
alias Out = f32;
alias Lanes = u32;
alias Places = i32;
alias Mask = bool;
@group(0) @binding(0) var<storage, read> parts: array<Item>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
@group(0) @binding(2) var<storage, read_write> indices: array<Places>;
const GRID_X = 1u;
const OUTPUTS = 2u;
const SPLITS = 7u;
const LANES = 2u;
const LANE_N = 0u;
const LANE_C = 1u;
const OUTER_C = 1u;
const STEP_C = 1u;
const VECTOR_N = 0u;
const VECTOR_C = 1u;
const COUNTED = i32(8181);
fn x_plane(n: u32, c: u32) -> u32 { return (c) + (0u) * 202u + (0u) * 2u; }
fn y_plane(n: u32, c: u32) -> u32 { return (c); }
fn indices_plane(n: u32, c: u32) -> u32 { return (c); }

fn lowest() -> Value {
  var bits = 0xff800000u;
  return Value(bitcast<f32>(bits));
}

const NOWHERE = 0xffffffffu;

struct Item {
  value: Value,
  at: Lanes,
}

fn none() -> Item { return Item(lowest(), Lanes(NOWHERE)); }

fn item(value: Value, at: u32) -> Item { return Item(value, Lanes(at)); }

fn merge(a: Item, b: Item) -> Item {
  let take = (b.value > a.value) | ((b.value == a.value) & (b.at < a.at));
  return Item(select(a.value, b.value, take), select(a.at, b.at, take));
}
const PLANE = 8181u;
fn numbered(offset: Lanes) -> Lanes {
  var rest = offset;
  var result = Lanes(0);
  result = result + rest % 101u * 81u;
  rest = rest / 101u;
  result = result + rest % 81u * 1u;
  rest = rest / 81u;
  return result;
}

fn put(at: u32, index_at: u32, result: Item, count: i32, plane: Lanes, keep: Mask) {
  y[at] = Out(select(Value(0), result.value, keep));
  let found = plane * PLANE + numbered(result.at);
  let index = select(found, Lanes(NOWHERE), result.at == Lanes(NOWHERE));
  indices[index_at] = Places(select(Lanes(0), index, keep));
}

fn emit_result(i: u32, result: Item) {
  let n = i % LANES * LANE_N + i / LANES / OUTER_C;
  let c = i % LANES * LANE_C + i / LANES % OUTER_C * STEP_C;
  let channel = Lanes(c) + ELEMENTS * VECTOR_C;
  let number = (Lanes(n) + ELEMENTS * VECTOR_N) * CHANNELS + channel;
  let keep = channel < Lanes(CHANNELS);
  put(y_plane(n, c), indices_plane(n, c), result, COUNTED, number, keep);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + local;
  if (i >= OUTPUTS) { return; }
  var total = parts[i];
  for (var split = 1u; split < SPLITS; split++) { total = merge(total, parts[split * OUTPUTS + i]); }
  emit_result(i, total);
}
