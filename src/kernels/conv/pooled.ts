/**
 * Convolution with the pooling behind it, whose windows neither overlap nor leave gaps: pixels of a window are
 * neighbouring positions, so that an invocation has the whole window in registers and what it reduces them to is all
 * that is written. The convolution's output, as large as the window times that, never goes to memory.
 *
 * Here is what the kernels (pooled-implicit.ts, pooled-direct.ts) share, as WGSL over `Item`, a vector of four channels
 * or the number of one:
 * - `pool_at(i)`: where the i-th window lies in the output, as [n, d, h, w]; `position_of(i)`, as in all convolutions;
 * - `merge(before, v, pixel, keep)`: the reduction of a window's pixels up to this one;
 * - `settled(merged, pool)`: the result, which `put` stores.
 */
import { alias, constants } from '../wgsl.js';
import { index5, liftedView, positionFunction, product, vectorsAlong, type Triple } from './geometry.js';
import { channelsInnermost, type ConvProblem } from './problem.js';
import {
  biasAndActivation,
  endTypes,
  epilogueBindings,
  outAlias,
  storeRefusal,
  type ConvEnding,
} from './store.js';

/** A pooling's windows; they begin a whole number of heights and widths from the plane's corner. */
export interface PoolWindow {
  readonly kind: 'max' | 'average';
  readonly height: number;
  readonly width: number;
}

/**
 * y = pool(activation(conv(x, w) + bias)): a dense convolution over two axes without a residual. The geometry is the
 * convolution's, and its output the plane that is pooled; y is the pooling's, in x's layout.
 */
export interface PooledProblem extends ConvProblem {
  readonly pool: PoolWindow;
}

/** A problem with views of five axes, whose positions are all pixels of all windows. */
export interface LiftedPooled extends PooledProblem {
  /** The convolution's own output: a last window may stand out of it (`ceil_mode`), or leave a rest. */
  readonly plane: Triple;
}

export function liftedPooled(problem: PooledProblem): LiftedPooled {
  const { geometry, pool } = problem;
  const y = liftedView(problem.y);
  const [, , , height, width] = y.dims;
  return {
    ...problem,
    x: liftedView(problem.x),
    y,
    geometry: { ...geometry, output: [1, height * pool.height, width * pool.width] },
    plane: geometry.output,
  };
}

/** Pixels of a window. */
export function pixelsOf({ height, width }: PoolWindow): number {
  return height * width;
}

/** Windows of all images. */
export function poolCount({ y: { dims } }: LiftedPooled): number {
  return dims[0] * product(dims.slice(2));
}

/** Why no kernel applies, or undefined. */
export function pooledRefusal(lifted: LiftedPooled): string | undefined {
  const { x, geometry } = lifted;
  if (product(x.dims) * geometry.outChannels === 0) return 'the input is empty';
  return storeRefusal(lifted);
}

/** Whether four channels are stored as one vec4. */
function storesVectors({ y }: LiftedPooled): boolean {
  return channelsInnermost(y) && vectorsAlong(y, 1);
}

/**
 * How a pooled convolution ends.
 * @param items whether invocations hold vectors of four channels or single ones
 */
export function pooledEnding(lifted: LiftedPooled, items: 'vectors' | 'scalars', text = ''): ConvEnding {
  const { pool, y, plane, geometry } = lifted;
  const vectors = items === 'vectors' && storesVectors(lifted);
  const kind = vectors ? 'channels' : 'scalars';
  const put = vectors ? PUT_VECTOR : items === 'vectors' ? PUT_ONE + PUT_EACH : PUT_ONE;
  return {
    types: endTypes(lifted),
    aliases: outAlias(lifted, kind) + alias('Item', items === 'vectors' ? 'vec4<f32>' : 'f32'),
    bindings: epilogueBindings(lifted, kind),
    declarations: [
      constants({
        POOLS: poolCount(lifted),
        PLANE_H: plane[1],
        PLANE_W: plane[2],
        RAGGED: geometry.output.some((extent, axis) => extent > plane[axis]),
      }),
      index5('y', y),
      biasAndActivation(lifted),
    ].join(''),
    text: [pool.kind === 'max' ? MAX : AVERAGE, MERGE, items === 'vectors' ? FINISHED : '', put, text].join(
      '',
    ),
  };
}

