/** What candidates and transforms are measured as. */
import { describe, expect, it } from 'vitest';
import type { CandidateContext } from '../../src/candidates/candidate.js';
import { isCandidate } from '../../src/candidates/candidate.js';
import { candidatesFor } from '../../src/candidates/index.js';
import { Conv } from '../../src/ops/conv.js';
import { layoutOf } from '../../src/tensor/index.js';
import { candidateSubject, transformSubject } from '../../src/tune/timing/subject.js';
import { DEFAULT_LIMITS } from '../support/limits.js';

const CONTEXT: CandidateContext = {
  limits: DEFAULT_LIMITS,
  features: new Set(),
  storage: 'f32',
};

describe('a candidate', () => {
  const inputs = [[2, 3, 8, 8], [4, 3, 3, 3], [4]].map((dims) => ({ dtype: 'f32' as const, dims }));
  const op = new Conv({ strides: [1, 1] });
  const types = { inputs, outputs: op.infer(inputs) };
  const candidate = candidatesFor(op, types, CONTEXT)
    .filter(isCandidate)
    .find(({ inputs: [layout] }) => layout?.name === 'NCHW');
  if (!candidate) throw new Error('a convolution has a candidate in NCHW');

  it('has a buffer for each tensor, and marks its weights', () => {
    const subject = candidateSubject(candidate, types, CONTEXT, new Set([1, 2]));
    expect(subject.name).toBe(candidate.id);
    expect(subject.buffers.slice(0, 4)).toEqual([2 * 3 * 64 * 4, 4 * 3 * 9 * 4, 4 * 4, 2 * 4 * 36 * 4]);
    expect(subject.constants).toEqual([1, 2]);
    expect(subject.launches.length).toBeGreaterThan(0);
  });

  it('has no weights unless told', () => {
    expect(candidateSubject(candidate, types, CONTEXT).constants).toEqual([]);
  });

  it('has no buffer for an input that is left out', () => {
    const without = { inputs: [inputs[0], inputs[1], undefined], outputs: types.outputs };
    const other = candidatesFor(op, without, CONTEXT).find(isCandidate);
    if (!other) throw new Error('a convolution has a candidate without a bias');
    const subject = candidateSubject(other, without, CONTEXT, new Set([1, 2]));
    expect(subject.buffers.slice(0, 3)).toEqual([2 * 3 * 64 * 4, 4 * 3 * 9 * 4, 2 * 4 * 36 * 4]);
    expect(subject.constants).toEqual([1]);
  });
});

describe('a transform', () => {
  it('is one launch from one tensor to the other, with their padding', () => {
    const dims = [2, 3, 5, 7];
    const x = { dims, layout: layoutOf('nchw', 4), type: 'f32' } as const;
    const y = { dims, layout: layoutOf('nchw4c', 4), type: 'f16' } as const;
    const subject = transformSubject(x, y, CONTEXT);
    expect(subject.buffers).toEqual([2 * 3 * 35 * 4, 2 * 4 * 35 * 2]);
    expect(subject.launches.map(({ buffers }) => buffers)).toEqual([[0, 1]]);
    expect(subject.name).toBe(subject.launches[0].source.id);
    expect(subject.name).toContain('transform_nchw_nchw4c');
  });
});
