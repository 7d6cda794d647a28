/** Tiles of products on tensor cores in CUDA C++: how much a block computes, and who of it multiplies what. */
import type { GpuLimits } from '../../devices/gpu.js';
import { MMA_BYTES, type MmaType } from './instructions.js';

/** Threads of a warp. */
export const WARP = 32;

/** Bytes of an asynchronous copy, and of a row of a matrix that `ldmatrix` loads. */
export const CHUNK = 16;

/** A block's share of a product. */
export interface MmaTile {
  readonly rows: number;
  readonly cols: number;
  /** Depth of one step, in elements: lines of 64 or 128 bytes. */
  readonly depth: number;
  /** Who multiplies: warps (`mma`), or warpgroups of four (`wgmma`, on compute capability 9.0 alone). */
  readonly unit: 'warp' | 'group';
  /** Units along the rows and along the columns, each with an equal share. */
  readonly rowUnits: number;
  readonly colUnits: number;
  /** Steps that are in shared memory at once, most of them still arriving. */
  readonly stages: number;
}

/** How an operand lies: lines along the depth, one per row (column), or lines along rows (columns), one per depth. */
export interface MmaStaging {
  readonly type: MmaType;
  readonly rowsAcross: boolean;
  readonly colsAcross: boolean;
}

/** Warps of a unit. */
const UNIT_WARPS = { warp: 1, group: 4 } as const;

/** Threads of a block. */
export function mmaThreads({ unit, rowUnits, colUnits }: MmaTile): number {
  return rowUnits * colUnits * UNIT_WARPS[unit] * WARP;
}

/** Bytes of a step's line of one operand along the depth. */
export function lineBytes(tile: MmaTile, type: MmaType): number {
  return tile.depth * MMA_BYTES[type];
}

/** Rows and columns of a unit. */
export function unitShare({ rows, cols, rowUnits, colUnits }: MmaTile): [number, number] {
  return [rows / rowUnits, cols / colUnits];
}

/** Fragments of sixteen rows by eight columns whose sums a warp keeps, along the rows and along the columns. */
export function warpFragments(tile: MmaTile): [number, number] {
  const [rows, cols] = unitShare(tile);
  return [rows / (16 * UNIT_WARPS[tile.unit]), cols / 8];
}

/** Columns of a strip of sums: as many as leave room for a fourth stage of the largest tiles, whole sectors of 32 bytes. */
export function mmaStripCols(tile: MmaTile): number {
  const [, cols] = unitShare(tile);
  return [32, 16].find((count) => cols % count === 0) ?? 8;
}

/**
 * Floats from row to row of a strip of sums: eight more than a multiple of sixteen, so that of the rows which half a warp
 * writes at once each begins at another quarter of the banks.
 */
export function mmaStripPitch(tile: MmaTile): number {
  const cols = mmaStripCols(tile);
  return cols + (cols % 16 === 8 ? 0 : 8);
}

/** Bytes of shared memory: all stages, and behind them a strip of sixteen rows of sums per warp. */
export function mmaBytes(tile: MmaTile, type: MmaType): number {
  const staged = (tile.rows + tile.cols) * lineBytes(tile, type) * tile.stages;
  const strips = (mmaThreads(tile) / WARP) * 16 * mmaStripPitch(tile) * 4;
  return staged + strips;
}

/** What a multiprocessor of an H200 has for its blocks; of shared memory each block costs 1 KiB more. */
const PROCESSOR = { bytes: 228 * 1024, registers: 65536 } as const;

/** Blocks that a multiprocessor has room for, at least one. */
export function residentBlocks(tile: MmaTile, type: MmaType): number {
  const byBytes = Math.floor(PROCESSOR.bytes / (mmaBytes(tile, type) + 1024));
  const byRegisters = Math.floor(PROCESSOR.registers / (mmaThreads(tile) * mmaRegisters(tile)));
  return Math.max(1, Math.min(byBytes, byRegisters));
}

/**
 * Registers of a thread, about: the sums, two sets of fragments (a warpgroup has none), addresses. A kernel with more than
 * 255 keeps some in memory.
 */
export function mmaRegisters(tile: MmaTile): number {
  const [rows, cols] = warpFragments(tile);
  const fragments = tile.unit === 'warp' ? 2 * (4 * rows + 2 * cols) : 0;
  return Math.min(255, 4 * rows * cols + fragments + 56);
}

/** Most sums of a thread: half of its registers. */
const MOST_SUMS = 128;

/** Why a tile cannot be used on a device, or undefined. */
export function mmaTileRefusal(tile: MmaTile, staging: MmaStaging, limits: GpuLimits): string | undefined {
  return (
    shapeRefusal(tile) ??
    lineRefusal(tile, staging) ??
    unitRefusal(tile, staging) ??
    deviceRefusal(tile, staging, limits)
  );
}

function shapeRefusal(tile: MmaTile): string | undefined {
  const { unit, stages } = tile;
  const [rows, cols] = warpFragments(tile);
  const [, share] = unitShare(tile);
  // Warps read the columns of two fragments at once.
  const whole = [rows, unit === 'warp' ? cols / 2 : cols].every((count) => Number.isInteger(count));
  if (!whole) return 'the tile does not divide into the fragments of its units';
  if (unit === 'group' && share > 256) return 'a warpgroup multiplies 256 columns at most';
  if (4 * rows * cols > MOST_SUMS) return 'the sums do not fit into registers';
  return stages < (unit === 'group' ? 3 : 2) ? 'copies need more stages' : undefined;
}

function lineRefusal(tile: MmaTile, { type, rowsAcross, colsAcross }: MmaStaging): string | undefined {
  const bytes = lineBytes(tile, type);
  if (bytes !== 64 && bytes !== 128) return 'lines are of 64 or 128 bytes';
  const threads = mmaThreads(tile);
  const sides = [
    { extent: tile.rows, across: rowsAcross },
    { extent: tile.cols, across: colsAcross },
  ];
  for (const { extent, across } of sides) {
    const width = extent * MMA_BYTES[type];
    if (across && width % 128 !== 0 && width !== 64) return 'lines across are of 64 or 128 bytes';
    const perLine = (across ? Math.min(width, 128) : bytes) / CHUNK;
    // Every pass of the block over a piece keeps a thread's place within the eight lines that are swizzled alike.
    if ((threads / perLine) % 8 !== 0) return 'threads do not share the copies';
  }
  return undefined;
}

function unitRefusal({ unit }: MmaTile, { rowsAcross, colsAcross }: MmaStaging): string | undefined {
  return unit === 'group' && (rowsAcross || colsAcross)
    ? 'warpgroups take operands along the depth'
    : undefined;
}

function deviceRefusal(tile: MmaTile, { type }: MmaStaging, limits: GpuLimits): string | undefined {
  const threads = mmaThreads(tile);
  if (threads > limits.maxInvocations || threads > limits.maxWorkgroupSize[0]) {
    return `the tile needs ${threads} threads per block`;
  }
  const bytes = mmaBytes(tile, type);
  return bytes > (limits.maxSharedBytes ?? limits.maxWorkgroupBytes)
    ? `the tile needs ${bytes} bytes of shared memory`
    : undefined;
}

/** A tile's part of a kernel id: `t128x256x64g2x1s4`, `w` for warps and `g` for warpgroups. */
export function mmaTileTag({ rows, cols, depth, unit, rowUnits, colUnits, stages }: MmaTile): string {
  return `t${rows}x${cols}x${depth}${unit === 'warp' ? 'w' : 'g'}${rowUnits}x${colUnits}s${stages}`;
}
