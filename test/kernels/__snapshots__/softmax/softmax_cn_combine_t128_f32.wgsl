const WORKGROUP = 128u;
const GRID_X = 20u;
const KEPT = 20u;
const CHUNKS = 2u;
const LOG = false;
const LOWEST = f32(-3.4028234663852886e+38);
alias Acc = f32;
@group(0) @binding(0) var<storage, read> peaks: array<Acc>;
@group(0) @binding(1) var<storage, read> sums: array<Acc>;
@group(0) @binding(2) var<storage, read_write> maxima: array<Acc>;
@group(0) @binding(3) var<storage, read_write> finals: array<Acc>;

var<workgroup> tops: array<Acc, WORKGROUP>;
var<workgroup> totals: array<Acc, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let row = min(k, KEPT - 1u);
  var top = Acc(LOWEST);
  var total = Acc(0.0);
  for (var chunk = lane; chunk < CHUNKS; chunk += WORKGROUP) {
    let peak = peaks[chunk * KEPT + row];
    let higher = max(top, peak);
    total = total * exp(top - higher) + sums[chunk * KEPT + row] * exp(peak - higher);
    top = higher;
  }
  tops[lane] = top;
  totals[lane] = total;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      let peak = tops[lane + half];
      let higher = max(top, peak);
      total = total * exp(top - higher) + totals[lane + half] * exp(peak - higher);
      top = higher;
      tops[lane] = top;
      totals[lane] = total;
    }
  }
  if (lane == 0u && k < KEPT) {
    maxima[k] = top;
    finals[k] = select(Acc(1.0) / total, log(total), LOG);
  }
}
