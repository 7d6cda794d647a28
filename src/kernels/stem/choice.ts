/** Which sizes of the staged direct convolution (stem.ts) are good, and which are worth trying. */
import type { GpuLimits } from '../../devices/gpu.js';
import type { ConvGeometry } from '../conv/geometry.js';
import {
  chunkLines,
  isLines,
  isSoftware,
  stagedVectors,
  stemAxis,
  stemThreads,
  stemTileRefusal,
  tapRows,
  WRITTEN,
  type StemKind,
  type StemTile,
} from './tile.js';

/** What a tile is made from; the rest follows from the convolution's sizes. */
export interface StemSizes extends Pick<StemTile, 'positions' | 'channels' | 'chunk' | 'tiles' | 'pair'> {
  /** Invocations of a workgroup at most. */
  readonly threads: number;
}

/** Sizes to choose from, but for chunks: see `stemChunks`. */
export const STEM_SIZES = {
  positions: [1, 2, 4, 8],
  channels: [4, 8, 16],
  threads: [64, 96, 128, 192, 256, 384, 512],
  tiles: [1, 2, 4],
  pair: [1, 2],
} as const;

/** The sizes' part of a kernel id. */
export function sizesTag({ positions, channels, threads, chunk, tiles, pair }: StemSizes): string {
  return `${positions}x${channels}_t${threads}k${chunk}s${tiles}p${pair}`;
}

/** Chunks that divide the rows of taps, in ascending order. */
export function stemChunks(geometry: ConvGeometry, kind: StemKind): number[] {
  const rows = tapRows(geometry, kind);
  return Array.from({ length: rows }, (_, i) => i + 1).filter((chunk) => rows % chunk === 0);
}

/** Good sizes for a convolution on a device; undefined if none fit. */
export function stemSizes(geometry: ConvGeometry, kind: StemKind, limits: GpuLimits): StemSizes | undefined {
  const tile = stemTile(geometry, kind, limits);
  const threads = STEM_SIZES.threads.find((count) => tile && count >= stemThreads(tile));
  return tile && threads !== undefined ? { ...tile, threads } : undefined;
}

/** Why sizes are not to be tried, or undefined. */
export function stemSizesRefusal(
  geometry: ConvGeometry,
  kind: StemKind,
  limits: GpuLimits,
  sizes: StemSizes,
): string | undefined {
  const tile = stemTile(geometry, kind, limits, sizes);
  if (!tile) return 'no tile of these sizes fits the device';
  const fewer = Math.max(0, ...STEM_SIZES.threads.filter((count) => count < sizes.threads));
  return stemThreads(tile) <= fewer ? `the same as with ${fewer} invocations` : undefined;
}

/** Sizes that are asked for; what is left out is chosen. */
export interface StemWish extends Partial<StemSizes> {
  readonly channelLanes?: number;
}

/** A good tile for a convolution on a device, with some of its sizes given; undefined if none is legal. */
export function stemTile(
  geometry: ConvGeometry,
  kind: StemKind,
  limits: GpuLimits,
  wish: StemWish = {},
): StemTile | undefined {
  const { outChannels } = geometry;
  const { positions, channels } = { ...defaultSums(geometry, kind), ...wish };
  const most = Math.min(wish.threads ?? mostThreads(kind), limits.maxInvocations);
  const laneLimit = Math.min(wish.channelLanes ?? 16, most);
  const channelTiles = Math.ceil(outChannels / channels / laneLimit);
  const channelLanes = Math.ceil(outChannels / channels / channelTiles);
  const shared = { positions, channels, channelLanes, pair: wish.pair ?? 1 };
  let best: { tile: StemTile; score: number } | undefined;
  for (const lanes of laneShapes(geometry, kind, positions, Math.floor(most / channelLanes))) {
    const tile = inChunks(geometry, kind, limits, wish, { ...shared, ...lanes });
    if (!tile) continue;
    const score = utilisation(geometry, kind, tile);
    // Of equal lines, fewer: small workgroups wait for each other less.
    const margin = tile.alongLanes === best?.tile.alongLanes ? -0.02 : 1e-9;
    if (!best || score > best.score + margin) best = { tile, score };
  }
  return best?.tile;
}

/** A tile in the largest chunks that fit, made several times by a workgroup where that is good. */
function inChunks(
  geometry: ConvGeometry,
  kind: StemKind,
  limits: GpuLimits,
  wish: StemWish,
  lanes: Omit<StemTile, 'chunk' | 'tiles'>,
): StemTile | undefined {
  const tile = (chunk: number, tiles: number): StemTile => ({ ...lanes, chunk, tiles });
  const fits = (one: StemTile): boolean =>
    !stemTileRefusal(geometry, kind, one, limits) && isHeld(geometry, kind, one, limits);
  for (const chunk of wish.chunk === undefined ? stemChunks(geometry, kind).reverse() : [wish.chunk]) {
    const long = chunkLines(geometry, kind, tile(chunk, 1)) > WRITTEN;
    if (long && wish.chunk === undefined && chunk > 1) continue;
    const counts = wish.tiles === undefined ? [tilesEach(geometry, kind, tile(chunk, 1)), 1] : [wish.tiles];
    const found = counts.map((tiles) => tile(chunk, tiles)).find(fits);
    if (found) return found;
  }
  return undefined;
}

/**
 * Invocations of a workgroup at most: small workgroups wait for each other less (ResNet-50's first layer in CHWN took 375 us
 * with 128, 474 with 256), but 12 lanes of channels fill no 128. Columns of NCHW are loaded as long lines.
 */
function mostThreads(kind: StemKind): number {
  return kind === 'columns' ? 256 : 192;
}

