const WORKGROUP = 256u;
const TEAM = 1u;
const LANES = 256u;
const STEPS = 1u;
const ROW = 2u;
const KEPT = 24u;
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
fn row_mask(r: u32) -> Mask { return Mask(r < ROW) & Mask((r * 4u + 0u) < 7u, (r * 4u + 1u) < 7u, (r * 4u + 2u) < 7u, (r * 4u + 3u) < 7u); }
fn kept_mask(k: u32) -> Mask { return Mask(true); }
const COUNT = 48u;
const REACH = 1u;
const WINDOW = 12u;
const CHANNELS = 7u;
const SIZE = 5u;
const BEFORE = 2u;
const SCALE = f32(0.10000000149011612);
const BETA = f32(0.75);
const BIAS = f32(1.5);
alias Out = vec4<f32>;
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<Out>;
fn x_kept(k: u32) -> u32 { return (k) % 12u + (k) / 12u * 24u; }
fn x_row(r: u32) -> u32 { return (r) % 1u + (r) * 12u; }
fn y_kept(k: u32) -> u32 { return (k) % 12u + (k) / 12u * 24u; }
fn y_row(r: u32) -> u32 { return (r) % 1u + (r) * 12u; }
fn kept_of(i: u32) -> u32 { return (i) % 4u + (i) / 4u % 3u * 4u + (i) / 24u * 12u; }
fn row_of(i: u32) -> u32 { return (i) % 1u + (i) / 12u % 2u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let k = kept_of(i);
  let r = row_of(i);
  let origin = x_kept(k);
  var own = V(0.0);
  var squares: array<f32, WINDOW>;
  for (var b = 0u; b <= 2u * REACH; b++) {
    let near = r + b;
    let inside = near >= REACH && near < ROW + REACH;
    let at = clamp(near, REACH, ROW - 1u + REACH) - REACH;
    let v = select(V(0.0), V(x[origin + x_row(at)]), row_mask(at) & Mask(inside));
    if (b == REACH) { own = v; }
    squares[b * 4u] = v.x * v.x;
    squares[b * 4u + 1u] = v.y * v.y;
    squares[b * 4u + 2u] = v.z * v.z;
    squares[b * 4u + 3u] = v.w * v.w;
  }
  var sum = V(0.0);
  for (var j = 0u; j < SIZE; j++) {
    let s = REACH * 4u - BEFORE + j;
    sum += V(squares[s], squares[s + 1u], squares[s + 2u], squares[s + 3u]);
  }
  let value = own * pow(BIAS + SCALE * sum, V(-BETA));
  y[y_kept(k) + y_row(r)] = Out(select(V(0.0), value, row_mask(r)));
}
