/** What is to be placed in the arena, and where it came to lie. */

/** A piece of memory to be placed. */
export interface Block {
  readonly bytes: number;
  /** First and last launch that need it, both included. */
  readonly start: number;
  readonly end: number;
  /** Blocks that belong in another bank: what a launch writes while it reads this, or the reverse. */
  readonly apart: ReadonlySet<number>;
  /** Those of `apart` that may share its bank if too much memory is wasted otherwise, and the price: what kernels lose. */
  readonly sharable: ReadonlyMap<number, number>;
}

/** A block that is measured in units of the alignment: offsets and sizes are whole numbers of them. */
export interface SizedBlock extends Block {
  readonly units: number;
}

export interface Placement {
  readonly bank: number;
  readonly offset: number;
}

export interface Arena {
  /** In the order of the blocks. */
  readonly placements: readonly Placement[];
  /** Bytes of each bank. */
  readonly banks: readonly number[];
}

/** What the device demands of an arena. */
export interface ArenaLimits {
  /** Offsets are multiples of so many bytes. */
  readonly alignment: number;
  /** No bank is larger, unless a single block is. */
  readonly maxBankBytes: number;
  /** What the blocks that share a bank although they belong apart may cost together; 0 where none may. */
  readonly maxPrice: number;
}

/** For each block those that some launch needs together with it. */
export function neighboursOf(blocks: readonly Block[]): number[][] {
  const neighbours: number[][] = blocks.map(() => []);
  let alive: number[] = [];
  for (const i of blocks.map((_, k) => k).sort((a, b) => blocks[a].start - blocks[b].start)) {
    alive = alive.filter((j) => blocks[j].end >= blocks[i].start);
    for (const j of alive) {
      neighbours[i].push(j);
      neighbours[j].push(i);
    }
    alive.push(i);
  }
  return neighbours;
}

/** When most is alive. */
export interface Peak {
  /** A launch; 0 where there are no blocks. */
  readonly time: number;
  /** The sum of the sizes of what is alive then. */
  readonly size: number;
}

/** The largest sum of sizes alive at one launch, and the first launch with so much. */
export function peakOf<B extends Block>(blocks: readonly B[], sizeOf: (block: B) => number): Peak {
  const change = new Map<number, number>();
  for (const block of blocks) {
    change.set(block.start, (change.get(block.start) ?? 0) + sizeOf(block));
    change.set(block.end + 1, (change.get(block.end + 1) ?? 0) - sizeOf(block));
  }
  let live = 0;
  let peak: Peak = { time: 0, size: 0 };
  for (const time of [...change.keys()].sort((a, b) => a - b)) {
    live += change.get(time) ?? 0;
    if (live > peak.size) peak = { time, size: live };
  }
  return peak;
}

/** The largest sum of bytes alive at one launch: no placement can do with less. */
export function lowerBound(blocks: readonly Block[]): number {
  return peakOf(blocks, ({ bytes }) => bytes).size;
}
