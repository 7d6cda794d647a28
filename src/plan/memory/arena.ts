/**
 * Banks and offsets for tensors that live for a part of the run: in few bytes, and nearly always in as few as possible.
 *
 * WebGPU refuses a launch that binds one buffer both read-only and writable, even at different offsets. So the arena is
 * several buffers (banks), and what a launch reads belongs in other banks than what it writes. Mostly that costs
 * nothing, if banks are chosen well. Where it does, a launch can still read and write one bank by binding all that it
 * has there as writable, at disjoint ranges, which WebGPU allows: such blocks are sharable. Compilers make less of memory
 * that is not read-only: on an H200 convolutions take 0 to 79 % longer so, and networks 2 to 10 % if all of their launches
 * share. So this is kept for the few launches without which too much memory would be wasted, and for a small part of the time.
 */
import { chooseBanks } from './banks.js';
import {
  lowerBound,
  peakOf,
  type Arena,
  type ArenaLimits,
  type Block,
  type Placement,
  type SizedBlock,
} from './block.js';
import { greedyBySize } from './greedy.js';
import { placeOffsets } from './offsets.js';
import { encountersOf, type Encounter } from './order.js';

/** Blocks that belong apart share a bank only if the arena would be larger than its lower bound by more than this. */
export const TOLERANCE = 1.05;

/** How many banks to try beyond those without which it would not do. */
const SPARE_BANKS = [0, 1, 2, 4];

/** Choices of banks from one search that get offsets: nearly always the first one is as good as the rest. */
const TRIES = 4;

/** Nobody needs so many: what is larger than all of them together does not fit into any GPU. */
const MAX_BANKS = 250;

/** What all steps of the search work on. */
interface Task {
  readonly blocks: readonly SizedBlock[];
  readonly encounters: readonly Encounter[];
  readonly limits: ArenaLimits;
  /** The most units alive at once. */
  readonly least: number;
  /** Units that fit into a bank. */
  readonly maxUnits: number;
}

/** Places blocks. The same blocks always get the same places. */
export function placeBlocks(blocks: readonly Block[], limits: ArenaLimits): Arena {
  const { alignment, maxBankBytes } = limits;
  const sized = blocks.map((block): SizedBlock => ({ ...block, units: Math.ceil(block.bytes / alignment) }));
  const { size: least } = peakOf(sized, ({ units }) => units);
  const task: Task = {
    blocks: sized,
    encounters: encountersOf(sized),
    limits,
    least,
    maxUnits: Math.floor(maxBankBytes / alignment),
  };
  const separate = placeSeparately(task);
  const bound = lowerBound(blocks);
  const target = Math.max(least, Math.floor((bound * TOLERANCE) / alignment));
  if (limits.maxPrice === 0 || unitsOf(separate, task) <= target) return separate;
  return placeSharing(task, separate, target);
}

/** With all that belongs apart in different banks. */
function placeSeparately(task: Task): Arena {
  const { encounters, maxUnits } = task;
  let best = greedyBySize(task.blocks, task.limits);
  for (const banks of bankCounts(task)) {
    let below = unitsOf(best, task);
    if (below <= task.least) break;
    for (const choice of chooseBanks(encounters, { banks, maxUnits, below, maxPrice: 0 }).slice(0, TRIES)) {
      const arena = choice.units < below ? placeInBanks(task, choice.banks) : undefined;
      if (!arena || unitsOf(arena, task) >= below) continue;
      best = arena;
      below = unitsOf(best, task);
    }
  }
  return best;
}

/**
 * In at most `target` units, with as little sharing as can be found; where the price limit allows none that small, in as few
 * units as can be found within it.
 */
function placeSharing(task: Task, separate: Arena, target: number): Arena {
  const { encounters, maxUnits, limits } = task;
  let best = { arena: separate, units: unitsOf(separate, task), price: 0 };
  const isBetter = (units: number, price: number): boolean =>
    best.units <= target ? units <= target && price < best.price : units < best.units;
  for (const banks of bankCounts(task)) {
    const below = best.units <= target ? target + 1 : best.units;
    const choices = chooseBanks(encounters, { banks, maxUnits, below, maxPrice: limits.maxPrice }).sort(
      (a, b) => Math.max(a.units, target) - Math.max(b.units, target) || a.price - b.price,
    );
    for (const choice of choices.slice(0, TRIES)) {
      if (!isBetter(choice.units, choice.price)) continue;
      const arena = placeInBanks(task, choice.banks);
      const units = arena ? unitsOf(arena, task) : Infinity;
      if (arena && isBetter(units, choice.price)) best = { arena, units, price: choice.price };
    }
  }
  return best.arena;
}

/** How many banks to try, the fewest first. */
function bankCounts({ least, maxUnits }: Task): number[] {
  const fewest = Math.max(1, Math.ceil(least / Math.max(1, maxUnits)));
  return SPARE_BANKS.map((spare) => fewest + spare).filter((count) => count <= MAX_BANKS);
}

function unitsOf({ banks }: Arena, { limits }: Task): number {
  return banks.reduce((sum, bytes) => sum + Math.ceil(bytes / limits.alignment), 0);
}

/** Offsets for blocks whose banks are chosen; undefined if a bank becomes too large. */
function placeInBanks({ blocks, limits }: Task, bankOf: Uint8Array): Arena | undefined {
  const { alignment, maxBankBytes } = limits;
  const placements = new Array<Placement>(blocks.length);
  const banks: number[] = [];
  const members: number[][] = [];
  for (const [i, bank] of bankOf.entries()) (members[bank] ??= []).push(i);
  for (const [bank, indices] of members.entries()) {
    const { offsets } = placeOffsets(indices.map((i) => blocks[i]));
    let bytes = 0;
    let largest = 0;
    for (const [k, i] of indices.entries()) {
      const offset = offsets[k] * alignment;
      placements[i] = { bank, offset };
      bytes = Math.max(bytes, offset + blocks[i].bytes);
      largest = Math.max(largest, blocks[i].bytes);
    }
    if (bytes > Math.max(maxBankBytes, largest)) return undefined;
    banks.push(bytes);
  }
  return { placements, banks };
}
