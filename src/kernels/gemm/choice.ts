/**
 * Which tiles to try for a product, best first, by a rough model of a large GPU. The model only orders candidates and
 * leaves out hopeless ones; measuring decides.
 */
import type { GpuLimits } from '../../devices/gpu.js';
import { TILES, tileRefusal, tileThreads, type Product, type Tile } from './tile.js';

export interface TileChoice {
  readonly tile: Tile;
  /** Parts of the depth; 1 where it is not split. */
  readonly parts: number;
}

/** An H200's: multiprocessors, multiply-adds per second of one under the best tile, bytes per second, launch time. */
const MODEL = { processors: 132, rate: 1.2e11, bandwidth: 3e12, launch: 2e-6 } as const;

/** Invocations that a multiprocessor needs to hide the latency of its arithmetic and loads. */
const BUSY = 256;

/** Outputs up to which tiles make no difference. */
const SMALL = 64 * 64;

/** Least depth of a part: below, adding up costs more than it gains. */
const LEAST_PART = 128;

/** Up to `most` choices whose estimate is within `slack` of the best. */
export function tileChoices(product: Product, limits: GpuLimits, most: number, slack = 2.5): TileChoice[] {
  const choices = TILES.filter((tile) => tileRefusal(tile, limits) === undefined).flatMap((tile) =>
    partsToTry(product, tile).map((parts) => ({ tile, parts, seconds: estimate(product, tile, parts) })),
  );
  choices.sort((a, b) => a.seconds - b.seconds);
  // Of a product that fits one workgroup, one choice is enough.
  const small = product.rows * product.cols * product.batches <= SMALL;
  return choices
    .filter(({ seconds }) => seconds <= slack * choices[0].seconds)
    .slice(0, small ? 1 : most)
    .map(({ tile, parts }) => ({ tile, parts }));
}

function workgroups({ rows, cols, batches }: Product, tile: Tile): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(cols / tile.cols) * batches;
}

function partsToTry(product: Product, tile: Tile): number[] {
  const wanted = Math.floor((2 * MODEL.processors) / workgroups(product, tile));
  const parts = Math.min(wanted, 32, Math.floor(product.depth / LEAST_PART));
  return parts >= 2 ? [1, parts] : [1];
}

function estimate(product: Product, tile: Tile, parts: number): number {
  const perProcessor = Math.ceil((workgroups(product, tile) * parts) / MODEL.processors);
  const steps = Math.ceil(product.depth / parts / tile.depth);
  const work = perProcessor * tile.rows * tile.cols * steps * tile.depth;
  const busy = Math.min(1, (perProcessor * tileThreads(tile)) / BUSY);
  const partial = parts > 1 ? 8 * parts * product.rows * product.cols * product.batches : 0;
  const adding = parts > 1 ? MODEL.launch + partial / MODEL.bandwidth : 0;
  return work / (MODEL.rate * tile.efficiency * busy) + adding;
}
