/** Which tiles on tensor cores to try for a product, best first, by a rough model of an H200: see gemm/choice.ts. */
import type { GpuLimits } from '../../devices/gpu.js';
import { PARTS, SLACK, paddingRefusal, splitRefusal } from '../gemm/choice.js';
import type { Product } from '../gemm/tile.js';
import { MMA_BYTES } from './instructions.js';
import { mmaThreads, mmaTileRefusal, residentBlocks, type MmaStaging, type MmaTile } from './tile.js';

export interface MmaChoice {
  readonly tile: MmaTile;
  /** Parts of the depth; 1 where it is not split. */
  readonly parts: number;
}

/** A tile, and its estimated share of the best one's rate: orders the candidates, and nothing more. */
interface RatedTile extends MmaTile {
  readonly efficiency: number;
}

/**
 * An H200's: multiprocessors, bytes of f16 by bytes of f16 that one multiplies per second under the best tile (a quarter of
 * its multiply-adds), bytes per second, time of a launch, and what a block takes to begin and to end.
 */
const MODEL = { processors: 132, rate: 2.6e12, bandwidth: 3e12, launch: 2e-6, block: 6e-7 } as const;

/** Threads that a multiprocessor needs to keep its tensor cores busy. */
const BUSY = 256;

/** Least depth of a part: below, adding up costs more than it gains. */
const LEAST_PART = 512;

const rated = (
  unit: MmaTile['unit'],
  rows: number,
  cols: number,
  units: readonly [number, number],
  stages: number,
  efficiency: number,
): RatedTile => ({ rows, cols, depth: 64, unit, rowUnits: units[0], colUnits: units[1], stages, efficiency });

/**
 * Tiles in use, of 128 bytes of depth, for elements of 16 bits. Any other that `mmaTileRefusal` lets pass is right too; 192x256
 * by three warpgroups reads less per product, but its threads have 168 registers, of which tf32 spills nine.
 */
const RATED: readonly RatedTile[] = [
  rated('group', 128, 256, [2, 1], 4, 1),
  rated('group', 256, 128, [2, 1], 4, 1),
  rated('group', 128, 192, [2, 1], 4, 0.95),
  rated('group', 128, 128, [2, 1], 3, 0.9),
  rated('group', 128, 96, [2, 1], 4, 0.8),
  rated('group', 128, 64, [2, 1], 4, 0.65),
  rated('group', 64, 256, [1, 2], 3, 0.8),
  rated('group', 64, 128, [1, 1], 4, 0.65),
  rated('group', 64, 64, [1, 1], 4, 0.45),
  rated('warp', 128, 256, [2, 4], 3, 0.65),
  rated('warp', 256, 128, [4, 2], 3, 0.65),
  rated('warp', 128, 128, [2, 2], 3, 0.62),
  rated('warp', 128, 96, [2, 2], 3, 0.55),
  rated('warp', 128, 64, [2, 2], 3, 0.5),
  rated('warp', 64, 128, [2, 2], 3, 0.5),
  rated('warp', 64, 64, [2, 2], 4, 0.4),
  rated('warp', 128, 32, [4, 1], 4, 0.3),
  rated('warp', 32, 128, [1, 4], 4, 0.3),
  rated('warp', 64, 32, [2, 2], 4, 0.25),
  rated('warp', 32, 64, [2, 2], 4, 0.25),
  rated('warp', 32, 32, [2, 2], 4, 0.15),
];

/** The tiles in use for a type. */
export function mmaTiles({ type }: MmaStaging): readonly RatedTile[] {
  return RATED.map((tile) => ({ ...tile, depth: 128 / MMA_BYTES[type] }));
}

/** What a product is on: a device, and whether it has products of warpgroups. */
export interface MmaTarget {
  readonly limits: GpuLimits;
  readonly groups: boolean;
}

/** Why a choice is of no use for a product, or undefined. */
export function mmaChoiceRefusal(
  product: Product,
  { tile, parts }: MmaChoice,
  staging: MmaStaging,
  { limits, groups }: MmaTarget,
): string | undefined {
  if (tile.unit === 'group' && !groups) return 'the device has no products of warpgroups';
  return (
    mmaTileRefusal(tile, staging, limits) ??
    paddingRefusal(product, tile) ??
    splitRefusal(product, tile, parts, limits)
  );
}

/** Up to `most` choices, best first by estimate. */
export function mmaChoices(
  product: Product,
  staging: MmaStaging,
  target: MmaTarget,
  most: number,
): MmaChoice[] {
  const choices = mmaTiles(staging)
    .filter((tile) => mmaChoiceRefusal(product, { tile, parts: 1 }, staging, target) === undefined)
    .flatMap((tile) =>
      partsToTry(product, tile, target.limits).map((parts) => ({
        tile,
        parts,
        seconds: estimate(product, tile, parts, staging),
      })),
    )
    .sort((a, b) => a.seconds - b.seconds);
  return choices
    .filter(({ seconds }) => seconds <= SLACK * choices[0].seconds)
    .slice(0, most)
    .map(({ tile, parts }) => ({ tile, parts }));
}

function blocks({ rows, cols, batches }: Product, tile: MmaTile): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(cols / tile.cols) * batches;
}

function partsToTry(product: Product, tile: MmaTile, limits: GpuLimits): number[] {
  const wanted = Math.floor((2 * MODEL.processors) / blocks(product, tile));
  const most = Math.min(wanted, Math.floor(product.depth / LEAST_PART));
  const parts = [...PARTS]
    .reverse()
    .find((count) => count <= most && splitRefusal(product, tile, count, limits) === undefined);
  return parts === undefined || parts === 1 ? [1] : [1, parts];
}

function estimate(product: Product, tile: RatedTile, parts: number, staging: MmaStaging): number {
  const perProcessor = Math.ceil((blocks(product, tile) * parts) / MODEL.processors);
  const together = Math.min(perProcessor, residentBlocks(tile, staging.type));
  const steps = Math.ceil(product.depth / parts / tile.depth);
  const scale = MMA_BYTES[staging.type] / 2;
  const work = perProcessor * tile.rows * tile.cols * steps * tile.depth * scale;
  const busy = Math.min(1, (together * mmaThreads(tile)) / BUSY);
  const partial = parts > 1 ? 8 * parts * product.rows * product.cols * product.batches : 0;
  const adding = parts > 1 ? MODEL.launch + partial / MODEL.bandwidth : 0;
  const ends = (perProcessor / together) * MODEL.block;
  return work / (MODEL.rate * tile.efficiency * busy) + ends + adding;
}
