import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/devices/gpu.js';
import { openSoftware } from '../../src/host/webgpu.js';
import { gemmKernel, gemmReduceKernel } from '../../src/kernels/gemm/gemm.js';
import type { GemmProblem, GemmRole, MatrixOperand } from '../../src/kernels/gemm/problem.js';
import { partialBytes } from '../../src/kernels/gemm/split.js';
import { tileRefusal, tileTag, type Tile } from '../../src/kernels/gemm/tile.js';
import { relativeError } from '../../src/tensor/index.js';
import { LARGE_LIMITS } from '../support/limits.js';
import { gemmCases, thoroughGemmCases } from './cases/gemm.js';
import { randomNumbers } from './harness.js';
import { describeCases } from './run-cases.js';

// LANEWISE_THOROUGH=1 adds random shapes and more edges; the default set keeps a test run short.
const thorough = process.env['LANEWISE_THOROUGH'] ? thoroughGemmCases : [];

describeCases('matrix products', [...gemmCases, ...thorough]);

function operand(rowStride: number, colStride: number): MatrixOperand {
  return { type: 'f32', offset: 0, batchStrides: [], rowStride, colStride };
}

// Small cases never ask for the large tiles, and no software device for written-out ones, in rounds or whole.
const TILES: readonly Tile[] = [
  { rows: 128, cols: 128, depth: 16, microRows: 8, microCols: 16, unroll: 1 },
  { rows: 64, cols: 64, depth: 16, microRows: 8, microCols: 8, unroll: 8 },
  { rows: 32, cols: 64, depth: 32, microRows: 8, microCols: 4, unroll: 8 },
  { rows: 32, cols: 128, depth: 8, microRows: 8, microCols: 8 },
  { rows: 64, cols: 32, depth: 16, microRows: 4, microCols: 8 },
  { rows: 32, cols: 32, depth: 32, microRows: 4, microCols: 4 },
];

describe('tiles', () => {
  const [rows, cols, depth] = [140, 148, 36];
  let device: GpuDevice;
  beforeAll(async () => {
    device = await openSoftware();
  });
  afterAll(() => {
    device.destroy();
  });

  /** a row-major and b column-major, or the other way round: the loaders of either direction. */
  function problemOf(depthContiguous: boolean): GemmProblem {
    return {
      rows,
      cols,
      depth,
      batch: [],
      a: depthContiguous ? operand(depth, 1) : operand(1, rows),
      b: depthContiguous ? operand(1, depth) : operand(cols, 1),
      y: operand(cols, 1),
      alpha: 1,
      beta: 0,
      flops: 2 * rows * cols * depth,
      bytes: 4 * (rows * depth + depth * cols + rows * cols),
    };
  }

  async function multiply(problem: GemmProblem, tile: Tile, parts: number, a: Float32Array, b: Float32Array) {
    const config = { id: tileTag(tile), problem, tile, parts, maxGrid: 3 };
    const launches = [gemmKernel(config), ...(parts > 1 ? [gemmReduceKernel(config)] : [])];
    const partial = Math.max(4, partialBytes({ rows, cols, depth, batches: 1 }, parts));
    const bytes: Partial<Record<GemmRole, number>> = {
      a: a.byteLength,
      b: b.byteLength,
      y: 4 * rows * cols,
      partial,
    };
    const buffers = new Map(
      await Promise.all(
        Object.entries(bytes).map(async ([role, size]) => [role, await device.allocate(size, role)] as const),
      ),
    );
    const slice = (role: string) => {
      const buffer = buffers.get(role);
      if (!buffer) throw new Error(`nothing is bound to ${role}`);
      return { buffer, offset: 0, bytes: buffer.bytes };
    };
    device.write(slice('a').buffer, 0, a);
    device.write(slice('b').buffer, 0, b);
    const kernels = await device.compile(launches.map(({ source }) => source));
    const dispatches = launches.map(({ roles }, i) => ({ kernel: kernels[i], slices: roles.map(slice) }));
    const recording = await device.record(dispatches, [slice('y')]);
    const [result] = await device.submit(recording);
    device.release(recording);
    for (const buffer of buffers.values()) buffer.destroy();
    return new Float32Array(result.buffer);
  }

  const choices = TILES.flatMap((tile, i) => [
    { tile, parts: 1, depthContiguous: i % 2 === 0 },
    { tile, parts: 2, depthContiguous: i % 2 === 1 },
  ]);
  it.each(choices.map((choice) => ({ ...choice, title: `${tileTag(choice.tile)} in ${choice.parts}` })))(
    '$title multiplies like doubles',
    async ({ tile, parts, depthContiguous }) => {
      expect(tileRefusal(tile, LARGE_LIMITS)).toBeUndefined();
      const random = randomNumbers(3);
      const problem = problemOf(depthContiguous);
      const a = Float32Array.from({ length: rows * depth }, () => random() - 0.5);
      const b = Float32Array.from({ length: depth * cols }, () => random() - 0.5);
      const expected = new Float64Array(rows * cols);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) {
          for (let k = 0; k < depth; k++) {
            expected[i * cols + j] +=
              a[i * problem.a.rowStride + k * problem.a.colStride] *
              b[k * problem.b.rowStride + j * problem.b.colStride];
          }
        }
      }
      const y = await multiply(problem, tile, parts, a, b);
      expect(relativeError(Float64Array.from(y), expected)).toBeLessThan(1e-6);
    },
  );
});
