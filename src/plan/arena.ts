/**
 * Offsets for tensors that live for a part of the run, in as few bytes as greedy placement finds.
 *
 * WebGPU refuses a launch that binds one buffer both read-only and writable, even at different offsets. So the arena
 * is several buffers (banks), and tensors that one launch reads and writes lie in different ones.
 */

/** A piece of memory to be placed. */
export interface Block {
  readonly bytes: number;
  /** First and last step that need it, both included. */
  readonly start: number;
  readonly end: number;
  /** Blocks that must lie in another bank: what a launch writes while it reads this, or the reverse. */
  readonly apart: ReadonlySet<number>;
}

export interface Placement {
  readonly bank: number;
  readonly offset: number;
}

export interface Arena {
  readonly placements: readonly Placement[];
  /** Bytes of each bank. */
  readonly banks: readonly number[];
}

/**
 * Places blocks, largest first, each at the lowest offset where nothing alive at the same time is in the way, in the
 * bank that grows least by it ("greedy by size", Pisarchyk and Lee 2020, arXiv 2001.03288, here over several banks).
 * @param alignment offsets are multiples of it
 * @param maxBankBytes a bank never grows beyond it, as long as each block is smaller
 */
export function placeBlocks(blocks: readonly Block[], alignment: number, maxBankBytes: number): Arena {
  const placements = new Array<Placement>(blocks.length);
  const banks: number[] = [];
  const placed: number[] = [];
  const bySize = blocks.map((_, i) => i).sort((a, b) => blocks[b].bytes - blocks[a].bytes || a - b);
  for (const i of bySize) {
    const block = blocks[i];
    let best: { bank: number; offset: number; growth: number } | undefined;
    for (let bank = 0; bank <= banks.length; bank++) {
      if (placed.some((other) => placements[other].bank === bank && block.apart.has(other))) continue;
      const neighbours = placed.filter(
        (other) => placements[other].bank === bank && overlaps(block, blocks[other]),
      );
      const offset = lowestGap(block, neighbours, blocks, placements, alignment);
      const end = offset + block.bytes;
      if (end > maxBankBytes && bank < banks.length) continue;
      // In whole alignments, or the rounding between blocks would make a new bank look cheaper.
      const growth = Math.max(0, alignUp(end, alignment) - alignUp(banks[bank] ?? 0, alignment));
      if (!best || growth < best.growth) best = { bank, offset, growth };
      if (growth === 0) break;
    }
    if (!best) throw new RangeError('a block always fits into a bank of its own');
    placements[i] = { bank: best.bank, offset: best.offset };
    banks[best.bank] = Math.max(banks[best.bank] ?? 0, best.offset + block.bytes);
    placed.push(i);
  }
  return { placements, banks };
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

function overlaps(a: Block, b: Block): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function lowestGap(
  block: Block,
  neighbours: readonly number[],
  blocks: readonly Block[],
  placements: readonly Placement[],
  alignment: number,
): number {
  const taken = neighbours
    .map((i) => ({ from: placements[i].offset, to: placements[i].offset + blocks[i].bytes }))
    .sort((a, b) => a.from - b.from);
  let offset = 0;
  for (const { from, to } of taken) {
    if (offset + block.bytes <= from) break;
    offset = Math.max(offset, alignUp(to, alignment));
  }
  return offset;
}

/** The largest sum of bytes alive at one step: no placement can do with less. */
export function lowerBound(blocks: readonly Block[]): number {
  const change = new Map<number, number>();
  for (const { bytes, start, end } of blocks) {
    change.set(start, (change.get(start) ?? 0) + bytes);
    change.set(end + 1, (change.get(end + 1) ?? 0) - bytes);
  }
  let live = 0;
  let most = 0;
  for (const step of [...change.keys()].sort((a, b) => a - b)) {
    live += change.get(step) ?? 0;
    most = Math.max(most, live);
  }
  return most;
}
