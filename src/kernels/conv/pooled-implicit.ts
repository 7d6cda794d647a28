/**
 * Implicit GEMM (implicit.ts) with the pooling behind it. Windows have four pixels, which are four neighbouring rows of
 * the product where channels are innermost in y, else four neighbouring columns: a block of the product's register tile
 * is one window by four channels, or one channel's window as a vector.
 *
 * Access: as without pooling, but that the positions which an invocation loads together lie in two rows of the plane.
 * Of the output, neighbouring invocations store neighbouring vectors of channels, or neighbouring windows.
 */
import { partialBytes, reduceText, type ReduceText } from '../gemm/split.js';
import type { Product, Tile } from '../gemm/tile.js';
import { constants, foldedGrid } from '../wgsl.js';
import {
  productOf,
  tiledConvolutionKernel,
  tiledReduceKernel,
  type ImplicitConfig,
  type TiledConvolution,
} from './implicit.js';
import { pixelLoader } from './pixels.js';
import {
  liftedPooled,
  pixelsOf,
  poolCount,
  pooledEnding,
  pooledPositions,
  pooledRefusal,
  type LiftedPooled,
  type PooledProblem,
} from './pooled.js';
import { channelsInnermost, type ConvKernel } from './problem.js';
import type { ConvEnding } from './store.js';

/** Pixels of a window: as many as a block of the register tile has rows and columns. */
const PIXELS = 4;

/** Invocations per workgroup of the kernel that adds parts. */
const WORKGROUP = 128;

/** As `ImplicitConfig`; in parts, `pooledReduceKernel` has to follow. */
export interface PooledImplicitConfig extends ImplicitConfig {
  readonly problem: PooledProblem;
}

/** Why the kernel does not apply, or undefined. */
export function pooledImplicitRefusal(problem: PooledProblem): string | undefined {
  const lifted = liftedPooled(problem);
  if (pixelsOf(lifted.pool) !== PIXELS)
    return `the window has ${pixelsOf(lifted.pool)} pixels, not ${PIXELS}`;
  return pooledRefusal(lifted);
}

/** Sizes of the product. */
export function pooledProduct(problem: PooledProblem): Product {
  return productOf(liftedPooled(problem));
}

/** Scratch memory of a config in parts. */
export function pooledPartialBytes(problem: PooledProblem, parts: number): number {
  return partialBytes(pooledProduct(problem), parts);
}

export function pooledImplicitKernel(config: PooledImplicitConfig): ConvKernel {
  const lifted = liftedPooled(config.problem);
  const ending = channelsInnermost(lifted.y) ? rowsEnding(lifted, config.tile) : columnsEnding(lifted);
  return tiledConvolutionKernel(tiledConvolution(config, lifted, ending));
}

/** Adds the parts of a `pooledImplicitKernel` in parts, and finishes. */
export function pooledReduceKernel(config: PooledImplicitConfig): ConvKernel {
  const lifted = liftedPooled(config.problem);
  const { parts, maxGrid } = config;
  if (channelsInnermost(lifted.y)) {
    const ending = pooledEnding(lifted, 'vectors');
    return tiledReduceKernel(
      tiledConvolution(config, lifted, ending),
      reduceRowsText(lifted, parts, maxGrid),
    );
  }
  const adding = reduceText(productOf(lifted), parts, maxGrid);
  return tiledReduceKernel(tiledConvolution(config, lifted, columnsEnding(lifted)), adding);
}

function tiledConvolution(
  config: PooledImplicitConfig,
  lifted: LiftedPooled,
  ending: ConvEnding,
): TiledConvolution {
  const loader = pixelLoader(lifted.geometry, lifted.x, undefined, true);
  if (!loader) throw new TypeError(`${config.id}: no loader for ${lifted.x.layout.name}`);
  return { ...config, problem: lifted, loader, positions: pooledPositions(lifted), ending };
}

function rowsEnding(lifted: LiftedPooled, { microCols }: Tile): ConvEnding {
  const ending = pooledEnding(lifted, 'vectors', ROWS_ARE_PIXELS);
  return { ...ending, declarations: constants({ COL_FOURS: microCols / 4 }) + ending.declarations };
}

function columnsEnding(lifted: LiftedPooled): ConvEnding {
  return pooledEnding(lifted, 'scalars', COLUMNS_ARE_PIXELS);
}

const ROWS_ARE_PIXELS = /* wgsl */ `
// The product stores the four rows of a block, a window's pixels, one after another, and of each row all its COL_FOURS
// vectors: so many windows are under way, the one of the next vector first.
var<private> under_way: array<vec4<f32>, COL_FOURS>;

fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  let pool = pool_at(row / POOL_PIXELS);
  let pixel = row % POOL_PIXELS;
  let result = merge(under_way[0], finished(v, col), pixel, in_plane(pool, pixel));
  under_way[0] = under_way[COL_FOURS - 1u];
  under_way[COL_FOURS - 1u] = result;
  if (pixel == POOL_PIXELS - 1u && row < ROWS) { put(pool, col, settled(result, pool)); }
}
`;

const COLUMNS_ARE_PIXELS = /* wgsl */ `
fn store(batch: u32, row: u32, col: u32, v: vec4<f32>) {
  if (row >= ROWS || col >= COLS) { return; }
  let pool = pool_at(col / POOL_PIXELS);
  let bias = bias_at(row);
  var result = 0.0;
  for (var pixel = 0u; pixel < POOL_PIXELS; pixel++) {
    result = merge(result, activation(v[pixel] + bias), pixel, in_plane(pool, pixel));
  }
  put_one(pool, row, settled(result, pool));
}
`;

/** Adds the parts of a window's pixels, which are rows. */
const REDUCE_ROWS = /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (wid.x + wid.y * GRID_X) * WORKGROUP + lane;
  if (i >= POOLS * COL_VECTORS) { return; }
  let col = i % COL_VECTORS * 4u;
  let pool = pool_at(i / COL_VECTORS);
  var result = vec4<f32>();
  for (var pixel = 0u; pixel < POOL_PIXELS; pixel++) {
    let at = (i / COL_VECTORS * POOL_PIXELS + pixel) * COL_VECTORS + i % COL_VECTORS;
    var sum = partial[at];
    for (var part = 1u; part < PARTS; part++) { sum += partial[part * PART_VECTORS + at]; }
    result = merge(result, finished(sum, col), pixel, in_plane(pool, pixel));
  }
  put(pool, col, settled(result, pool));
}
`;

function reduceRowsText(lifted: LiftedPooled, parts: number, maxGrid: number): ReduceText {
  const { rows, cols } = productOf(lifted);
  const vectors = Math.ceil(cols / 4);
  const { grid, gridX } = foldedGrid(Math.ceil((poolCount(lifted) * vectors) / WORKGROUP), maxGrid);
  return {
    constants: constants({
      WORKGROUP,
      GRID_X: gridX,
      COL_VECTORS: vectors,
      PART_VECTORS: rows * vectors,
      PARTS: parts,
    }),
    body: REDUCE_ROWS,
    workgroup: [WORKGROUP, 1, 1],
    grid,
    workgroupBytes: 0,
  };
}
