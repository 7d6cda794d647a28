const WORKGROUP = 32u;
const TEAM = 32u;
const LANES = 1u;
const STEPS = 1u;
const ROW = 40u;
const KEPT = 3u;
const GROUPS = 3u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 3u;
const HEADS = 8u;
const GATHER = 4u;
const MEMBER_STRIDE = 1u;
alias V = f32;
alias Acc = Best;
alias Mask = bool;
fn slot_of(lane: u32) -> u32 { return lane / 32u; }
fn member_of(lane: u32) -> u32 { return lane % 32u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane) * 32u; }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> indices: array<i32>;
const ITEMS = 64u;
const COUNT = 5u;
const LAST = false;
fn x_kept(k: u32) -> u32 { return (k) * 40u; }
fn x_row(r: u32) -> u32 { return (r); }
fn values_of(k: u32, i: u32) -> u32 { return (k) * 5u + i * 1u; }
fn indices_of(k: u32, i: u32) -> u32 { return (k) * 5u + i * 1u; }

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

var<workgroup> items: array<Best, ITEMS>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let origin = x_kept(min(k, KEPT - 1u));
  for (var i = lane; i < ITEMS; i += WORKGROUP) {
    // What fills up the power of two comes after every element.
    var item = Best(0u, 0xffffffffu);
    if (row_mask(i)) { item = Best(key_of(V(x[origin + x_row(i)])), i); }
    items[i] = item;
  }
  for (var size = 2u; size <= ITEMS; size *= 2u) {
    for (var gap = size / 2u; gap > 0u; gap /= 2u) {
      workgroupBarrier();
      for (var i = lane; i < ITEMS / 2u; i += WORKGROUP) {
        let low = 2u * i - (i & (gap - 1u));
        let a = items[low];
        let b = items[low + gap];
        let first = pair_best(a, b);
        let swap = first.rank != a.rank || first.key != a.key;
        if (swap == ((low & size) == 0u)) {
          items[low] = b;
          items[low + gap] = a;
        }
      }
    }
  }
  workgroupBarrier();
  if (k >= KEPT) { return; }
  for (var i = lane; i < COUNT; i += WORKGROUP) {
    let r = items[i].rank;
    values[values_of(k, i)] = x[origin + x_row(r)];
    indices[indices_of(k, i)] = i32(r);
  }
}
