/**
 * How the input of a convolution reaches a product on subgroup matrices (product.ts): eight channels of an output
 * position's window at a tap, or eight positions at a tap and channel, whichever lie next to each other.
 */
import { tapsPerAxis, product, type ConvGeometry } from '../conv/geometry.js';
import { channelsInnermost } from '../conv/problem.js';
import { viewOffset, viewStrides, type TensorView } from '../view.js';
import { constants } from '../wgsl.js';
import type { MatrixLoader } from './product.js';
import { wholeVectors } from './tile.js';

/** A loader, and the unit of the `x_index` and `x_step` that it calls. */
export interface PixelsLoader extends MatrixLoader {
  readonly unit: 1 | 4 | 8;
  readonly declarations: string;
}

/** Where a depth leads: the tap's offset, and the channel. */
const DEPTH_TEXT = /* wgsl */ `
struct DepthPlace { offset: vec3<u32>, channel: u32 }

fn depth_place(step: u32, k: u32, batch: u32) -> DepthPlace {
  if (TAPS == 1u) { return DepthPlace(vec3<u32>(), k); }
  let tap = select(k, step, ONE_TAP_PER_STEP) / GROUP_CHANNELS;
  return DepthPlace(tap_at(tap, batch).offset, k - tap * GROUP_CHANNELS);
}
`;

/** One window per load: that of a position, or of eight positions that share its place (images, pointwise positions). */
const WINDOW = /* wgsl */ `
struct RowState { at: u32, d: u32, h: u32, w: u32 }

fn row_setup(row: u32, batch: u32) -> RowState {
  let p = position_of(min(row, POSITIONS - POSITIONS_PER_LOAD));
  let origin = window_origin(p);
  return RowState(x_index(p.x, 0u, origin.x, origin.y, origin.z), origin.x, origin.y, origin.z);
}

fn row_inside(state: RowState, offset: vec3<u32>) -> bool {
  return !CHECKED
    || (state.d + offset.x < IN_D && state.h + offset.y < IN_H && state.w + offset.z < IN_W);
}
`;

/** Eight neighbours are one vector. */
const VECTORS = /* wgsl */ `
fn row_load(state: RowState, step: u32, k: u32, batch: u32) -> vec4<u32> {
  if (RAGGED && k >= DEPTH) { return vec4<u32>(); }
  let place = depth_place(step, k, batch);
  if (!row_inside(state, place.offset)) { return vec4<u32>(); }
  return x[state.at + x_step(0u, place.channel, place.offset.x, place.offset.y, place.offset.z)];
}
`;

/** Eight channels are two blocks of four. */
const BLOCKS = /* wgsl */ `
fn row_load(state: RowState, step: u32, k: u32, batch: u32) -> vec4<u32> {
  if (RAGGED && k >= DEPTH) { return vec4<u32>(); }
  let place = depth_place(step, k, batch);
  if (!row_inside(state, place.offset)) { return vec4<u32>(); }
  let at = state.at + x_step(0u, place.channel, place.offset.x, place.offset.y, place.offset.z);
  return vec4<u32>(x[at], x[at + x_step(0u, 4u, 0u, 0u, 0u)]);
}
`;

