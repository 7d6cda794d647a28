/** Which matrix tiles to try for a product, best first, by a rough model of a large GPU: see gemm/choice.ts. */
import type { GpuLimits } from '../../devices/gpu.js';
import { PARTS, SLACK, paddingRefusal, splitRefusal } from '../gemm/choice.js';
import type { Product } from '../gemm/tile.js';
import {
  MATRIX_TILES,
  matrixTileRefusal,
  matrixTileThreads,
  type MatrixTile,
  type RatedTile,
  type Staging,
} from './tile.js';

export interface MatrixTileChoice {
  readonly tile: MatrixTile;
  /** Parts of the depth; 1 where it is not split. */
  readonly parts: number;
}

/** An H200's: multiprocessors, multiply-adds per second of one under the best tile, bytes per second, launch time. */
const MODEL = { processors: 132, rate: 1.1e12, bandwidth: 3e12, launch: 2e-6 } as const;

/** Invocations that a multiprocessor needs to keep its tensor cores busy. */
const BUSY = 256;

/** Least depth of a part: below, adding up costs more than it gains. */
const LEAST_PART = 256;

/** Up to `most` choices, best first by estimate. */
export function matrixTileChoices(
  product: Product,
  staging: Staging,
  limits: GpuLimits,
  most: number,
): MatrixTileChoice[] {
  const choices = MATRIX_TILES.filter(
    (tile) =>
      matrixTileRefusal(tile, staging, limits) === undefined && paddingRefusal(product, tile) === undefined,
  )
    .flatMap((tile) =>
      partsToTry(product, tile, limits).map((parts) => ({
        tile,
        parts,
        seconds: estimate(product, tile, parts),
      })),
    )
    .sort((a, b) => a.seconds - b.seconds);
  return choices
    .filter(({ seconds }) => seconds <= SLACK * choices[0].seconds)
    .slice(0, most)
    .map(({ tile, parts }) => ({ tile, parts }));
}

function workgroups({ rows, cols, batches }: Product, tile: MatrixTile): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(cols / tile.cols) * batches;
}

function partsToTry(product: Product, tile: MatrixTile, limits: GpuLimits): number[] {
  const wanted = Math.floor((2 * MODEL.processors) / workgroups(product, tile));
  const most = Math.min(wanted, Math.floor(product.depth / LEAST_PART));
  const parts = [...PARTS]
    .reverse()
    .find((count) => count <= most && splitRefusal(product, tile, count, limits) === undefined);
  return parts === undefined || parts === 1 ? [1] : [1, parts];
}

function estimate(product: Product, tile: RatedTile, parts: number): number {
  const perProcessor = Math.ceil((workgroups(product, tile) * parts) / MODEL.processors);
  const steps = Math.ceil(product.depth / parts / tile.depth);
  const work = perProcessor * tile.rows * tile.cols * steps * tile.depth;
  const busy = Math.min(1, (perProcessor * matrixTileThreads(tile)) / BUSY);
  const partial = parts > 1 ? 8 * parts * product.rows * product.cols * product.batches : 0;
  const adding = parts > 1 ? MODEL.launch + partial / MODEL.bandwidth : 0;
  return work / (MODEL.rate * tile.efficiency * busy) + adding;
}
