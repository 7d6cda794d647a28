/** What one workgroup of the tile kernel stages: pure functions of a shape, for the default and for the tuner. */
import { itemWords } from './reduction.js';
import { LARGEST_KERNEL } from './patches.js';
import type { PoolConfig } from './pool-config.js';

export interface Tile {
  /** Whole planes per workgroup; 1 where a workgroup takes a band of a plane. */
  readonly planes: number;
  /** Output rows of a plane per workgroup: all, or a band of them. */
  readonly band: number;
  /** Output rows that one invocation walks down. */
  readonly strip: number;
}

export const TILE_WORKGROUP = 256;

/** Elements of 32 bits that a workgroup may stage: 16 loads per invocation, all in flight at once. */
const LARGEST_TILE = 16 * TILE_WORKGROUP;

/** Elements staged by default, 12 KiB: enough loads in flight, and eight such workgroups fit a multiprocessor. */
const GOOD_TILE = 12 * TILE_WORKGROUP;

/** Workgroups that a large GPU's multiprocessors can share evenly. */
const ENOUGH_GROUPS = 528;

/** Input rows under a band of output rows. */
export function bandRows(config: PoolConfig, band: number): number {
  const { kernel, strides } = config.window;
  return Math.min(config.x.dims[2], (band - 1) * strides[0] + kernel[0]);
}

/** Elements that a workgroup stages: whole planes, or a band. */
export function tileElements(config: PoolConfig, { planes, band }: Tile): number {
  const [, , inH, inW] = config.x.dims;
  return band === config.y.dims[2] ? planes * inH * inW : bandRows(config, band) * inW;
}

function room(config: PoolConfig, wanted: number): number {
  return Math.min(wanted, Math.floor(config.limits.maxWorkgroupBytes / 4));
}

/** Whether a tile fits the workgroup memory and its parts the output. */
export function isLegalTile(config: PoolConfig, tile: Tile): boolean {
  const [batch, channels, outH] = config.y.dims;
  const { planes, band, strip } = tile;
  const whole = band === outH ? planes <= batch * channels : planes === 1 && band < outH;
  const positive = planes >= 1 && band >= 1 && strip >= 1 && strip <= band;
  return whole && positive && tileElements(config, tile) <= room(config, LARGEST_TILE);
}

/** Why the tile kernel cannot run this pooling, if so. The configuration has two spatial axes. */
export function tileRefusal(config: PoolConfig): string | undefined {
  const { kernel, dilations } = config.window;
  if (kernel.length > 2) return 'the window has more than two axes';
  // Padding alone may be enough for a window.
  if (config.x.dims.includes(0)) return 'the input is empty';
  if (dilations.some((dilation, axis) => dilation > 1 && kernel[axis] > 1)) return 'the window is dilated';
  if (kernel[0] * itemWords(config.reduction) > 2 * LARGEST_KERNEL) {
    return `the window is higher than ${(2 * LARGEST_KERNEL) / itemWords(config.reduction)}`;
  }
  if (!isLegalTile(config, defaultTile(config))) return 'a window’s rows do not fit the workgroup memory';
  return undefined;
}

/**
 * The tile to start from: as many whole planes as `GOOD_TILE` holds and still make `ENOUGH_GROUPS`; of larger
 * planes bands of equal height. Strips as long as leaves one for each invocation.
 */
export function defaultTile(config: PoolConfig): Tile {
  const [, , inH, inW] = config.x.dims;
  const [batch, channels, outH, outW] = config.y.dims;
  const good = room(config, GOOD_TILE);
  if (inH * inW <= good) {
    const even = Math.max(1, Math.floor((batch * channels) / ENOUGH_GROUPS));
    const planes = Math.min(Math.floor(good / (inH * inW)), even);
    return { planes, band: outH, strip: stripOf(planes * outW, outH) };
  }
  const { kernel, strides } = config.window;
  const rows = Math.floor(good / inW);
  const most = Math.min(outH, Math.max(1, Math.floor((rows - kernel[0]) / strides[0]) + 1));
  const bands = Math.ceil(outH / most);
  const band = Math.ceil(outH / bands);
  return { planes: 1, band, strip: stripOf(outW, band) };
}

function stripOf(columns: number, rows: number): number {
  const strips = Math.max(1, Math.floor(TILE_WORKGROUP / columns));
  return Math.ceil(rows / Math.min(strips, rows));
}

/** Every tile worth timing. The configuration has two spatial axes. */
export function legalTiles(config: PoolConfig): Tile[] {
  const outH = config.y.dims[2];
  const outW = config.y.dims[3];
  const tiles: Tile[] = [];
  for (const planes of [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64]) {
    tiles.push({ planes, band: outH, strip: stripOf(planes * outW, outH) });
  }
  for (const bands of [2, 3, 4, 5, 6, 8, 12, 16, 24, 32]) {
    const band = Math.ceil(outH / bands);
    if (band < outH) tiles.push({ planes: 1, band, strip: stripOf(outW, band) });
  }
  const legal = tiles.filter((tile) => isLegalTile(config, tile));
  return legal.filter(
    (tile, i) => legal.findIndex(({ planes, band }) => planes === tile.planes && band === tile.band) === i,
  );
}
