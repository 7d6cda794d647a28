/**
 * Compiles every kernel in f16 on Dawn's null backend, which has all features and the compiler's whole front end, but runs
 * nothing: software WebGPU has neither half precision nor subgroup matrices.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, wgslOf, type KernelSource } from '../../src/devices/gpu.js';
import type { CandidateContext } from '../../src/candidates/candidate.js';
import type { GemmProblem, MatrixOperand } from '../../src/kernels/gemm/problem.js';
import { matrixGemmKernel } from '../../src/kernels/matrix/gemm.js';
import { MATRIX_TILES, matrixTileTag } from '../../src/kernels/matrix/tile.js';
import { DEFAULT_LIMITS } from '../support/limits.js';
import { families, kernelsOf } from './families.js';

const FEATURES = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'] as GPUFeatureName[];

const CONTEXT: CandidateContext = {
  limits: { ...DEFAULT_LIMITS, subgroupSize: [32, 32] },
  features: new Set(['f16', 'subgroups', 'subgroup-matrix']),
  storage: 'f16',
};

let dawn: GPU;
let device: GPUDevice;
beforeAll(async () => {
  const webgpu = (await import('webgpu')) as unknown as { create(this: void, flags: readonly string[]): GPU };
  dawn = webgpu.create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  const adapter = await dawn.requestAdapter();
  if (!adapter) throw new Error('Dawn has no null backend');
  device = await adapter.requestDevice({ requiredFeatures: FEATURES });
});
afterAll(() => {
  device.destroy();
});

/** What the compiler says against a text, or undefined. */
async function complaint(source: KernelSource): Promise<string | undefined> {
  device.pushErrorScope('validation');
  device.createShaderModule({ code: wgslOf(source) });
  const error = await device.popErrorScope();
  return error ? `${source.id}: ${error.message}` : undefined;
}

async function complaints(sources: readonly KernelSource[]): Promise<string[]> {
  const texts = new Map(sources.map((source) => [codeOf(source), source]));
  const found = await Promise.all(Array.from(texts.values(), complaint));
  return found.filter((text) => text !== undefined);
}

function operand(rowStride: number, colStride: number): MatrixOperand {
  return { type: 'f16', offset: 0, batchStrides: [], rowStride, colStride };
}

describe('texts in half precision compile', () => {
  it.each([...families.keys()])('%s', async (family) => {
    const sources = (families.get(family) ?? []).flatMap((testCase) =>
      kernelsOf(testCase, CONTEXT).flatMap((generated) => generated.sources),
    );
    expect(await complaints(sources)).toEqual([]);
  });

  it('a text that is wrong is told', async () => {
    const [source] = kernelsOf([...(families.get('gemm') ?? [])][0], CONTEXT)[0].sources;
    const broken = { ...source, wgsl: wgslOf(source).replace('f32(', 'f31(') } as KernelSource;
    expect(await complaints([broken])).toHaveLength(1);
  });

  it.each(MATRIX_TILES.map((tile) => ({ tile, title: matrixTileTag(tile) })))(
    'matrix tile $title',
    async ({ tile }) => {
      const [rows, cols, depth] = [520, 264, 72];
      const problems = [false, true].flatMap((aTurned) =>
        [false, true].map((bTurned): GemmProblem => ({
          rows,
          cols,
          depth,
          batch: [],
          a: aTurned ? operand(1, rows) : operand(depth, 1),
          b: bTurned ? operand(1, depth) : operand(cols, 1),
          y: operand(cols, 1),
          alpha: 1,
          beta: 0,
          flops: 0,
          bytes: 0,
        })),
      );
      const sources = problems.map(
        (problem) =>
          matrixGemmKernel({ id: matrixTileTag(tile), problem, tile, parts: 1, maxGrid: 65535 }).source,
      );
      expect(new Set(sources.map(({ wgsl }) => wgsl)).size).toBe(4);
      expect(await complaints(sources)).toEqual([]);
    },
  );
});