/** Invocations below which a workgroup leaves schedulers of a multiprocessor without work. */
const ENOUGH = 128;

/** Workgroups that keep a large GPU busy to the end. */
const MANY = 1024;

/**
 * How many tiles a workgroup makes: with several the weights stay, and the next input is under way during the sums (3 to 12
 * % on an H200).
 */
function tilesEach(geometry: ConvGeometry, kind: StemKind, tile: StemTile): number {
  if (kind === 'columns' || tile.chunk < tapRows(geometry, kind)) return 1;
  const { batch, outChannels, output } = geometry;
  const threads = stemThreads(tile);
  const all = (batch * outChannels * output[1] * output[2]) / (tile.positions * tile.channels * threads);
  return [4, 2].find((tiles) => tiles * threads <= 512 && all / tiles >= MANY) ?? 1;
}

/** Invocations that fill a large GPU: below, sums are divided over more of them. */
const FULL = 2 ** 16;

/** Elements on the line under an invocation's positions that fit into registers beside 64 sums. */
const LONG = 32;

/** Positions and channels of an invocation: 64 sums where the output is large, else 32 or 16. */
function defaultSums(geometry: ConvGeometry, kind: StemKind): Pick<StemTile, 'positions' | 'channels'> {
  const { batch, outChannels, output, kernel, strides } = geometry;
  const outputs = batch * outChannels * output[1] * output[2];
  const sums = [64, 32].find((count) => outputs / count >= FULL) ?? 16;
  const channels = outChannels >= 8 && sums > 16 ? 8 : 4;
  if (kind === 'images') return { positions: sums > 32 && output[2] > 1 ? 2 : 1, channels };
  // Columns are stored one by one: with half the sums there are invocations enough to wait for that.
  if (kind === 'columns') return { positions: 4, channels };
  const width = (positions: number): number => Math.ceil(output[2] / positions) * positions;
  const short = 7 * strides[2] + kernel[2] <= LONG;
  const wide = sums > 32 && short && width(8) <= 1.1 * width(4);
  return { positions: wide ? 8 : 4, channels };
}

/** Vectors under way in registers at most, besides an invocation's sums. */
function mostHeld(limits: GpuLimits, { positions, channels }: StemTile): number {
  return isSoftware(limits) ? 3 : 6 + Math.max(0, 64 - positions * channels) / 8;
}

/** Whether the vectors under way fit into registers beside the sums. */
function isHeld(geometry: ConvGeometry, kind: StemKind, tile: StemTile, limits: GpuLimits): boolean {
  const most = mostHeld(limits, tile);
  const threads = stemThreads(tile);
  const [x, w] = stagedVectors(geometry, kind, tile).map((count) => Math.ceil(count / threads));
  const whole = tile.chunk === tapRows(geometry, kind);
  // Elements of columns are single.
  const held = kind === 'columns' ? x / 4 : x;
  // Before the first sum all registers are free; but SwiftShader takes minutes to compile six loads.
  if (whole) return held <= (tile.tiles > 1 || isSoftware(limits) ? most : 2 * most);
  return held + w <= most || tile.chunk === 1;
}

type LaneShape = Pick<StemTile, 'outerLanes' | 'alongLanes'>;

/** Shapes of up to `most` lanes over positions: whole rows, or equal parts of them. */
function laneShapes(
  { batch, output }: ConvGeometry,
  kind: StemKind,
  positions: number,
  most: number,
): LaneShape[] {
  if (kind === 'columns') return columnLanes(output[2], batch * Math.ceil(output[1] / positions), most);
  const groups = Math.ceil(output[2] / positions);
  const widths = Array.from({ length: groups }, (_, i) => Math.ceil(groups / (i + 1)));
  const shapes: LaneShape[] = [];
  for (const alongLanes of new Set(widths)) {
    // 32 images are a line of memory in f32.
    const outer = kind === 'images' ? [Math.min(8, Math.ceil(batch / 4))] : counting(output[1], 64);
    for (const outerLanes of outer) {
      if (outerLanes * alongLanes <= most) shapes.push({ outerLanes, alongLanes });
    }
  }
  return shapes;
}

/** Lanes of columns: a row, or equal parts of it. */
function columnLanes(width: number, blocks: number, most: number): LaneShape[] {
  const widths = Array.from({ length: Math.ceil(width / 16) }, (_, i) => Math.ceil(width / (i + 1)));
  return widths.flatMap((alongLanes) =>
    counting(blocks, 8).flatMap((outerLanes) =>
      outerLanes * alongLanes <= most ? [{ outerLanes, alongLanes }] : [],
    ),
  );
}

function counting(least: number, most: number): number[] {
  return Array.from({ length: Math.min(least, most) }, (_, i) => Math.min(least, most) - i);
}

/** Sums between two barriers that cost as much as waiting there. */
const BARRIER = 100;

/** The share of a tile's invocations and time that goes into sums; small workgroups count less. */
function utilisation({ output, kernel }: ConvGeometry, kind: StemKind, tile: StemTile): number {
  const threads = stemThreads(tile);
  const width = tile.alongLanes * (kind === 'columns' ? 1 : tile.positions);
  const across = output[2] / (Math.ceil(output[2] / width) * width);
  const down = isLines(kind) ? output[1] / (Math.ceil(output[1] / tile.outerLanes) * tile.outerLanes) : 1;
  const work = tile.chunk * kernel[stemAxis(kind)] * tile.positions * tile.channels;
  const filled = (threads / (32 * Math.ceil(threads / 32))) * Math.min(1, threads / ENOUGH);
  return across * down * filled * (work / (work + BARRIER));
}
