const WORKGROUP = 256u;
const GRID_X = 12u;
const COUNT = 2880u;
const CHANNELS = 5u;
const IN_D = 1u;
const OUT_D = 1u;
const KERNEL_D = 1u;
const STRIDE_D = 1u;
const DILATION_D = 1u;
const PAD_D = 0u;
const TAPS_D = 1u;
const INVERSE_D = 0u;
const IN_H = 9u;
const OUT_H = 8u;
const KERNEL_H = 3u;
const STRIDE_H = 1u;
const DILATION_H = 2u;
const PAD_H = 0u;
const TAPS_H = 3u;
const INVERSE_H = 0u;
const IN_W = 8u;
const OUT_W = 4u;
const KERNEL_W = 2u;
const STRIDE_W = 2u;
const DILATION_W = 3u;
const PAD_W = 2u;
const TAPS_W = 2u;
const INVERSE_W = 1u;
const GROUPS_OF_CHANNELS = 1u;
const GROUP_CHANNELS = 5u;
const GROUP_OUT = 7u;
const OUT_CHANNELS = 7u;
const TAPS = 6u;
const POSITIONS = 96u;
const CHECKED = true;
alias Element = f32;
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> partial: array<Element>;
fn x_index(n: u32, c: u32, d: u32, h: u32, w: u32) -> u32 { return (n) * 360u + (c) * 72u + (h) * 8u + (w); }

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
