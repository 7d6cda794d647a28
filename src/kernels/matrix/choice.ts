/** Which matrix tiles to try for a product, best first, by a rough model of a large GPU: see gemm/choice.ts. */
import type { GpuLimits } from '../../devices/gpu.js';
import { PARTS } from '../gemm/choice.js';
import { partialBytes } from '../gemm/split.js';
import type { Product } from '../gemm/tile.js';
import { MATRIX_TILES, matrixTileRefusal, matrixTileThreads, type MatrixTile, type Staging } from './tile.js';

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

/** Up to `most` choices whose estimate is within `slack` of the best. */
export function matrixTileChoices(
  product: Product,
  staging: Staging,
  limits: GpuLimits,
  most: number,
  slack = 2.5,
): MatrixTileChoice[] {
  const choices = MATRIX_TILES.filter(
    (tile) =>
      matrixTileRefusal(tile, staging, limits) === undefined &&
      matrixPaddingRefusal(product, tile) === undefined,
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
    .filter(({ seconds }) => seconds <= slack * choices[0].seconds)
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
    .find((count) => count <= most && matrixSplitRefusal(product, tile, count, limits) === undefined);
  return parts === undefined || parts === 1 ? [1] : [1, parts];
}

/** Sides of tiles that may be mostly empty: there are none that are smaller both ways. */
const LEAST_SIDE = 32;

/** Half of a tile and more beyond the product: the next smaller one does the same work in half the time. */
export function matrixPaddingRefusal(product: Product, tile: MatrixTile): string | undefined {
  const wasted = (['rows', 'cols'] as const).find(
    (side) => tile[side] > LEAST_SIDE && tile[side] >= 2 * product[side],
  );
  return wasted && `half of the tile's ${wasted} would be empty`;
}

/** Why a product's depth is not split so, or undefined. */
export function matrixSplitRefusal(
  product: Product,
  tile: MatrixTile,
  parts: number,
  limits: GpuLimits,
): string | undefined {
  if (parts === 1) return undefined;
  const steps = Math.ceil(product.depth / tile.depth);
  if (Math.ceil(steps / Math.ceil(steps / parts)) < parts) return `a part of ${parts} would have no step`;
  const bytes = partialBytes(product, parts);
  return bytes > limits.maxBindingBytes ? `the partial sums take ${bytes} bytes` : undefined;
}

function estimate(product: Product, tile: MatrixTile, parts: number): number {
  const perProcessor = Math.ceil((workgroups(product, tile) * parts) / MODEL.processors);
  const steps = Math.ceil(product.depth / parts / tile.depth);
  const work = perProcessor * tile.rows * tile.cols * steps * tile.depth;
  const busy = Math.min(1, (perProcessor * matrixTileThreads(tile)) / BUSY);
  const partial = parts > 1 ? 8 * parts * product.rows * product.cols * product.batches : 0;
  const adding = parts > 1 ? MODEL.launch + partial / MODEL.bandwidth : 0;
  return work / (MODEL.rate * tile.efficiency * busy) + adding;
}
