/** Sizes of the staged direct convolution (stem.ts): what is legal, what fits, and what is a good default. */
import type { GpuLimits } from '../../devices/gpu.js';
import type { ConvGeometry } from './geometry.js';

/**
 * How an invocation's positions lie, and what its sums are vectors of: along W, of output channels; the same with the input
 * staged in vectors of four columns as they lie in memory; along H, of output channels; along W, of four images of the batch.
 */
export type StemKind = 'lines' | 'vectors' | 'columns' | 'images';

/** Whether positions lie along W, and sums are vectors of output channels. */
export function isLines(kind: StemKind): boolean {
  return kind === 'lines' || kind === 'vectors';
}

export interface StemTile {
  /** Neighbouring output columns of an invocation. */
  readonly positions: number;
  /** Output channels of an invocation, a multiple of 4. */
  readonly channels: number;
  /** Invocations of a workgroup along the output's rows (lines) or the batch in steps of four (images). */
  readonly outerLanes: number;
  /** Invocations along W. */
  readonly alongLanes: number;
  /** Invocations along the output channels. */
  readonly channelLanes: number;
  /** Rows of taps (of one input channel and kernel row each) that are staged at a time: a divisor of all. */
  readonly chunk: number;
  /**
   * Whether neighbouring invocations share their weights, and the pair behind it their input, instead of only one of both
   * being shared by eight. Loads of 128 bits from workgroup memory take half the time on NVIDIA where, all through a
   * half of a subgroup, neighbours or next but one load the same place.
   */
  readonly paired: boolean;
  /** Tiles that a workgroup makes one after another, the next one's input under way; 1 where rows of taps are in chunks. */
  readonly tiles: number;
}

/** What the text of a kernel depends on. */
export interface StemShape {
  readonly kind: StemKind;
  readonly positions: number;
  /** Vectors of output channels of an invocation. */
  readonly vectors: number;
  readonly stride: number;
  /** Taps of a row. */
  readonly taps: number;
  readonly chunk: number;
  readonly chunks: number;
  /** Vectors that an invocation stages of a chunk. */
  readonly xLoads: number;
  readonly wLoads: number;
  /** Whether all rows of a chunk are written out, instead of a loop over them. */
  readonly writtenOut: boolean;
  /** Columns staged in front of a line, from where a vector begins. */
  readonly lead: number;
}

/** Whether a CPU does the work, by its subgroups of 4: SwiftShader takes minutes to compile what GPUs' compilers do at once. */
function isSoftware({ subgroupSize }: GpuLimits): boolean {
  return subgroupSize[1] === 4;
}

/** Multiply-adds of vectors that are written out at most: more do not fit into the instruction caches of GPUs. */
export function mostLines(limits: GpuLimits): number {
  return isSoftware(limits) ? 40 : 640;
}

/** Vectors under way in registers at most, besides 64 sums. */
function mostHeld(limits: GpuLimits): number {
  return isSoftware(limits) ? 3 : 6;
}

/** The spatial axis that positions and rows of taps lie along, of [D, H, W]. */
export function stemAxis(kind: StemKind): 1 | 2 {
  return kind === 'columns' ? 1 : 2;
}

/** Rows of taps: one per input channel and kernel row, or kernel column. */
export function tapRows({ kernel, channels }: ConvGeometry, kind: StemKind): number {
  return kernel[3 - stemAxis(kind)] * channels;
}

/** Invocations per workgroup. */
export function stemThreads({ outerLanes, alongLanes, channelLanes }: StemTile): number {
  return outerLanes * alongLanes * channelLanes;
}

/** Columns between the beginnings of a line and of its first vector. */
function leadOf({ padsBegin }: ConvGeometry, kind: StemKind): number {
  return kind === 'vectors' ? (4 - (padsBegin[2] % 4)) % 4 : 0;
}

/** Vectors (rows, of columns) of one staged line. */
export function lineVectors(geometry: ConvGeometry, kind: StemKind, tile: StemTile): number {
  const { strides, kernel } = geometry;
  const { positions, alongLanes } = tile;
  if (kind === 'columns') return (positions - 1) * strides[1] + kernel[1];
  if (kind === 'images') return (alongLanes * positions - 1) * strides[2] + kernel[2];
  const own = Math.ceil((leadOf(geometry, kind) + (positions - 1) * strides[2] + kernel[2]) / 4);
  return ((alongLanes - 1) * positions * strides[2]) / 4 + own;
}

