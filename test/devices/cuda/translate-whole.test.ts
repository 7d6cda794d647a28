/** Whole kernels, translated and run on the CPU, against the ops' references: products on subgroup matrices above all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CudaDevice } from '../../../src/devices/cuda/index.js';
import { Conv } from '../../../src/ops/conv.js';
import { Gemm } from '../../../src/ops/gemm.js';
import { relu } from '../../../src/ops/unary-functions.js';
import { contextOf, runCase, wholeRuns, type OpCase } from '../../kernels/harness.js';
import { FAKES, openFake, WITH_FAKES } from './fake.js';

const f32 = (...dims: number[]): { dtype: 'f32'; dims: number[] } => ({ dtype: 'f32', dims });

/** By vectors of eight along both directions, and what nothing divides. */
const CASES: readonly OpCase[] = [
  {
    name: 'gemm 40x72x24',
    op: new Gemm({ alpha: 0.5, beta: 2, activation: relu }),
    inputs: [f32(40, 24), f32(24, 72), f32(72)],
  },
  {
    name: 'gemm 35x13x19, transposed',
    op: new Gemm({ transA: true, transB: true }),
    inputs: [f32(19, 35), f32(13, 19), f32(35, 1)],
  },
  {
    name: 'conv 3x3',
    op: new Conv({ strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] }),
    inputs: [f32(2, 8, 3, 5), f32(16, 8, 3, 3), f32(16)],
  },
];

describe.skipIf(!FAKES)(`translated products on subgroup matrices${WITH_FAKES}`, () => {
  let device: CudaDevice;
  beforeAll(async () => {
    device = await openFake();
  });
  afterAll(() => {
    device.destroy();
  });

  it.each(CASES.map((testCase) => ({ testCase, title: testCase.name })))(
    '$title',
    async ({ testCase }) => {
      const all = wholeRuns(testCase, contextOf(device, 'f16')).filter(({ candidate }) =>
        /matrix_t\d/.test(candidate.id),
      );
      // One tile of each pair of layouts.
      const kinds = new Map(all.map((run) => [run.candidate.id.replace(/_t\d.*/, ''), run]));
      const runs = [...kinds.values()].slice(0, 3);
      expect(runs.length).toBeGreaterThan(0);
      const results = await runCase(device, testCase, 'f16', runs);
      expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
    },
    300_000,
  );
});
