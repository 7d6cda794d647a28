/** In which order blocks get their banks, and which earlier ones matter to each. */
import { peakOf, type SizedBlock } from './block.js';

/** A block that gets its bank. Open blocks, here by their places in a list, have theirs and can meet later ones. */
export interface Encounter {
  readonly block: number;
  readonly units: number;
  /** Open blocks alive with it when the load of its bank is added up. */
  readonly live: readonly OpenBlock[];
  /** Open blocks that belong in another bank. */
  readonly apart: readonly OpenMate[];
  /** Places of those that stay open; its own is behind the others. */
  readonly remain: readonly number[];
}

export interface OpenBlock {
  readonly place: number;
  readonly units: number;
}

export interface OpenMate {
  readonly place: number;
  /** What it costs to share a bank with it; undefined where that cannot be. */
  readonly price: number | undefined;
}

/**
 * From the peak outwards: what is alive there, largest first; then what starts later, by its start; then what has ended
 * by then, backwards by its end. So a bank's load need be added up only when a block starts (before the peak: ends), and
 * of blocks that have their banks: whatever else is alive at that time comes later, and looks back at this one.
 */
export function encountersOf(blocks: readonly SizedBlock[]): Encounter[] {
  const { time } = peakOf(blocks, ({ units }) => units);
  const all = blocks.map((_, i) => i);
  const bySize = (a: number, b: number): number => blocks[b].units - blocks[a].units || a - b;
  const now = all.filter((i) => blocks[i].start <= time && blocks[i].end >= time).sort(bySize);
  const later = all
    .filter((i) => blocks[i].start > time)
    .sort((a, b) => blocks[a].start - blocks[b].start || bySize(a, b));
  const earlier = all
    .filter((i) => blocks[i].end < time)
    .sort((a, b) => blocks[b].end - blocks[a].end || bySize(a, b));
  const order = [...now, ...later, ...earlier];
  const positions = new Map(order.map((i, position) => [i, position]));

  /** The last position whose block looks back at this one. */
  const lastLook = (i: number): number => {
    const { start, end, apart } = blocks[i];
    let last = -1;
    for (const other of apart) last = Math.max(last, positions.get(other) ?? -1);
    if (end >= time) {
      const met = prefixLength(later, (j) => blocks[j].start <= end);
      last = Math.max(last, now.length + met - 1);
    }
    if (start <= time) {
      const met = prefixLength(earlier, (j) => blocks[j].end >= start);
      if (met > 0) last = Math.max(last, now.length + later.length + met - 1);
    }
    return last;
  };
  const lastLooks = blocks.map((_, i) => lastLook(i));

  let open: number[] = [];
  return order.map((block, position) => {
    const { units, start, end, apart, sharable } = blocks[block];
    const when = end < time ? end : Math.max(start, time);
    const others = open.map((i, place) => ({ i, place, units: blocks[i].units }));
    const live = others.filter(({ i }) => blocks[i].start <= when && blocks[i].end >= when);
    const separate = others.filter(({ i }) => apart.has(i));
    const next = [...open, block];
    const remain = next.flatMap((i, place) => (lastLooks[i] > position ? [place] : []));
    open = remain.map((place) => next[place]);
    return {
      block,
      units,
      live,
      apart: separate.map(({ i, place }) => ({ place, price: sharable.get(i) })),
      remain,
    };
  });
}

/** How many items of a list hold, which are its first ones. */
function prefixLength<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
