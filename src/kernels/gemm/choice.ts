/**
 * Which tiles to try for a product, best first, by a model of how multiprocessors work through it. The model orders the
 * candidates and picks the one that runs where nothing is measured; measuring decides.
 */
import type { GpuLimits } from '../../devices/gpu.js';
import { partialBytes } from './split.js';
import { tileRefusal, tileThreads, usualRounds, wantsLoops, type Product, type Tile } from './tile.js';

export interface TileChoice {
  readonly tile: Tile;
  /** Parts of the depth; 1 where it is not split. */
  readonly parts: number;
}

export interface TileChoiceOptions {
  /** Multiprocessors; when left out, those of a large GPU. */
  readonly processors?: number | undefined;
  /** Parts that the depth may be split into; `PARTS` when left out. */
  readonly splits?: readonly number[];
}

/** Parts that a depth may be split into, the fewest first. */
export const PARTS: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16];

/** Multiprocessors of a large GPU: an H200's. */
const LARGE = 132;

/** f32 multiply-adds per second of one multiprocessor: 128 lanes at 1.9 GHz on an H200. Others differ by less than two. */
const PROCESSOR_RATE = 2.42e11;

/**
 * Multiprocessors of a device, which WebGPU does not tell: from the rate of its multiply-adds, as those of today do much
 * the same (128 lanes at 1.3 to 2.5 GHz).
 * @param rate f32 FLOP per second, as measured for a profile
 */
export function processorsOf(rate: number): number {
  return Math.max(1, Math.round(rate / (2 * PROCESSOR_RATE)));
}

/**
 * What the model knows: multiply-adds that a multiprocessor could have made meanwhile, where nothing else is said. Fitted
 * to 440 measured tiles of CV2, CV3, CV6, CV7 and CV10 to CV12 on an H200: it is off by 11 % on average, and the tile that
 * is chosen by it is 4 % slower than the best one (9 % at worst).
 */
const MODEL = {
  /** Per sum and depth, over the rows (columns) of an invocation's sums: each of them reads workgroup memory once. */
  read: 0.67,
  /** Per element that is brought into workgroup memory. */
  load: 5.8,
  /** Per step of the workgroups that are on a multiprocessor together: barriers, and loads that were not back in time. */
  wait: 99_000,
  /** Per sum that is written out. */
  store: 20,
  /** Share of a last wave's idle multiprocessors that those at work profit from. */
  spread: 0.24,
  /** Subgroups of 32 at once with which a multiprocessor computes at half its rate. */
  half: 2.1,
  /** Registers of a multiprocessor, and the most of an invocation; beyond, they spill. */
  registers: 65_536,
  mostRegisters: 255,
  /** Registers of an invocation; how many more for each of its sums, and for each block that it loads ahead. */
  ownRegisters: 13.9,
  sumRegisters: 1.3,
  blockRegisters: 36,
  /** Bytes per second that the cache behind one multiprocessor gives and takes. */
  bandwidth: 8e12 / LARGE,
  /** Seconds of another launch that waits for this one. */
  launch: 2e-6,
} as const;

/**
 * The tiles that candidates are made of: what was among the best of some layer, and smaller ones for small devices. Two
 * workgroups of 128 invocations on a multiprocessor hide each other's barriers, which one of 256 cannot: at 4096 x 4096 x
 * 4096 an H200 reaches 49 TFLOP/s with 128x128 tiles of 8x16 sums, and 29 with the same tiles of 8x8.
 */
const USUAL: readonly Tile[] = (
  [
    [128, 128, 16, 8, 16],
    [128, 128, 16, 16, 8],
    [256, 64, 16, 16, 8],
    [64, 256, 16, 8, 16],
    [128, 64, 16, 16, 8],
    [64, 128, 16, 8, 16],
    [128, 64, 8, 16, 8],
    [64, 128, 8, 8, 16],
    [128, 64, 16, 8, 8],
    [64, 128, 16, 8, 8],
    [64, 64, 16, 8, 8],
    [64, 64, 8, 16, 8],
    [64, 64, 8, 8, 8],
    [64, 64, 16, 8, 4],
    [64, 64, 16, 4, 8],
    [128, 32, 8, 8, 8],
    [32, 128, 8, 8, 8],
    [64, 32, 16, 8, 8],
    [32, 64, 16, 8, 8],
    [64, 32, 16, 4, 8],
    [32, 64, 16, 8, 4],
    [32, 32, 16, 4, 8],
    [32, 32, 16, 4, 4],
  ] as const
)
  .map(([rows, cols, depth, microRows, microCols]) => ({ rows, cols, depth, microRows, microCols }))
  .map((tile) => ({ ...tile, unroll: tile.depth / usualRounds(tile) }));

/**
 * A depth is split into more parts only where that should save more than this factor. Every part takes as much memory as the
 * output: CV6 in three parts would take 133 MB of partial sums for 4 % of its time.
 */
const SPLIT_GAIN = 1.15;

/** Sides of tiles that are tried however little of them is within the product: none is smaller both ways. */
const LEAST = 32;

/** By which factor the slowest choice may be slower than the best, by estimate. */
export const SLACK = 2.5;

/** Outputs up to which tiles make no difference. */
const SMALL = 64 * 64;

