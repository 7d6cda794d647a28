/**
 * How many invocations work on a row, and how many rows a workgroup takes. Two forms, after what is innermost in
 * memory: where rows are contiguous, neighbouring invocations form a team that reads a row together; where rows
 * are strided, neighbouring invocations ("lanes") take neighbouring rows, and the members of a team lie LANES
 * apart. Either way a workgroup's loads are contiguous.
 */
import type { GpuLimits } from '../../devices/gpu.js';
import { inUnits, type Placement, type RowSpace } from './row-space.js';

export interface TeamTile {
  /** Neighbouring elements per load: along the row where it is contiguous, else across rows. */
  readonly vector: 1 | 4;
  /** Invocations per row: a power of two. team * lanes is the workgroup's size. */
  readonly team: number;
  /** Rows (or vectors of rows) per workgroup: a power of two. */
  readonly lanes: number;
  /** Units that an invocation holds in registers; in streaming kernels, loads in flight at a time. */
  readonly steps: number;
}

/** Invocations that keep a large GPU busy: 132 processors of 2048, half full. */
const BUSY_INVOCATIONS = 2 ** 17;
/** Workgroups that keep it busy: two per processor. */
const BUSY_GROUPS = 264;
/** Registers for a row's elements, in 32-bit words per invocation: wanted, and at most. */
const WANTED_WORDS = 32;
const MOST_WORDS = 64;
/** Lanes that fill a memory sector (32 bytes) with scalars. */
const SECTOR_LANES = 8;

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)));
}

function powerOfTwoWithin(atMost: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, atMost)));
}

/** Units in a row and rows (or vectors of rows), for a vector width. */
export function unitsOf(space: RowSpace, vector: number): { readonly row: number; readonly kept: number } {
  return space.inner === 'row'
    ? { row: space.row / vector, kept: space.kept }
    : { row: space.row, kept: space.kept / vector };
}

/**
 * Elements per load: 4 where all placements allow it; across strided rows only if enough workgroups remain.
 */
export function vectorFor(space: RowSpace, placements: readonly Placement[]): 1 | 4 {
  if (!placements.every((placement) => inUnits(space, placement, 4))) return 1;
  if (space.inner === 'row') return 4;
  return space.kept * space.row >= 2 ** 20 || space.row <= 8 ? 4 : 1;
}

/** Whether the register budget, the device's limits and the powers of two hold. */
export function isValidTile(tile: TeamTile, limits: GpuLimits): boolean {
  const { vector, team, lanes, steps } = tile;
  const threads = team * lanes;
  const powers = [team, lanes].every((value) => Number.isInteger(Math.log2(value)));
  return powers && threads <= maxThreads(limits) && steps >= 1 && steps * vector <= MOST_WORDS;
}

function maxThreads(limits: GpuLimits): number {
  return powerOfTwoWithin(Math.min(limits.maxInvocations, limits.maxWorkgroupSize[0], 1024));
}

/**
 * A tile whose teams hold whole rows in registers.
 * @param wider doublings (or, if negative, halvings) of the default team, for tuning
 * @returns undefined when a row does not fit
 */
export function residentTile(
  space: RowSpace,
  vector: 1 | 4,
  limits: GpuLimits,
  wider = 0,
): TeamTile | undefined {
  const most = maxThreads(limits);
  const units = unitsOf(space, vector);
  const minLanes =
    space.inner === 'row' ? 1 : Math.min(SECTOR_LANES / Math.min(vector, 2), powerOfTwo(units.kept));
  const widest = Math.min(most / minLanes, powerOfTwo(units.row));
  let team = Math.min(powerOfTwo((units.row * vector) / WANTED_WORDS), widest);
  // Contiguous rows: neighbours should cover a whole 128-byte line.
  if (space.inner === 'row') team = Math.max(team, Math.min(8, widest));
  while (team * 2 <= Math.min(widest, 256) && units.kept * team < BUSY_INVOCATIONS) team *= 2;
  team = Math.min(Math.max(1, team * 2 ** wider), widest);
  const lanes = lanesFor(space, units.kept, team, minLanes, most);
  const tile = { vector, team, lanes, steps: Math.max(1, Math.ceil(units.row / team)) };
  return isValidTile(tile, limits) ? tile : undefined;
}

/** A tile for rows of any length, which are read in batches of a few loads. */
export function streamTile(space: RowSpace, vector: 1 | 4, limits: GpuLimits): TeamTile {
  const most = maxThreads(limits);
  const units = unitsOf(space, vector);
  const minLanes = space.inner === 'row' ? 1 : Math.min(SECTOR_LANES, powerOfTwo(units.kept));
  const steps = Math.max(1, Math.min(vector === 4 ? 4 : 8, units.row));
  const widest = Math.min(most / minLanes, powerOfTwo(units.row / steps));
  let team = Math.min(widest, space.inner === 'row' ? 32 : 1);
  while (team * 2 <= Math.min(widest, 256) && units.kept * team < BUSY_INVOCATIONS) team *= 2;
  return { vector, team, lanes: lanesFor(space, units.kept, team, minLanes, most), steps };
}

/** A tile whose workgroups each take a chunk of team * steps units of a row. */
export function chunkTile(space: RowSpace, vector: 1 | 4, limits: GpuLimits): TeamTile {
  const threads = Math.min(256, maxThreads(limits));
  const units = unitsOf(space, vector);
  const lanes = space.inner === 'row' ? 1 : Math.min(SECTOR_LANES, powerOfTwo(units.kept));
  const steps = WANTED_WORDS / vector / (vector === 4 ? 1 : 2);
  // Short rows: smaller chunks, so that there are more of them.
  const team = Math.min(threads / lanes, powerOfTwo(units.row / steps));
  return { vector, team, lanes, steps: Math.min(steps, Math.max(1, Math.ceil(units.row / team))) };
}

/** Workgroups that share a row when each takes team * steps units of it. */
export function chunksOf(space: RowSpace, { vector, team, steps }: TeamTile): number {
  return Math.ceil(unitsOf(space, vector).row / (team * steps));
}

/** Whether several workgroups may share a row: it is longer than a chunk, and rows alone do not fill the device. */
export function allowsChunks(space: RowSpace, tile: TeamTile, chunked: TeamTile): boolean {
  return unitsOf(space, tile.vector).kept / tile.lanes < BUSY_GROUPS && chunksOf(space, chunked) >= 2;
}

/** Whether they should: rows are so few and so long that it pays for two more launches. */
export function wantsChunks(space: RowSpace, tile: TeamTile, chunked: TeamTile): boolean {
  const groups = Math.ceil(unitsOf(space, tile.vector).kept / tile.lanes);
  return groups < BUSY_GROUPS / 2 && chunksOf(space, chunked) >= 4 && space.row * space.kept >= 2 ** 20;
}

function lanesFor(space: RowSpace, kept: number, team: number, minLanes: number, most: number): number {
  let lanes = Math.max(minLanes, Math.min(256, most) / team);
  while (lanes > minLanes && (kept / lanes < BUSY_GROUPS || lanes / 2 >= kept)) {
    // A workgroup of contiguous rows keeps at least a subgroup's worth of invocations.
    if (space.inner === 'row' && (lanes / 2) * team < 32) break;
    lanes /= 2;
  }
  return Math.max(1, Math.min(lanes, powerOfTwo(kept)));
}

/** A tile in a kernel's id: `t64x4s4v4`. */
export function tileTag({ vector, team, lanes, steps }: TeamTile): string {
  return `t${team}x${lanes}s${steps}v${vector}`;
}