/** Staged vectors of the input (elements, of columns) and of the weights. */
export function stagedVectors(geometry: ConvGeometry, kind: StemKind, tile: StemTile): [number, number] {
  const { outerLanes, alongLanes, channelLanes, channels, chunk } = tile;
  const lines = outerLanes * chunk * (kind === 'columns' ? alongLanes : 1);
  return [
    lines * lineVectors(geometry, kind, tile),
    chunk * geometry.kernel[stemAxis(kind)] * (channels / 4) * channelLanes,
  ];
}

/** Bytes of workgroup memory; vectors of images are padded by one, against bank conflicts. */
export function stemBytes(geometry: ConvGeometry, kind: StemKind, tile: StemTile): number {
  const [x, w] = stagedVectors(geometry, kind, tile);
  if (kind === 'columns') return x * 4 + w * 16;
  const padding = kind === 'images' ? x / tile.outerLanes : 0;
  return (x + padding + w) * 16;
}

/** Why a tile cannot be used, or undefined. */
export function stemTileRefusal(
  geometry: ConvGeometry,
  kind: StemKind,
  tile: StemTile,
  limits: GpuLimits,
): string | undefined {
  const { positions, channels, chunk, tiles } = tile;
  if (isLines(kind) && (positions * geometry.strides[2]) % 4 > 0)
    return 'lanes would begin between vectors of the line';
  if (positions * channels > 128) return 'more than 128 sums do not fit into registers';
  const rows = tapRows(geometry, kind);
  if (rows % chunk > 0) return 'chunks do not divide the rows of taps';
  if (tiles > 1 && chunk < rows) return 'only whole windows are staged tile by tile';
  if (tile.paired && !pairedDirection(kind, tile)) return 'no lanes to pair';
  const threads = stemThreads(tile);
  if (threads > limits.maxInvocations || threads > limits.maxWorkgroupSize[0])
    return `the tile needs ${threads} invocations per workgroup`;
  const bytes = stemBytes(geometry, kind, tile);
  if (bytes > limits.maxWorkgroupBytes) return `the tile needs ${bytes} bytes of workgroup memory`;
  return undefined;
}

type Direction = 'outer' | 'along' | 'channel';

/** Directions in the order of invocations: that in which y is contiguous comes first. */
function laneOrder(kind: StemKind): readonly Direction[] {
  if (kind === 'images') return ['outer', 'along', 'channel'];
  return kind === 'columns' ? ['along', 'outer', 'channel'] : ['channel', 'along', 'outer'];
}

function lanesAlong({ outerLanes, alongLanes, channelLanes }: StemTile, direction: Direction): number {
  return { outer: outerLanes, along: alongLanes, channel: channelLanes }[direction];
}

/** The direction in which the first two invocations are neighbours, in paired tiles. */
function pairedDirection(kind: StemKind, tile: StemTile): Direction | undefined {
  // Columns share weights all through a subgroup.
  const order: readonly Direction[] =
    kind === 'images' ? ['channel'] : kind === 'columns' ? [] : ['along', 'outer'];
  return order.find((direction) => lanesAlong(tile, direction) % 2 === 0);
}

/** How many invocations lie between neighbours along each direction, and how many neighbours come first of all. */
export function laneConstants(kind: StemKind, tile: StemTile): Record<string, number> {
  const pair = tile.paired ? pairedDirection(kind, tile) : undefined;
  const result: Record<string, number> = {};
  let step = pair ? 2 : 1;
  for (const direction of laneOrder(kind)) {
    const size = direction === pair ? 2 : 1;
    result[`${direction.toUpperCase()}_STEP`] = step;
    result[`${direction.toUpperCase()}_PAIR`] = size;
    step *= lanesAlong(tile, direction) / size;
  }
  return result;
}

/** What the text depends on, for a tile. */
export function stemShape(geometry: ConvGeometry, kind: StemKind, tile: StemTile, most: number): StemShape {
  const { positions, channels, chunk } = tile;
  const [x, w] = stagedVectors(geometry, kind, tile);
  const threads = stemThreads(tile);
  const axis = stemAxis(kind);
  const taps = geometry.kernel[axis];
  const lines = chunk * taps * positions * (kind === 'images' ? channels : channels / 4);
  return {
    kind,
    positions,
    vectors: channels / 4,
    stride: geometry.strides[axis],
    taps,
    chunk,
    chunks: tapRows(geometry, kind) / chunk,
    xLoads: Math.ceil(x / threads),
    wLoads: Math.ceil(w / threads),
    writtenOut: lines <= most,
    lead: leadOf(geometry, kind),
  };
}

