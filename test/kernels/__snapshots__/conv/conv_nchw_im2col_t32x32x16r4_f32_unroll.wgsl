const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 1u;
const CHANNELS = 1u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 1u;
const OUT_H = 1u;
const KERNEL_H = 1u;
const STRIDE_H = 1u;
const DILATION_H = 1u;
const PAD_H = 0u;
const TAPS_H = 1u;
const INVERSE_H = 0u;
const IN_W = 1u;
const OUT_W = 1u;
const KERNEL_W = 1u;
const STRIDE_W = 1u;
const DILATION_W = 1u;
const PAD_W = 0u;
const TAPS_W = 1u;
const INVERSE_W = 0u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 1u;
const GROUP_OUT = 1u;
const OUT_CHANNELS = 1u;
const TAPS = 1u;
const POSITIONS = 1u;
const CHECKED = false;
alias Element = f32;
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> partial: array<Element>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return 0u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  let position = i % (OUT_D * OUT_H * OUT_W);
  let row = i / (OUT_D * OUT_H * OUT_W);
  let tap = row % TAPS;
  let c = row / TAPS % CHANNELS;
  let n = row / (TAPS * CHANNELS);
  let d = position / (OUT_W * OUT_H) * STRIDE_D + tap / (KERNEL_W * KERNEL_H) * DILATION_D - PAD_D;
  let h = position / OUT_W % OUT_H * STRIDE_H + tap / KERNEL_W % KERNEL_H * DILATION_H - PAD_H;
  let w = position % OUT_W * STRIDE_W + tap % KERNEL_W * DILATION_W - PAD_W;
  var v = Element();
  if (d < IN_D && h < IN_H && w < IN_W) { v = x[x_index(n, c, d, h, w)]; }
  partial[i] = v;
}
