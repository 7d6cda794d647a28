/** Offsets for blocks that lie in one bank. */
import { neighboursOf, peakOf, type SizedBlock } from './block.js';

export interface Offsets {
  /** In units, in the order of the blocks. */
  readonly offsets: readonly number[];
  /** Units up to the end of the highest block. */
  readonly height: number;
}

/** Looks of one block at another, over all rounds for a bank: some milliseconds. */
const WORK = 100_000;
const MAX_ROUNDS = 20;

/**
 * Places blocks one after another, each at the lowest offset where nothing is in the way that is alive at the same
 * time. In which order decides: largest first is good ("greedy by size", Pisarchyk and Lee 2020, arXiv 2001.03288);
 * largest product of size and lifetime, and longest lifetime, are tried too. As long as the bank is higher than the most
 * that is alive at once, the blocks that reach above that go first in the next round ("squeaky wheel optimisation",
 * Joslin and Clements 1999, arXiv 1105.5454).
 */
export function placeOffsets(blocks: readonly SizedBlock[]): Offsets {
  const neighbours = neighboursOf(blocks);
  const least = peakOf(blocks, ({ units }) => units).size;
  const looks = neighbours.reduce((sum, list) => sum + list.length + 1, 1);
  const rounds = Math.max(1, Math.min(MAX_ROUNDS, Math.floor(WORK / looks)));
  let best: Offsets | undefined;
  for (const first of orders(blocks)) {
    let order = first;
    for (let round = 0; round < rounds; round++) {
      const found = firstFit(order, blocks, neighbours);
      if (!best || found.height < best.height) best = found;
      if (best.height === least) return best;
      const isHigh = (i: number): boolean => found.offsets[i] + blocks[i].units > least;
      order = [...order.filter(isHigh), ...order.filter((i) => !isHigh(i))];
    }
  }
  return best ?? { offsets: [], height: 0 };
}

function lifetime({ start, end }: SizedBlock): number {
  return end - start + 1;
}

/** Orders to begin with, as indices of blocks; the most successful first. */
function orders(blocks: readonly SizedBlock[]): number[][] {
  const keys: ((block: SizedBlock) => number)[] = [
    ({ units }) => units,
    (block) => block.units * lifetime(block),
    lifetime,
  ];
  return keys.map((key) => blocks.map((_, i) => i).sort((a, b) => key(blocks[b]) - key(blocks[a]) || a - b));
}

function firstFit(
  order: readonly number[],
  blocks: readonly SizedBlock[],
  neighbours: readonly (readonly number[])[],
): Offsets {
  const offsets = new Array<number>(blocks.length).fill(-1);
  let height = 0;
  for (const i of order) {
    const taken = neighbours[i]
      .filter((j) => offsets[j] >= 0)
      .map((j) => ({ from: offsets[j], to: offsets[j] + blocks[j].units }));
    offsets[i] = lowestGap(blocks[i].units, taken);
    height = Math.max(height, offsets[i] + blocks[i].units);
  }
  return { offsets, height };
}

/** Units in use: from the first to the one before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The lowest offset at which so many units are free. */
export function lowestGap(units: number, taken: readonly Span[]): number {
  let offset = 0;
  for (const { from, to } of [...taken].sort((a, b) => a.from - b.from)) {
    if (offset + units <= from) break;
    offset = Math.max(offset, to);
  }
  return offset;
}
