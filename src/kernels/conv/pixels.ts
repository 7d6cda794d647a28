/**
 * How the input of a convolution reaches registers: four output positions by four channels, for the tiled product
 * (gemm/tiled-product.ts) and the direct kernel. Which input elements those are is worked out once per invocation and position;
 * a step of the depth costs one division to find its tap, shared by sixteen elements.
 */
import type { TensorView } from '../view.js';
import { vectorsAlong, type ConvGeometry } from './geometry.js';
import { channelsInnermost } from './problem.js';

/** @typeParam Role what a loader binds beside x stands for; most bind nothing */
export interface PixelLoader<Role extends string = never> {
  readonly kind: 'channels' | 'vectors' | 'scalars';
  readonly text: string;
  readonly element: string;
  /** Elements per load: the unit of `x_index` and `x_step`. */
  readonly unit: 1 | 4;
  readonly depthFastest: boolean;
  /** What it binds beside x, where it does more than load. */
  readonly bindings?: readonly { readonly name: Role; readonly access: 'read'; readonly element: string }[];
  /** In front of the text, behind the bindings. */
  readonly declarations?: string;
}

/** Four positions that lie `POSITION_STEP` apart, each with its own window. */
const FOUR_WINDOWS = /* wgsl */ `
struct PixelsState { at: vec4<u32>, d: vec4<u32>, h: vec4<u32>, w: vec4<u32> }

fn pixels_setup(first: u32, batch: u32) -> PixelsState {
  let c = group_of(batch) * GROUP_CHANNELS;
  let p = position_of(min(first, POSITIONS - 1u));
  let q = position_of(min(first + POSITION_STEP, POSITIONS - 1u));
  let r = position_of(min(first + 2u * POSITION_STEP, POSITIONS - 1u));
  let s = position_of(min(first + 3u * POSITION_STEP, POSITIONS - 1u));
  let a = window_origin(p);
  let b = window_origin(q);
  let e = window_origin(r);
  let f = window_origin(s);
  return PixelsState(
    vec4<u32>(
      x_index(p.x, c, a.x, a.y, a.z),
      x_index(q.x, c, b.x, b.y, b.z),
      x_index(r.x, c, e.x, e.y, e.z),
      x_index(s.x, c, f.x, f.y, f.z),
    ),
    vec4<u32>(a.x, b.x, e.x, f.x),
    vec4<u32>(a.y, b.y, e.y, f.y),
    vec4<u32>(a.z, b.z, e.z, f.z),
  );
}

fn pixels_inside(state: PixelsState, tap: Tap) -> vec4<bool> {
  if (!CHECKED) { return vec4<bool>(true); }
  return (state.d + tap.offset.x < vec4<u32>(IN_D))
    & (state.h + tap.offset.y < vec4<u32>(IN_H))
    & (state.w + tap.offset.z < vec4<u32>(IN_W));
}
`;

/** Channels are contiguous: a vec4 of channels per position, transposed. */
const CHANNEL_VECTORS = /* wgsl */ `
fn pixels_fetch(at: u32, inside: bool) -> Packed {
  if (!inside) { return Packed(); }
  return Packed(x[at]);
}

fn pixels_load(state: PixelsState, k: u32, batch: u32) -> Block {
  let tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) { return Block(); }
  let at = state.at + x_step(0u, k % DEPTH_CHANNELS, tap.offset.x, tap.offset.y, tap.offset.z);
  let inside = pixels_inside(state, tap);
  return transposed(
    pixels_fetch(at.x, inside.x),
    pixels_fetch(at.y, inside.y),
    pixels_fetch(at.z, inside.z),
    pixels_fetch(at.w, inside.w),
  );
}
`;

/** Any strides: a scalar per position and channel. */
const SCALARS = /* wgsl */ `
fn pixels_fetch(at: u32, inside: bool) -> Stored {
  if (!inside) { return Stored(); }
  return Stored(x[at]);
}

fn pixels_vector(state: PixelsState, tap: Tap, c: u32) -> Packed {
  if (c >= GROUP_CHANNELS) { return Packed(); }
  let at = state.at + x_step(0u, c, tap.offset.x, tap.offset.y, tap.offset.z);
  let inside = pixels_inside(state, tap);
  return Packed(
    pixels_fetch(at.x, inside.x),
    pixels_fetch(at.y, inside.y),
    pixels_fetch(at.z, inside.z),
    pixels_fetch(at.w, inside.w),
  );
}
`;

