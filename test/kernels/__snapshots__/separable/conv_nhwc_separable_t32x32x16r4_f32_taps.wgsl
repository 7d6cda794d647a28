const WORKGROUP = 256u;
const GRID_X = 1u;
const COUNT = 80u;
const PITCH = 10u;
const ROWS = 3u;
const COLUMNS = 3u;
const ROW_PITCH = 3u;
const BIAS_AT = 9u;
const CHANNELS = 8u;
const FOUR_CHANNELS = true;
@group(0) @binding(0) var<storage, read> window_w: array<f32>;
@group(0) @binding(1) var<storage, read> window_bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> taps: array<f32>;
fn bias_of(c: u32) -> f32 { return f32(window_bias[c]); }

fn value_of(c: u32, row: u32, column: u32, is_bias: bool) -> f32 {
  if (c >= CHANNELS) { return 0.0; }
  if (is_bias) { return bias_of(c); }
  if (row >= ROWS || column >= COLUMNS) { return 0.0; }
  return f32(window_w[(row * COLUMNS + column) * CHANNELS + c]);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= COUNT) { return; }
  var c = i / PITCH;
  var at = i % PITCH;
  if (FOUR_CHANNELS) {
    c = i / (4u * PITCH) * 4u + i % 4u;
    at = i / 4u % PITCH;
  }
  taps[i] = value_of(c, at / ROW_PITCH, at % ROW_PITCH, at == BIAS_AT);
}