/** Up to `most` choices of different tiles, best first by estimate. */
export function tileChoices(
  product: Product,
  limits: GpuLimits,
  most: number,
  { processors = LARGE, splits = PARTS }: TileChoiceOptions = {},
): TileChoice[] {
  const choices = USUAL.flatMap((usual) => {
    const tile = forDevice(usual, limits);
    const ways = splits
      .map((parts) => ({ tile, parts }))
      .filter((choice) => choiceRefusal(product, choice, limits) === undefined)
      .map((choice) => ({ choice, seconds: estimatedSeconds(product, choice, processors) }));
    const least = Math.min(...ways.map(({ seconds }) => seconds));
    return ways.filter(({ seconds }) => seconds <= SPLIT_GAIN * least).slice(0, 1);
  }).sort((a, b) => a.seconds - b.seconds);
  // Of a product that fits one workgroup, one choice is enough.
  const small = product.rows * product.cols * product.batches <= SMALL;
  return choices
    .filter(({ seconds }) => seconds <= SLACK * choices[0].seconds)
    .slice(0, small ? 1 : most)
    .map(({ choice }) => choice);
}

/** A tile with its text as short as a device wants it. */
export function forDevice(tile: Tile, limits: GpuLimits): Tile {
  return wantsLoops(limits) ? { ...tile, unroll: 1 } : tile;
}

/** Why a choice cannot be used for a product on a device, or is of no use; undefined where it may be tried. */
export function choiceRefusal(
  product: Product,
  { tile, parts }: TileChoice,
  limits: GpuLimits,
): string | undefined {
  return (
    tileRefusal(tile, limits) ?? paddingRefusal(product, tile) ?? splitRefusal(product, tile, parts, limits)
  );
}

/** Half of a tile and more beyond the product: the next smaller one does the same with half the work. */
export function paddingRefusal(product: Product, tile: Pick<Tile, 'rows' | 'cols'>): string | undefined {
  const wasted = (['rows', 'cols'] as const).find(
    (side) => tile[side] > LEAST && tile[side] >= 2 * product[side],
  );
  return wasted && `half of the tile's ${wasted} would be empty`;
}

/** Why a product's depth is not split so, or undefined. */
export function splitRefusal(
  product: Product,
  tile: Pick<Tile, 'depth'>,
  parts: number,
  limits: GpuLimits,
): string | undefined {
  if (parts === 1) return undefined;
  const steps = Math.ceil(product.depth / tile.depth);
  if (Math.ceil(steps / Math.ceil(steps / parts)) < parts) return `one of ${parts} parts would have no step`;
  const bytes = partialBytes(product, parts);
  return bytes > limits.maxBindingBytes ? `the partial sums take ${bytes} bytes` : undefined;
}

/**
 * Seconds that a tiled product should take. Workgroups are dealt to multiprocessors, each of which has as many at once as
 * its registers allow, and the one with most of them is awaited: that is what waves and their tails cost. What lies beyond
 * the product's edges is computed all the same.
 */
export function estimatedSeconds(
  product: Product,
  { tile, parts }: TileChoice,
  processors: number = LARGE,
): number {
  const { rows, cols, depth } = tile;
  const tiles = Math.ceil(product.rows / rows) * Math.ceil(product.cols / cols) * product.batches;
  const shared = Math.max(1, (tiles * parts) / processors);
  const steps = Math.ceil(Math.ceil(product.depth / depth) / parts);
  const [fewest, most] = [Math.floor(shared), Math.ceil(shared)].map((groups) => workOf(tile, steps, groups));
  const work = fewest === most ? most : most + MODEL.spread * (shared - Math.ceil(shared)) * (most - fewest);
  const bytes = shared * steps * (rows + cols) * depth * 4;
  const seconds = Math.max(work / PROCESSOR_RATE, bytes / MODEL.bandwidth);
  if (parts === 1) return seconds;
  return seconds + MODEL.launch + (2 * partialBytes(product, parts)) / (MODEL.bandwidth * processors);
}

/** What so many workgroups take on one multiprocessor, as many at once as fit, in multiply-adds. */
function workOf(tile: Tile, steps: number, groups: number): number {
  const { rows, cols, depth, microRows, microCols } = tile;
  const threads = tileThreads(tile);
  const wanted = registersOf(tile);
  const registers = Math.min(wanted, MODEL.mostRegisters);
  const atOnce = Math.max(1, Math.floor(MODEL.registers / (threads * registers)));
  const products = rows * cols * depth * (1 + MODEL.read * (1 / microRows + 1 / microCols));
  const together = (count: number): number => {
    if (count === 0) return 0;
    const slowdown = (1 + (MODEL.half * 32) / (count * threads)) * (wanted / registers);
    const step = count * (products * slowdown + MODEL.load * (rows + cols) * depth) + MODEL.wait;
    return steps * step + count * MODEL.store * rows * cols;
  };
  return Math.floor(groups / atOnce) * together(atOnce) + together(groups % atOnce);
}

/** Registers that an invocation would like to have. */
function registersOf(tile: Tile): number {
  const threads = tileThreads(tile);
  const blocks = [tile.rows, tile.cols].map((side) => Math.ceil((side * tile.depth) / 16 / threads));
  return (
    MODEL.ownRegisters +
    MODEL.sumRegisters * tile.microRows * tile.microCols +
    MODEL.blockRegisters * (blocks[0] + blocks[1])
  );
}
