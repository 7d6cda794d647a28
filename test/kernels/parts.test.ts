/**
 * Concatenation without copies: a candidate that can write its output as a part of a larger tensor writes the right
 * elements there, and nothing else. A sample of the kernel cases' candidates; LANEWISE_THOROUGH=1 runs all that can,
 * along every axis (15,000 runs, 20 minutes on two cores).
 */
import { describe, expect, it } from 'vitest';
import type { Candidate, CandidateViews, KernelStep } from '../../src/candidates/candidate.js';
import { Unary } from '../../src/ops/unary.js';
import { relu } from '../../src/ops/unary-functions.js';
import { families } from './families.js';
import { contextOf, partRuns, runCase, type OpCase } from './harness.js';
import { describeParts, describeSampledParts, useSoftwareDevice } from './run-cases.js';

const define = process.env['LANEWISE_THOROUGH'] ? describeParts : describeSampledParts;
for (const [family, cases] of families) define(family, cases);

describe('the harness sees a part that', () => {
  const device = useSoftwareDevice();
  const testCase: OpCase = {
    name: 'relu',
    op: new Unary(relu),
    inputs: [{ dtype: 'f32', dims: [2, 8, 3, 5] }],
  };

  /** The failures of all runs of the case, with another way to build its candidates. */
  async function failures(build: (candidate: Candidate, views: CandidateViews) => readonly KernelStep[]) {
    const runs = partRuns(testCase, contextOf(device(), 'f32')).map(({ candidate, ...run }) => ({
      ...run,
      candidate: { ...candidate, build: (views: CandidateViews) => build(candidate, views) },
    }));
    const results = await runCase(device(), testCase, 'f32', runs);
    expect(results.length).toBeGreaterThan(0);
    return results.map(({ failure }) => failure ?? 'none');
  }

  it('lies where it should not', async () => {
    for (const failure of await failures((candidate, views) => candidate.build(moved(views)))) {
      expect(failure).toMatch(/^output 0 is written outside the part/);
    }
  });

  it('is not written', async () => {
    for (const failure of await failures(() => [])) {
      expect(failure).toMatch(/^output 0 has (relative error NaN|padding that is not zero)/);
    }
  });
});

/** The views with output 0 further on in the larger tensor, by an element or, along a blocked axis, by a block. */
function moved({ inputs, outputs: [y, ...others] }: CandidateViews): CandidateViews {
  if (!y.within) throw new TypeError('a part lies in a larger tensor');
  const { dims, origin } = y.within;
  const { block } = y.layout;
  const further = origin.map((first, axis) => {
    if (dims[axis] === y.dims[axis]) return first;
    return first + (block?.axis === axis ? block.size : 1);
  });
  return { inputs, outputs: [{ ...y, within: { dims, origin: further } }, ...others] };
}
