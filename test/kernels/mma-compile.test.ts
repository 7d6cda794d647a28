/**
 * Kernels on tensor cores in CUDA C++, compiled by nvcc where there is one: no warning, nothing of a thread in memory.
 * LANEWISE_THOROUGH=1 compiles every tile in use.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CudaKernel, KernelSource } from '../../src/devices/gpu.js';
import type { MatrixOperand } from '../../src/kernels/gemm/problem.js';
import { mmaGemmKernel } from '../../src/kernels/mma/gemm.js';
import { has } from '../devices/cuda/translate-support.js';
import { sourcesOf } from './families.js';
import { wholeRuns, type OpCase } from './harness.js';
import { CUDA_LIMITS } from './mma-emulation.js';
import { mmaFamily } from './mma-hardware.js';

const thorough = process.env['LANEWISE_THOROUGH'] === '1';

function isCuda(source: KernelSource): source is CudaKernel {
  return source.wgsl === undefined && source.cuda !== undefined;
}

function kernelsOf(testCase: OpCase, storage: 'f32' | 'f16'): CudaKernel[] {
  const context = { limits: CUDA_LIMITS, features: new Set(['f16', 'cuda', 'wgmma'] as const), storage };
  return wholeRuns(testCase, context).flatMap(sourcesOf).filter(isCuda);
}

function operand(rowStride: number, colStride: number): MatrixOperand {
  return { type: 'f16', offset: 0, batchStrides: [], rowStride, colStride };
}

/** A product in bf16, which is f16 for all that candidates know. */
function inBfloat16(unit: 'warp' | 'group'): CudaKernel {
  const [rows, cols, depth] = [512, 512, 512];
  return mmaGemmKernel({
    id: `gemm_mma_${unit}_bf16`,
    problem: {
      rows,
      cols,
      depth,
      batch: [],
      a: operand(depth, 1),
      b: operand(1, depth),
      y: operand(cols, 1),
      alpha: 1,
      beta: 0,
      flops: 0,
      bytes: 0,
    },
    type: 'bf16',
    tile: {
      rows: 128,
      cols: 128,
      depth: 64,
      unit,
      rowUnits: 2,
      colUnits: unit === 'warp' ? 2 : 1,
      stages: 3,
    },
    parts: 1,
    maxGrid: 65535,
  }).source;
}

function chosen(): CudaKernel[] {
  const all = (['f16', 'f32'] as const).flatMap((storage) =>
    mmaFamily(storage)[1].flatMap((testCase) => kernelsOf(testCase, storage)),
  );
  const kernels = [...new Map(all.map((kernel) => [kernel.cuda, kernel])).values()];
  const some = kernels.filter((_, i) => thorough || i % Math.ceil(kernels.length / 8) === 0);
  return [...some, inBfloat16('warp'), inBfloat16('group')];
}

const skipped = has('nvcc') ? '' : ' (SKIPPED: nvcc is not here)';

describe.skipIf(skipped !== '')(`kernels on tensor cores, compiled${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanewise-mma-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(chosen().map((source) => ({ source, id: source.id })))(
    '$id',
    ({ source }) => {
      const file = join(folder, 'kernel.cu');
      writeFileSync(file, source.cuda);
      const target = source.features.includes('wgmma') ? ['90a'] : thorough ? ['80', '90'] : ['80'];
      for (const number of target) {
        const code = `-gencode=arch=compute_${number},code=sm_${number}`;
        const options = ['-std=c++17', code, '-Xptxas', '-v', '-cubin', '-o', join(folder, 'kernel.cubin')];
        const run = spawnSync('nvcc', [...options, file], { encoding: 'utf8' });
        const log = `${run.stdout}${run.stderr}`;
        expect({ status: run.status, log }).toMatchObject({ status: 0 });
        expect(log).toMatch(/\b0 bytes spill stores, 0 bytes spill loads/);
        expect(log).toMatch(/\b0 bytes stack frame/);
        expect(log).not.toMatch(/warning|serialized/);
      }
    },
    120_000,
  );
});
