/**
 * GridSample in all modes, with one to three spatial axes: an invocation per element of y, or per four channels where
 * these lie innermost. Coordinates are computed in f32; neighbours share the grid's cache lines.
 */
import type { GpuLimits, WgslKernel } from '../../devices/gpu.js';
import type { GridPadding, GridSampling } from '../../ops/grid-sample.js';
import { idealBytes, type TensorView } from '../view.js';
import { constants } from '../wgsl.js';
import { coordsType, coordsValue, mapKernel, mayGoByFours } from './map.js';

export interface GridSampleConfig {
  readonly sampling: GridSampling;
  readonly x: TensorView;
  /** [N, outputs..., axes]. */
  readonly grid: TensorView;
  readonly y: TensorView;
  readonly flops: number;
  readonly limits: GpuLimits;
}

/** From a normalised coordinate to one in elements. NaN counts as -1, infinities as far outside. */
const COORDINATE = /* wgsl */ `
fn place_of(normalised: f32, extent: f32) -> f32 {
  let low = select(-0.5, 0.0, ALIGN_CORNERS);
  let high = select(extent - 0.5, extent - 1.0, ALIGN_CORNERS);
  let magnitude = bitcast<u32>(normalised) & 0x7fffffffu;
  let number = clamp(select(normalised, -1.0, magnitude > 0x7f800000u), -1e9, 1e9);
  var place = low + (number + 1.0) / 2.0 * (high - low);
  if (NEAREST) { place = round(place); }
  if (place >= low && place <= high) { return place; }
  return outside(place, low, high, extent, magnitude >= 0x7f800000u);
}
`;

/** What becomes of a coordinate beyond the borders. */
const OUTSIDES: Readonly<Record<GridPadding, string>> = {
  zeros: /* wgsl */ `
fn outside(place: f32, low: f32, high: f32, extent: f32, infinite: bool) -> f32 {
  return clamp(place, -3.0, extent + 2.0);
}
`,
  border: /* wgsl */ `
fn outside(place: f32, low: f32, high: f32, extent: f32, infinite: bool) -> f32 {
  return clamp(place, 0.0, extent - 1.0);
}
`,
  reflection: /* wgsl */ `
fn outside(place: f32, low: f32, high: f32, extent: f32, infinite: bool) -> f32 {
  return select(mirrored(place, low, high), low, infinite);
}
`,
};

/** A place mirrored at the borders until it lies between them. */
const MIRRORED = /* wgsl */ `
fn mirrored(place: f32, low: f32, high: f32) -> f32 {
  let range = high - low;
  if (place >= low && place <= high) { return place; }
  if (range <= 0.0) { return low; }
  let period = 2.0 * range;
  let distance = abs(place - low);
  let phase = distance - period * floor(distance / period);
  return low + min(phase, period - phase);
}
`;

/** The weight of an element at a distance: a triangle, or Keys' cubic kernel with a = -0.75. */
const WEIGHT = /* wgsl */ `
fn weight_at(distance: f32) -> f32 {
  let d = abs(distance);
  if (!CUBIC) { return max(0.0, 1.0 - d); }
  if (d <= 1.0) { return (1.25 * d - 2.25) * d * d + 1.0; }
  return select(0.0, ((-0.75 * d + 3.75) * d - 6.0) * d + 3.0, d < 2.0);
}
`;

/** The element of tap k around a place, and its weight; 0 where zeros lie. */
const TAPS = /* wgsl */ `
struct Tap {
  index: u32,
  weight: f32,
}

fn tap_at(place: f32, k: u32, extent: i32) -> Tap {
  let i = i32(floor(place)) + 1 - i32(RADIUS) + i32(k);
  var weight = weight_at(f32(i) - place);
  if (ZEROS && (i < 0 || i >= extent)) { weight = 0.0; }
  var held = i;
  if (REFLECTED) {
    let low = select(-0.5, 0.0, ALIGN_CORNERS);
    let high = select(f32(extent) - 0.5, f32(extent) - 1.0, ALIGN_CORNERS);
    held = i32(mirrored(f32(i), low, high));
  }
  return Tap(u32(clamp(held, 0, extent - 1)), weight);
}

fn value(p: Coords) -> Cell {
  var total = Real();
  let place = places(p);
  for (var a = FIRST_D; a < TAPS_D; a++) {
    let d = tap_at(place.x, a, DEPTH);
    for (var b = FIRST_H; b < TAPS_H; b++) {
      let h = tap_at(place.y, b, HEIGHT);
      for (var c = 0u; c < TAPS_W; c++) {
        let w = tap_at(place.z, c, WIDTH);
        let weight = d.weight * h.weight * w.weight;
        // An infinity of weight 0 does no harm.
        if (weight != 0.0) { total += weight * Real(x[x_at(source(p, d.index, h.index, w.index))]); }
      }
    }
  }
  return Cell(total);
}
`;

export function gridSampleKernel({ sampling, x, grid, y, flops, limits }: GridSampleConfig): WgslKernel {
  const { mode, padding, alignCorners } = sampling;
  const rank = x.dims.length;
  const spatial = rank - 2;
  const radius = mode === 'cubic' ? 2 : 1;
  // Depth, height and width; those that there are not are one element at place 0.
  const extents = [1, 1, 1].map((one, i) => (i < 3 - spatial ? one : x.dims[2 + i - (3 - spatial)]));
  const p = `p: ${coordsType(rank)}`;
  const outputs = Array.from({ length: spatial }, (_, i) => `p[${2 + i}]`);
  const places = extents.map((extent, i) => {
    const axis = i - (3 - spatial);
    if (axis < 0) return '0.0';
    const at = coordsValue(['p[0]', ...outputs, `${spatial - 1 - axis}u`]);
    return `place_of(f32(grid[grid_at(${at})]), ${extent}.0)`;
  });
  const source = coordsValue(['p[0]', 'p[1]', ...['d', 'h', 'w'].slice(3 - spatial)]);
  // An axis that is not there has the one tap that falls on its place.
  const missing = (i: number): boolean => i < 3 - spatial;
  return mapKernel({
    op: 'gridsample',
    variant: `${mode}_${padding}`,
    inputs: [
      { name: 'x', view: x, byFours: true },
      { name: 'grid', view: grid, byFours: false },
    ],
    y,
    unit: mayGoByFours(y, x, (axis) => (axis === 1 ? axis : undefined)),
    prelude: [
      constants({
        ALIGN_CORNERS: alignCorners,
        NEAREST: mode === 'nearest',
        CUBIC: mode === 'cubic',
        ZEROS: padding === 'zeros',
        REFLECTED: padding === 'reflection',
        RADIUS: radius,
        FIRST_D: missing(0) ? radius - 1 : 0,
        FIRST_H: missing(1) ? radius - 1 : 0,
        TAPS_D: missing(0) ? radius : 2 * radius,
        TAPS_H: missing(1) ? radius : 2 * radius,
        TAPS_W: 2 * radius,
        DEPTH: { i32: extents[0] },
        HEIGHT: { i32: extents[1] },
        WIDTH: { i32: extents[2] },
      }),
      MIRRORED,
      OUTSIDES[padding],
      COORDINATE,
      WEIGHT,
      `fn places(${p}) -> vec3<f32> { return vec3<f32>(${places.join(', ')}); }\n`,
      `fn source(${p}, d: u32, h: u32, w: u32) -> ${coordsType(rank)} { return ${source}; }\n`,
    ],
    value: TAPS,
    flops,
    bytes: idealBytes(x) + idealBytes(grid) + idealBytes(y),
    limits,
  });
}
