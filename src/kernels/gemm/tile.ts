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
  /** Depths that the inner loop has written out, a divisor of `depth`; all of them when left out. */
  readonly unroll?: number;
}

/** Fewest depths that are written out on a GPU: with four, products on an H200 take 5 to 10 % longer. */
const LEAST_WRITTEN = 8;

/**
 * Multiply-adds of an invocation that a text has written out: 16 KB of instructions on NVIDIA's GPUs. More are as fast in a
 * kernel that is run again and again, and have to be fetched wherever others ran in between: with twice and four times as
 * many ResNet-50 (32 images) took 6,849 us on an H200, and 6,667 with eight depths written out throughout.
 */
const MOST_WRITTEN = 1024;

/** Multiply-adds from which on fewer depths written out make a text shorter that is worth it. */
const MUCH_WRITTEN = 512;

/**
 * Whether a device wants loops instead: a CPU that stands in for a GPU takes seconds to compile a text that is written out
 * (SwiftShader, whose subgroups have 4 lanes: 3 s for a tile of 128x128), and gains nothing by it.
 */
export function wantsLoops({ subgroupSize }: GpuLimits): boolean {
  return subgroupSize[1] === SOFTWARE_LANES;
}

/** Rounds of the inner loop, each of which has its share of the depth written out; 1 where nothing is (`wantsLoops`). */
export function roundsOf({ depth, unroll = depth }: Tile): number {
  return unroll === 1 ? 1 : depth / unroll;
}

/** Rounds that are good where nothing is measured: the fewest with no more than `MOST_WRITTEN`. */
export function usualRounds({ depth, microRows, microCols }: Tile): number {
  const written = (depth * microRows * microCols) / MOST_WRITTEN;
  return Math.min(Math.max(1, written), depth / LEAST_WRITTEN);
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
  const rounds = roundsOf(tile);
  if (rounds > 1) {
    if (wantsLoops(limits)) return 'nothing is written out on this device';
    if (depth / rounds < LEAST_WRITTEN) return 'too few depths are written out';
    if (microRows * microCols * depth < MUCH_WRITTEN) return 'little is written out as it is';
  }
  // 128 sums, two depths of vectors and the blocks under way fill the 255 registers of an NVIDIA GPU's invocation.
  return microRows * microCols > 128 ? 'the sums do not fit into registers' : undefined;
}

/** A tile's part of a kernel id: `t128x64x16r8`, with `u8` behind it where a round has eight depths written out. */
export function tileTag(tile: Tile): string {
  const { rows, cols, depth, microRows, microCols, unroll } = tile;
  const sums = microRows === microCols ? `${microRows}` : `${microRows}x${microCols}`;
  return `t${rows}x${cols}x${depth}r${sums}${roundsOf(tile) > 1 ? `u${unroll}` : ''}`;
}

/** Sizes of a tiled product. */
export interface Product {
  readonly rows: number;
  readonly cols: number;
  readonly depth: number;
  /** Independent products, numbered by `batch`. */
  readonly batches: number;
}