/** Four neighbouring positions share their window's place and are a vec4: images of a batch, or any pointwise positions. */
const POSITION_VECTORS = /* wgsl */ `
struct PixelsState { at: u32, d: u32, h: u32, w: u32 }

fn pixels_setup(first: u32, batch: u32) -> PixelsState {
  let p = position_of(min(first, POSITIONS - 4u));
  let origin = window_origin(p);
  let at = x_index(p.x, group_of(batch) * GROUP_CHANNELS, origin.x, origin.y, origin.z);
  return PixelsState(at, origin.x, origin.y, origin.z);
}

fn pixels_vector(state: PixelsState, tap: Tap, c: u32) -> Packed {
  let inside = !CHECKED
    || (state.d + tap.offset.x < IN_D && state.h + tap.offset.y < IN_H && state.w + tap.offset.z < IN_W);
  if (!inside || c >= GROUP_CHANNELS) { return Packed(); }
  return Packed(x[state.at + x_step(0u, c, tap.offset.x, tap.offset.y, tap.offset.z)]);
}
`;

/** A block from four vectors of positions. */
const BLOCK_OF_VECTORS = /* wgsl */ `
fn pixels_load(state: PixelsState, k: u32, batch: u32) -> Block {
  let tap = tap_at(k / DEPTH_CHANNELS, batch);
  if (k >= DEPTH || !tap.used) { return Block(); }
  let c = k % DEPTH_CHANNELS;
  return Block(
    pixels_vector(state, tap, c),
    pixels_vector(state, tap, c + 1u),
    pixels_vector(state, tap, c + 2u),
    pixels_vector(state, tap, c + 3u),
  );
}
`;

/** Whether four neighbouring positions in `order` can be loaded from x as one vec4. */
function loadsPositionVectors(geometry: ConvGeometry, x: TensorView, order: readonly number[]): boolean {
  const last = order.at(-1);
  const innermost = last === 1 ? order.at(-2) : last;
  if (innermost === 0) return vectorsAlong(x, 0);
  const { input, output, kernel, strides, padsBegin } = geometry;
  const flat = [...kernel, ...strides].every((entry) => entry === 1) && padsBegin.every((pad) => pad === 0);
  const line = flat && input[0] * input[1] === 1 && input[2] === output[2];
  return line && innermost === 4 && vectorsAlong(x, 4);
}

/**
 * The loader for an input, if there is one.
 * @param x lifted
 * @param order layout order that positions are walked in; undefined where they follow no layout, as in pooling windows
 * @param blocks whether blocks of channels are wanted (the tiled product) or single channels (the direct kernel)
 */
export function pixelLoader(
  geometry: ConvGeometry,
  x: TensorView,
  order: readonly number[] | undefined,
  blocks: boolean,
): PixelLoader | undefined {
  const whole = (geometry.channels / geometry.group) % 4 === 0;
  const tail = blocks ? BLOCK_OF_VECTORS : '';
  if (
    blocks &&
    channelsInnermost(x) &&
    vectorsAlong(x, 1) &&
    (whole || (x.layout.block && geometry.group === 1))
  ) {
    return {
      kind: 'channels',
      text: FOUR_WINDOWS + CHANNEL_VECTORS,
      element: `vec4<${x.type}>`,
      unit: 4,
      depthFastest: true,
    };
  }
  if (x.layout.block) return undefined;
  if (order && loadsPositionVectors(geometry, x, order)) {
    return {
      kind: 'vectors',
      text: POSITION_VECTORS + tail,
      element: `vec4<${x.type}>`,
      unit: 4,
      depthFastest: false,
    };
  }
  return {
    kind: 'scalars',
    text: FOUR_WINDOWS + SCALARS + tail,
    element: x.type,
    unit: 1,
    depthFastest: channelsInnermost(x),
  };
}
