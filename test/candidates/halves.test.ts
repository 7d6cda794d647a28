/** Candidates in bf16 beside those in f16: the same kernels under other names, with other codes and costs. */
import { describe, expect, it } from 'vitest';
import { isCandidate, type Candidate, type CandidateContext } from '../../src/candidates/candidate.js';
import { candidateNamed } from '../../src/candidates/grid.js';
import { candidatesFor } from '../../src/candidates/index.js';
import { numbersOf } from '../../src/candidates/precision.js';
import { codeOf, type KernelSource } from '../../src/devices/gpu.js';
import { Conv } from '../../src/ops/conv.js';
import { Gemm } from '../../src/ops/gemm.js';
import { MaxPool } from '../../src/ops/max-pool.js';
import type { Op } from '../../src/ops/op.js';
import { layoutOf, type Dims } from '../../src/tensor/index.js';
import { costKey } from '../../src/tune/store/cost-key.js';
import { candidateSubject, transformSubject } from '../../src/tune/timing/subject.js';
import { LARGE_LIMITS } from '../support/limits.js';

const DEVICE = {
  limits: LARGE_LIMITS,
  features: new Set(['f16', 'subgroups', 'subgroup-matrix', 'cuda', 'wgmma', 'cudnn', 'cublaslt'] as const),
};
const F16: CandidateContext = { ...DEVICE, ...numbersOf('f16') };
const BF16: CandidateContext = { ...DEVICE, ...numbersOf('bf16') };

const CASES: readonly (readonly [name: string, op: Op, inputs: readonly Dims[]])[] = [
  [
    'a convolution',
    new Conv({ strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] }),
    [[2, 64, 14, 14], [96, 64, 3, 3], [96]],
  ],
  ['a product', new Gemm({}), [[64, 128], [128, 96], [96]]],
  ['pooling', new MaxPool({ kernel: [3, 3], strides: [2, 2] }), [[2, 8, 15, 13]]],
];

function typesOf(op: Op, dims: readonly Dims[]) {
  const inputs = dims.map((one) => ({ dtype: 'f32' as const, dims: one }));
  return { inputs, outputs: op.infer(inputs) };
}

function sourcesOf(candidate: Candidate, types: ReturnType<typeof typesOf>, context: CandidateContext) {
  return candidateSubject(candidate, types, context).launches.map(({ source }) => source);
}

/** Whether halves are among what a kernel binds. */
function hasHalves({ features, wgsl }: KernelSource): boolean {
  return wgsl === undefined || features.includes('f16');
}

function halfOf(source: KernelSource): string | undefined {
  return source.wgsl === undefined ? undefined : source.half;
}

describe.each(CASES)('%s in bf16', (_, op, dims) => {
  const types = typesOf(op, dims);
  const halves = candidatesFor(op, types, F16).filter(isCandidate);
  const brains = candidatesFor(op, types, BF16).filter(isCandidate);

  it('has the candidates of f16 under its own names', () => {
    expect(brains.length).toBeGreaterThan(3);
    expect(brains.map(({ id }) => id)).toEqual(halves.map(({ id }) => id.replaceAll('_f16', '_bf16')));
    expect(brains.every(({ id }) => id.endsWith('_bf16'))).toBe(true);
  });

  it('has kernels of other codes, and costs of other names', () => {
    for (const [i, brain] of brains.entries()) {
      const [own, other] = [sourcesOf(brain, types, BF16), sourcesOf(halves[i], types, F16)];
      expect(own.map((source) => [source.grid, source.workgroup, source.workgroupBytes])).toEqual(
        other.map((source) => [source.grid, source.workgroup, source.workgroupBytes]),
      );
      for (const [k, source] of own.entries()) {
        expect([source.id, codeOf(source) === codeOf(other[k])]).toEqual([source.id, !hasHalves(source)]);
        expect(source.wgsl).toBe(other[k].wgsl);
        expect(halfOf(source)).toBe(source.wgsl !== undefined && hasHalves(source) ? 'bf16' : undefined);
        expect(source.id).not.toMatch(/_f16/);
      }
      const [key, otherKey] = [
        candidateSubject(brain, types, BF16),
        candidateSubject(halves[i], types, F16),
      ].map(({ launches, buffers }) => costKey(launches, buffers, { constants: [], cold: false }));
      expect(key).not.toBe(otherKey);
    }
  });

  it('is found by its name, on grids of sizes too', () => {
    for (const brain of brains) {
      expect(candidateNamed(brains, brain.id)).toBe(brain);
      const { sizes } = brain;
      if (!sizes) continue;
      expect(sizes.grid.at(sizes.at).id).toBe(brain.id);
      for (const point of sizes.grid.neighbours(sizes.at)) {
        const beside = sizes.grid.at(point);
        expect(beside.id).toMatch(/_bf16$/);
        expect(sizes.grid.find(beside.id)).toBe(beside);
        expect(sizes.grid.find(beside.id.replace('_bf16', '_f16'))).toBeUndefined();
      }
    }
  });
});

describe('transforms in bf16', () => {
  const dims = [2, 3, 5, 7];
  const subjectIn = (context: CandidateContext, type: 'f32' | 'f16') =>
    transformSubject(
      { dims, layout: layoutOf('nchw', 4), type: 'f32' },
      { dims, layout: layoutOf('nhwc', 4), type },
      context,
    );

  it('are other kernels where halves are written, and the same where not', () => {
    const [brain, half] = [BF16, F16].map((context) => subjectIn(context, 'f16').launches[0].source);
    expect(codeOf(brain)).not.toBe(codeOf(half));
    expect(brain.id).toBe(half.id.replaceAll('_f16', '_bf16'));
    const plain = [BF16, F16].map((context) => subjectIn(context, 'f32').launches[0].source);
    expect(plain[0]).toEqual(plain[1]);
  });
});

describe('tensor cores in bf16', () => {
  it('are told so: in texts in CUDA C++, and in calls of libraries', () => {
    const [, op, dims] = CASES[0];
    const types = typesOf(op, dims);
    const sources = candidatesFor(op, types, BF16)
      .filter(isCandidate)
      .flatMap((candidate) => sourcesOf(candidate, types, BF16));
    const texts = sources.flatMap(({ wgsl, ...rest }) =>
      wgsl === undefined && 'cuda' in rest && rest.cuda !== undefined ? [rest.cuda] : [],
    );
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(text).toMatch(/\.bf16/);
      expect(text).not.toMatch(/[^b]f16/);
    }
    const calls = sources.flatMap((source) =>
      source.wgsl === undefined && source.cuda === undefined ? [source.call] : [],
    );
    expect(calls.length).toBeGreaterThan(0);
    expect(new Set(calls.map(({ parameters }) => parameters.type))).toEqual(new Set(['bf16']));
  });
});
