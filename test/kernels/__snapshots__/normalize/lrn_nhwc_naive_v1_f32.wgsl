const WORKGROUP = 256u;
const TEAM = 1u;
const LANES = 256u;
const STEPS = 1u;
const ROW = 7u;
const KEPT = 24u;
const GROUPS = 1u;
const CHUNKS = 1u;
const CHUNK = 0u;
const GRID_X = 1u;
const HEADS = 1u;
const GATHER = 1u;
const MEMBER_STRIDE = 1u;
alias V = f32;
alias Acc = f32;
alias Mask = bool;
fn slot_of(lane: u32) -> u32 { return lane / 1u; }
fn member_of(lane: u32) -> u32 { return lane % 1u; }
fn team_base(lane: u32) -> u32 { return slot_of(lane) * 1u; }
fn row_mask(r: u32) -> Mask { return Mask(r < ROW); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
const COUNT = 168u;
const REACH = 1u;
const WINDOW = 12u;
const CHANNELS = 7u;
const SIZE = 5u;
const BEFORE = 2u;
const SCALE = f32(0.10000000149011612);
const BETA = f32(0.75);
const BIAS = f32(1.5);
alias Out = f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
fn x_kept(k: u32) -> u32 { return (k) * 7u; }
fn x_row(r: u32) -> u32 { return (r); }
fn y_kept(k: u32) -> u32 { return (k) * 7u; }
fn y_row(r: u32) -> u32 { return (r); }
fn kept_of(i: u32) -> u32 { return (i) / 7u % 4u + (i) / 28u % 3u * 4u + (i) / 84u * 12u; }
fn row_of(i: u32) -> u32 { return (i) % 7u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let k = kept_of(i);
  let r = row_of(i);
  let to = y_kept(k) + y_row(r);
  if (!(row_mask(r) & kept_mask(k))) {
    y[to] = Out(0.0);
    return;
  }
  let origin = x_kept(k);
  var sum = 0.0;
  for (var c = max(r, BEFORE) - BEFORE; c < min(r + SIZE - BEFORE, CHANNELS); c++) {
    let v = f32(x[origin + x_row(c)]);
    sum += v * v;
  }
  y[to] = Out(f32(x[origin + x_row(r)]) * pow(BIAS + SCALE * sum, -BETA));
}