/** What a tile is made from; the rest follows from the convolution's sizes. */
export interface StemSizes extends Pick<StemTile, 'positions' | 'channels' | 'chunk' | 'tiles'> {
  /** Invocations of a workgroup at most. */
  readonly threads: number;
}

/** Sizes to choose from, but for chunks: see `stemChunks`. */
export const STEM_SIZES = {
  positions: [1, 2, 4, 8],
  channels: [4, 8, 16],
  threads: [64, 96, 128, 192, 256, 384, 512],
  tiles: [1, 2, 4],
} as const;

/** The sizes' part of a kernel id. */
export function sizesTag({ positions, channels, threads, chunk, tiles }: StemSizes): string {
  return `${positions}x${channels}_t${threads}k${chunk}s${tiles}`;
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
  readonly paired?: boolean;
}

/** Invocations below which a workgroup leaves a multiprocessor empty. */
const ENOUGH = 96;

/** A good tile for a convolution on a device, with some of its sizes given; undefined if none is legal. */
export function stemTile(
  geometry: ConvGeometry,
  kind: StemKind,
  limits: GpuLimits,
  wish: StemWish = {},
): StemTile | undefined {
  const { outChannels } = geometry;
  const { positions, channels } = { ...defaultSums(geometry, kind), ...wish };
  const most = Math.min(wish.threads ?? 256, limits.maxInvocations);
  const laneLimit = Math.min(wish.channelLanes ?? 16, most);
  const channelTiles = Math.ceil(outChannels / channels / laneLimit);
  const channelLanes = Math.ceil(outChannels / channels / channelTiles);
  const shared = { positions, channels, channelLanes, tiles: wish.tiles ?? 1, paired: wish.paired ?? false };
  let best: { tile: StemTile; score: number } | undefined;
  for (const lanes of laneShapes(geometry, kind, positions, Math.floor(most / channelLanes))) {
    for (const chunk of wish.chunk === undefined ? stemChunks(geometry, kind).reverse() : [wish.chunk]) {
      const tile = { ...shared, ...lanes, chunk };
      if (stemTileRefusal(geometry, kind, tile, limits) || !isHeld(geometry, kind, tile, limits)) continue;
      const score = utilisation(geometry, kind, tile);
      if (!best || score > best.score + 1e-9) best = { tile, score };
      break;
    }
  }
  return best?.tile;
}

/** Invocations that fill a large GPU: below, sums are divided over more of them. */
const FULL = 2 ** 16;

/** Positions and channels of an invocation: 64 sums where the output is large, else 32 or 16. */
function defaultSums(geometry: ConvGeometry, kind: StemKind): Pick<StemTile, 'positions' | 'channels'> {
  const { batch, outChannels, output } = geometry;
  const outputs = batch * outChannels * output[1] * output[2];
  const sums = [64, 32].find((count) => outputs / count >= FULL) ?? 16;
  const channels = outChannels >= 8 && sums > 16 ? 8 : 4;
  if (kind === 'images') return { positions: sums > 32 && output[2] > 1 ? 2 : 1, channels };
  const extent = output[stemAxis(kind)];
  const width = (positions: number): number => Math.ceil(extent / positions) * positions;
  const wide = sums > 32 && width(8) <= 1.1 * width(4);
  return { positions: wide ? 8 : 4, channels };
}

/** Whether the vectors under way fit into registers beside the sums. */
function isHeld(geometry: ConvGeometry, kind: StemKind, tile: StemTile, limits: GpuLimits): boolean {
  const most = mostHeld(limits);
  const threads = stemThreads(tile);
  const [x, w] = stagedVectors(geometry, kind, tile).map((count) => Math.ceil(count / threads));
  const whole = tile.chunk === tapRows(geometry, kind);
  // Elements of columns are single.
  const held = kind === 'columns' ? x / 4 : x;
  // Before the first sum all registers are free.
  if (whole) return held <= (tile.tiles > 1 ? most : 2 * most);
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
    const outer = kind === 'images' ? [Math.min(8, Math.ceil(batch / 4))] : counting(batch * output[1], 64);
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
  const work = tile.chunk * kernel[stemAxis(kind)] * tile.positions * tile.channels;
  const filled = (threads / (32 * Math.ceil(threads / 32))) * Math.min(1, threads / ENOUGH);
  return across * filled * (work / (work + BARRIER));
}
