const WORKGROUP = 128u;
const GRID_X = 2u;
const KEPT = 2u;
const CHUNKS = 3u;
alias Acc = f32;
alias V = f32;
@group(0) @binding(0) var<storage, read> partials: array<Acc>;
@group(0) @binding(1) var<storage, read_write> rows: array<Acc>;
const RECIPROCAL = f32(0.00005917159796808846);
const EPSILON = f32(0.000009999999747378752);
const CENTRED = true;
const EPSILON_OUTSIDE = false;
const NORM = false;
const ABSOLUTE = false;

fn magnitude(v: V) -> V { return select(v * v, abs(v), ABSOLUTE); }
fn factor_of(total: Acc) -> Acc {
  if (NORM) {
    let norm = select(sqrt(total), total, ABSOLUTE);
    return select(Acc(1.0) / norm, Acc(1.0), norm == Acc(0.0));
  }
  let p = total * RECIPROCAL;
  return select(Acc(1.0) / sqrt(p + EPSILON), Acc(1.0) / (sqrt(p) + EPSILON), EPSILON_OUTSIDE);
}

var<workgroup> scratch: array<Acc, WORKGROUP>;

fn team_sum(value: Acc, lane: u32) -> Acc {
  scratch[lane] = value;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { scratch[lane] += scratch[lane + half]; }
  }
  workgroupBarrier();
  let total = scratch[0];
  workgroupBarrier();
  return total;
}

/** A chunk's mean, relative to the first chunk's. */
fn relative_mean(at: u32, base: Acc) -> Acc {
  return (partials[at + CHUNKS * KEPT] - base) + partials[at + 2u * CHUNKS * KEPT];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let k = wid.x + wid.y * GRID_X;
  let row = min(k, KEPT - 1u);
  let base = partials[CHUNKS * KEPT + row];
  var shift = Acc(0.0);
  if (CENTRED) {
    var weighted = Acc(0.0);
    for (var chunk = lane; chunk < CHUNKS; chunk += WORKGROUP) {
      let at = chunk * KEPT + row;
      weighted += partials[at] * relative_mean(at, base);
    }
    shift = team_sum(weighted, lane) * RECIPROCAL;
  }
  var power = Acc(0.0);
  for (var chunk = lane; chunk < CHUNKS; chunk += WORKGROUP) {
    let at = chunk * KEPT + row;
    power += partials[at + 3u * CHUNKS * KEPT];
    if (CENTRED) {
      let off = relative_mean(at, base) - shift;
      power += partials[at] * off * off;
    }
  }
  let factor = factor_of(team_sum(power, lane));
  if (lane == 0u && k < KEPT) {
    rows[k] = select(Acc(0.0), base, CENTRED);
    rows[k + KEPT] = shift;
    rows[k + 2u * KEPT] = factor;
  }
}
