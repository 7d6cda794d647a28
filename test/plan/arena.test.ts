import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerBound, placeBlocks, type Block } from '../../src/plan/arena.js';

const ALIGNMENT = 256;

/** Blocks with symmetric demands to be apart. */
const blockLists = fc
  .array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 5000 }),
      start: fc.nat(20),
      length: fc.nat(8),
      seed: fc.nat(),
    }),
    { maxLength: 30 },
  )
  .map((specs): Block[] => {
    const apart = specs.map(() => new Set<number>());
    for (const [i, { seed }] of specs.entries()) {
      const other = seed % specs.length;
      if (seed % 3 === 0 && other !== i) {
        apart[i].add(other);
        apart[other].add(i);
      }
    }
    return specs.map(({ bytes, start, length }, i) => ({
      bytes,
      start,
      end: start + length,
      apart: apart[i],
    }));
  });

describe('the arena', () => {
  it('keeps apart what lives at the same time, and what one launch reads and writes', () => {
    fc.assert(
      fc.property(blockLists, (blocks) => {
        const { placements, banks } = placeBlocks(blocks, ALIGNMENT, 2 ** 31);
        for (const [i, a] of placements.entries()) {
          expect(a.offset % ALIGNMENT).toBe(0);
          expect(a.offset + blocks[i].bytes).toBeLessThanOrEqual(banks[a.bank]);
          for (const [j, b] of placements.entries()) {
            if (i === j || a.bank !== b.bank) continue;
            expect(blocks[i].apart.has(j)).toBe(false);
            const together = blocks[i].start <= blocks[j].end && blocks[j].start <= blocks[i].end;
            const overlap = a.offset < b.offset + blocks[j].bytes && b.offset < a.offset + blocks[i].bytes;
            expect(together && overlap).toBe(false);
          }
        }
        const total = banks.reduce((sum, bytes) => sum + bytes, 0);
        expect(total).toBeGreaterThanOrEqual(lowerBound(blocks));
      }),
      { numRuns: 300 },
    );
  });

  it('reuses the memory of a chain: two tensors at a time, in two banks', () => {
    const chain = Array.from({ length: 10 }, (_, i): Block => ({
      bytes: 1024,
      start: i,
      end: i + 1,
      apart: new Set([i - 1, i + 1].filter((other) => other >= 0 && other < 10)),
    }));
    const { banks } = placeBlocks(chain, ALIGNMENT, 2 ** 31);
    expect(banks).toEqual([1024, 1024]);
    expect(lowerBound(chain)).toBe(2048);
  });

  it('opens another bank where one would pass the limit', () => {
    const blocks = [0, 1, 2].map((): Block => ({ bytes: 600, start: 0, end: 1, apart: new Set() }));
    const { banks } = placeBlocks(blocks, ALIGNMENT, 1500);
    expect(banks.length).toBe(2);
    expect(Math.max(...banks)).toBeLessThanOrEqual(1500);
  });
});