/** `pool_at` and `position_of`. */
export function pooledPositions({ geometry, y, pool }: LiftedPooled): string {
  const [, , depth, height, width] = y.dims;
  const pools = positionFunction({ ...geometry, output: [depth, height, width] }, y.layout.order);
  return [
    constants({ POOL_H: pool.height, POOL_W: pool.width, POOL_PIXELS: pixelsOf(pool) }),
    pools.replace('position_of', 'pool_at'),
    POSITIONS,
  ].join('');
}

/** Pixels of a window follow one another, row by row. */
const POSITIONS = /* wgsl */ `
fn position_of(i: u32) -> vec4<u32> {
  let pool = pool_at(i / POOL_PIXELS);
  let pixel = i % POOL_PIXELS;
  return vec4<u32>(pool.xy, pool.z * POOL_H + pixel / POOL_W, pool.w * POOL_W + pixel % POOL_W);
}
`;

const MAX = /* wgsl */ `
fn merged(a: Item, b: Item) -> Item { return max(a, b); }

fn settled(v: Item, pool: vec4<u32>) -> Item { return v; }
`;

const AVERAGE = /* wgsl */ `
fn merged(a: Item, b: Item) -> Item { return a + b; }

// Divides by the pixels that lie in the plane.
fn settled(v: Item, pool: vec4<u32>) -> Item {
  if (!RAGGED) { return v / f32(POOL_PIXELS); }
  let height = min(POOL_H, PLANE_H - pool.z * POOL_H);
  let width = min(POOL_W, PLANE_W - pool.w * POOL_W);
  return v / f32(height * width);
}
`;

/** A window's first pixel lies in the plane; others of the last windows may not. */
const MERGE = /* wgsl */ `
fn in_plane(pool: vec4<u32>, pixel: u32) -> bool {
  if (!RAGGED) { return true; }
  return pool.z * POOL_H + pixel / POOL_W < PLANE_H && pool.w * POOL_W + pixel % POOL_W < PLANE_W;
}

fn merge(before: Item, v: Item, pixel: u32, keep: bool) -> Item {
  if (pixel == 0u) { return v; }
  return select(before, merged(before, v), keep);
}
`;

/** A pixel's results for four channels. */
const FINISHED = /* wgsl */ `
fn finished(v: vec4<f32>, c: u32) -> vec4<f32> {
  return vec4<f32>(
    activation(v.x + bias_at(c)),
    activation(v.y + bias_at(c + 1u)),
    activation(v.z + bias_at(c + 2u)),
    activation(v.w + bias_at(c + 3u)),
  );
}
`;

/** Four channels as one vec4, zeros in a block's padding. */
const PUT_VECTOR = /* wgsl */ `
fn put(pool: vec4<u32>, c: u32, v: vec4<f32>) {
  if (c >= OUT_CHANNELS) { return; }
  let real = c + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(OUT_CHANNELS);
  y[y_index(pool.x, c, pool.y, pool.z, pool.w) / 4u] = Out(select(vec4<f32>(), v, real));
}
`;

const PUT_ONE = /* wgsl */ `
fn put_one(pool: vec4<u32>, c: u32, v: f32) {
  if (c >= OUT_CHANNELS) { return; }
  y[y_index(pool.x, c, pool.y, pool.z, pool.w)] = Out(v);
}
`;

const PUT_EACH = /* wgsl */ `
fn put(pool: vec4<u32>, c: u32, v: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { put_one(pool, c + i, v[i]); }
}
`;
