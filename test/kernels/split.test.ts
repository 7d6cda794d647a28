/** A depth in parts: every part has steps, and together they are the whole. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PARTS, splitRefusal } from '../../src/kernels/gemm/choice.js';
import { partDepth } from '../../src/kernels/gemm/split.js';
import { LARGE_LIMITS } from '../support/limits.js';

/** Undefined where a part would have none. */
function ownDepth(depth: number, step: number, parts: number): number | undefined {
  try {
    return partDepth(depth, step, parts);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

it('has a step in each part that candidates are made of, and no part is made otherwise', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.constantFrom(8, 16, 32, 64),
      fc.constantFrom(...PARTS),
      (depth, step, parts) => {
        const product = { rows: 1, cols: 1, depth, batches: 1 };
        const refused = splitRefusal(product, { depth: step }, parts, LARGE_LIMITS) !== undefined;
        expect(ownDepth(depth, step, parts) === undefined).toBe(refused);
        const own = ownDepth(depth, step, parts) ?? step * Math.ceil(depth / step);
        const used = refused ? 1 : parts;
        expect(own % step).toBe(0);
        expect(own * (used - 1)).toBeLessThan(depth);
        expect(own * used).toBeGreaterThanOrEqual(depth);
      },
    ),
    { numRuns: 2000 },
  );
});
