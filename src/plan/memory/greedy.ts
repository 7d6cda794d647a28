/** Bank and offset of a block in one go: quick, always possible, and where the better search starts from. */
import { neighboursOf, type Arena, type ArenaLimits, type Placement, type SizedBlock } from './block.js';
import { lowestGap } from './offsets.js';

/**
 * "Greedy by size" (Pisarchyk and Lee 2020, arXiv 2001.03288) over several banks: largest first, each at the lowest
 * offset where nothing is in the way that is alive at the same time, in the bank that grows least by it.
 */
export function greedyBySize(blocks: readonly SizedBlock[], { alignment, maxBankBytes }: ArenaLimits): Arena {
  const placements = new Array<Placement | undefined>(blocks.length);
  const banks: number[] = [];
  const neighbours = neighboursOf(blocks);
  const bySize = blocks.map((_, i) => i).sort((a, b) => blocks[b].bytes - blocks[a].bytes || a - b);
  for (const i of bySize) {
    const block = blocks[i];
    const forbidden = new Set(Array.from(block.apart, (j) => placements[j]?.bank));
    let best: { bank: number; offset: number; growth: number } | undefined;
    for (let bank = 0; bank <= banks.length; bank++) {
      if (forbidden.has(bank)) continue;
      const taken = neighbours[i].flatMap((j) => {
        const place = placements[j];
        if (place?.bank !== bank) return [];
        const from = place.offset / alignment;
        return [{ from, to: from + blocks[j].units }];
      });
      const unit = lowestGap(block.units, taken);
      const offset = unit * alignment;
      if (offset + block.bytes > maxBankBytes && bank < banks.length) continue;
      // In whole units, or the rounding between blocks would make a new bank look cheaper.
      const growth = Math.max(0, unit + block.units - Math.ceil((banks[bank] ?? 0) / alignment));
      if (!best || growth < best.growth) best = { bank, offset, growth };
      if (growth === 0) break;
    }
    if (!best) throw new RangeError('a block always fits into a bank of its own');
    placements[i] = { bank: best.bank, offset: best.offset };
    banks[best.bank] = Math.max(banks[best.bank] ?? 0, best.offset + block.bytes);
  }
  return { placements: placements.filter((place) => place !== undefined), banks };
}