/** Eight positions, each with its own window; neighbours in memory for the most part. */
const SCALARS = /* wgsl */ `
struct Windows { at: vec4<u32>, d: vec4<u32>, h: vec4<u32>, w: vec4<u32> }

fn windows_at(first: u32) -> Windows {
  let p = position_of(min(first, POSITIONS - 1u));
  let q = position_of(min(first + 1u, POSITIONS - 1u));
  let r = position_of(min(first + 2u, POSITIONS - 1u));
  let s = position_of(min(first + 3u, POSITIONS - 1u));
  let a = window_origin(p);
  let b = window_origin(q);
  let e = window_origin(r);
  let f = window_origin(s);
  return Windows(
    vec4<u32>(
      x_index(p.x, 0u, a.x, a.y, a.z),
      x_index(q.x, 0u, b.x, b.y, b.z),
      x_index(r.x, 0u, e.x, e.y, e.z),
      x_index(s.x, 0u, f.x, f.y, f.z),
    ),
    vec4<u32>(a.x, b.x, e.x, f.x),
    vec4<u32>(a.y, b.y, e.y, f.y),
    vec4<u32>(a.z, b.z, e.z, f.z),
  );
}

fn half_at(at: u32, inside: bool) -> f16 {
  if (!inside) { return f16(); }
  return x[at];
}

fn four_at(windows: Windows, place: DepthPlace) -> vec2<u32> {
  let at = windows.at + x_step(0u, place.channel, place.offset.x, place.offset.y, place.offset.z);
  let inside = vec4<bool>(!CHECKED) | ((windows.d + place.offset.x < vec4<u32>(IN_D))
    & (windows.h + place.offset.y < vec4<u32>(IN_H))
    & (windows.w + place.offset.z < vec4<u32>(IN_W)));
  return vec2<u32>(
    bitcast<u32>(vec2<f16>(half_at(at.x, inside.x), half_at(at.y, inside.y))),
    bitcast<u32>(vec2<f16>(half_at(at.z, inside.z), half_at(at.w, inside.w))),
  );
}

struct RowState { low: Windows, high: Windows }

fn row_setup(row: u32, batch: u32) -> RowState {
  return RowState(windows_at(row), windows_at(row + 4u));
}

fn row_load(state: RowState, step: u32, k: u32, batch: u32) -> vec4<u32> {
  if (RAGGED && k >= DEPTH) { return vec4<u32>(); }
  let place = depth_place(step, k, batch);
  return vec4<u32>(four_at(state.low, place), four_at(state.high, place));
}
`;

/** Whether eight neighbours along an axis are one aligned vector: innermost there, all else whole vectors. */
function eightsAlong(view: TensorView, axis: number): boolean {
  const others = viewStrides(view).filter(
    (_, other) => other !== axis && (view.dims[other] > 1 || view.within !== undefined),
  );
  return view.layout.order.at(-1) === axis && wholeVectors(view.dims[axis], viewOffset(view), ...others);
}

/** Whether eight neighbouring positions in `order` share a window's place and are a vector of x. */
function positionsAreVectors(geometry: ConvGeometry, x: TensorView, order: readonly number[]): boolean {
  const last = order.at(-1);
  const innermost = last === 1 ? order.at(-2) : last;
  if (innermost === 0) return eightsAlong(x, 0);
  const { input, output, kernel, strides, padsBegin } = geometry;
  const flat = [...kernel, ...strides].every((entry) => entry === 1) && padsBegin.every((pad) => pad === 0);
  const line = flat && input[0] * input[1] === 1 && input[2] === output[2];
  return line && innermost === 4 && eightsAlong(x, 4);
}

/**
 * The loader for an input, written for rows; undefined where there is none.
 * @param x lifted
 * @param order layout order that positions are walked in
 * @param depth depth of a tile's step
 */
export function pixelsLoader(
  geometry: ConvGeometry,
  x: TensorView,
  order: readonly number[],
  depth: number,
): PixelsLoader | undefined {
  const made = (text: string, unit: 1 | 4 | 8, alongDepth: boolean, perLoad: number): PixelsLoader => ({
    alongDepth,
    text: DEPTH_TEXT + text,
    element: unit === 8 ? 'vec4<u32>' : unit === 4 ? 'vec2<u32>' : x.type,
    unit,
    declarations: constants({
      POSITIONS_PER_LOAD: perLoad,
      // Where whole steps lie within a tap it is found once for all loads.
      ONE_TAP_PER_STEP: geometry.channels % depth === 0 && product(tapsPerAxis(geometry)) > 1,
    }),
  });
  const whole = wholeVectors(geometry.channels);
  if (x.layout.block) {
    const blocks = channelsInnermost(x) && x.layout.block.size === 4 && viewOffset(x) % 4 === 0;
    return whole && blocks ? made(WINDOW + BLOCKS, 4, true, 1) : undefined;
  }
  if (channelsInnermost(x)) {
    return whole && eightsAlong(x, 1) ? made(WINDOW + VECTORS, 8, true, 1) : undefined;
  }
  return positionsAreVectors(geometry, x, order)
    ? made(WINDOW + VECTORS, 8, false, 8)
    : made(SCALARS, 1, false, 1);
}
