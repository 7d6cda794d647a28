/** Sizes of the staged direct convolution (stem.ts): what is legal, what fits, and what is a good default. */
import type { GpuLimits } from '../../devices/gpu.js';
import type { ConvGeometry } from '../conv/geometry.js';

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
   * 2 if invocations 2i and 2i + 1 share what neighbours otherwise differ in (the weights, of lines), and 2i and 2i + 2 the
   * rest; else 1. Loads of vectors from workgroup memory are then served for 16 invocations at once, instead of 8.
   */
  readonly pair: number;
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
  /** Channels of a row of the input that is staged for all output rows of a tile; undefined where each has its own. */
  readonly sharedRow?: number;
}

/** Whether a CPU does the work, by its subgroups of 4: SwiftShader takes minutes to compile what GPUs' compilers do at once. */
export function isSoftware({ subgroupSize }: GpuLimits): boolean {
  return subgroupSize[1] === 4;
}

/**
 * Multiply-adds of vectors that are written out at most: more do not fit into the instruction caches of GPUs. On an H200
 * 24x24 positions of 5x5 taps took 28 us with 600 written out, and 19 with 200; 432 are still as fast as a third of them.
 */
export const WRITTEN = 450;

export function mostLines(limits: GpuLimits): number {
  return isSoftware(limits) ? 40 : WRITTEN;
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

/**
 * Staged lines of the input: of every output row the rows of taps of a chunk; where that is the whole window, the rows of
 * the input that a tile needs, once, of every channel.
 */
export function stagedLines(
  geometry: ConvGeometry,
  kind: StemKind,
  tile: StemTile,
): { readonly shared: boolean; readonly rows: number; readonly each: number } {
  const { outerLanes, chunk } = tile;
  const shared = isLines(kind) && chunk === tapRows(geometry, kind);
  return shared
    ? { shared, rows: (outerLanes - 1) * geometry.strides[1] + geometry.kernel[1], each: geometry.channels }
    : { shared, rows: outerLanes, each: chunk };
}

/** Staged vectors of the input (elements, of columns) and of the weights. */
export function stagedVectors(geometry: ConvGeometry, kind: StemKind, tile: StemTile): [number, number] {
  const { alongLanes, channelLanes, channels, chunk } = tile;
  const { rows, each } = stagedLines(geometry, kind, tile);
  return [
    rows * each * (kind === 'columns' ? alongLanes : 1) * lineVectors(geometry, kind, tile),
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
  if (tile.pair > 1 && !pairedDirection(kind, tile)) return 'no lanes to pair';
  const threads = stemThreads(tile);
  if (threads > limits.maxInvocations || threads > limits.maxWorkgroupSize[0])
    return `the tile needs ${threads} invocations per workgroup`;
  const bytes = stemBytes(geometry, kind, tile);
  if (bytes > limits.maxWorkgroupBytes) return `the tile needs ${bytes} bytes of workgroup memory`;
  return undefined;
}

/** Multiply-adds of vectors of an invocation in a chunk. */
export function chunkLines({ kernel }: ConvGeometry, kind: StemKind, tile: StemTile): number {
  const { chunk, positions, channels } = tile;
  return chunk * kernel[stemAxis(kind)] * positions * (kind === 'images' ? channels : channels / 4);
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
  const pair = tile.pair > 1 ? pairedDirection(kind, tile) : undefined;
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
    writtenOut: chunkLines(geometry, kind, tile) <= most,
    lead: leadOf(geometry, kind),
    ...(stagedLines(geometry, kind, tile).shared ? { sharedRow: geometry.channels } : {}),
  };
}
