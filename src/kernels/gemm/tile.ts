/** The tiles of the tiled product (tiled-product.ts): which are legal, and what they are called. */
import type { GpuLimits } from '../../devices/gpu.js';

/** Lanes of a subgroup where a CPU does the work: no GPU has so few. */
const SOFTWARE_LANES = 4;

/** A workgroup's share of a product. */
export interface Tile {
  readonly rows: number;
  readonly cols: number;
  /** Depth of one step. */
  readonly depth: number;
  /** Each invocation computes microRows x microCols sums: multiples of 4, in groups of four by four. */
  readonly microRows: number;
  readonly microCols: number;
  /** Depths that the inner loop has written out, a divisor of `depth`; all of them when left out. See `unrollOf`. */
  readonly unroll?: number;
}

/**
 * Depths to write out on a device. GPUs want all of them; a CPU that stands in for one takes seconds to compile so long
 * a text (SwiftShader, whose subgroups have 4 lanes: 3 s for a tile of 128x128), and gains nothing by it.
 * @returns undefined for all
 */
export function unrollOf({ subgroupSize }: GpuLimits): number | undefined {
  return subgroupSize[1] === SOFTWARE_LANES ? 1 : undefined;
}

/** Invocations per workgroup. */
export function tileThreads({ rows, cols, microRows, microCols }: Tile): number {
  return (rows * cols) / (microRows * microCols);
}

/** Bytes of workgroup memory. */
export function tileBytes({ rows, cols, depth }: Tile): number {
  return depth * (rows + cols) * 4;
}

/** Why a tile cannot be used on a device, or undefined. */
export function tileRefusal(tile: Tile, limits: GpuLimits): string | undefined {
  const { rows, cols, depth, microRows, microCols } = tile;
  const whole =
    [microRows / 4, microCols / 4, rows / microRows, cols / microCols].every(Number.isInteger) &&
    // Swizzled vectors stay within their depth: see `ROW_SWIZZLE`.
    [rows / 32, cols / 32].every(Number.isInteger);
  if (!whole || ![8, 16, 32].includes(depth)) return 'the tile does not divide into blocks';
  // 32 invocations in step cover as many columns of sums as there are, up to eight, by what that leaves of rows.
  const lanes = Math.min(8, cols / microCols);
  const [across, along] = [cols / microCols / lanes, (rows / microRows / 32) * lanes];
  if (![32 / lanes, across, along].every(Number.isInteger)) return 'the tile does not divide into subgroups';
  const threads = tileThreads(tile);
  if (threads > limits.maxInvocations || threads > limits.maxWorkgroupSize[0]) {
    return `the tile needs ${threads} invocations per workgroup`;
  }
  if (tileBytes(tile) > limits.maxWorkgroupBytes) {
    return `the tile needs ${tileBytes(tile)} bytes of workgroup memory`;
  }
  // 128 sums, two depths of vectors and the blocks under way fill the 255 registers of an NVIDIA GPU's invocation.
  return microRows * microCols > 128 ? 'the sums do not fit into registers' : undefined;
}

/** A tile's part of a kernel id. */
export function tileTag({ rows, cols, depth, microRows, microCols }: Tile): string {
  const sums = microRows === microCols ? `${microRows}` : `${microRows}x${microCols}`;
  return `t${rows}x${cols}x${depth}r${sums}`;
}

/** Sizes of a tiled product. */
export interface Product {
  readonly rows: number;
  readonly cols: number;
  readonly depth: number;
  /** Independent products, numbered by `batch`. */
  readonly batches: number;
}
