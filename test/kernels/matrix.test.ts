/**
 * Products on subgroup matrices, emulated on software WebGPU: staging, guards, layouts, endings and split depths, against
 * the references. LANEWISE_THOROUGH=1 runs every tile on every case of convolutions and matrix products.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSoftware } from '../../src/host/webgpu.js';
import { Conv, type ConvOptions } from '../../src/ops/conv.js';
import type { Activated } from '../../src/ops/fused-activation.js';
import { Gemm, type GemmOptions } from '../../src/ops/gemm.js';
import { MatMul } from '../../src/ops/matmul.js';
import { MATRIX_TILES, matrixTileRefusal, matrixTileTag } from '../../src/kernels/matrix/tile.js';
import { relu } from '../../src/ops/unary-functions.js';
import { convCases, thoroughConvCases } from './cases/conv.js';
import { gemmCases, thoroughGemmCases } from './cases/gemm.js';
import { EmulatedDevice } from './emulated-device.js';
import {
  contextOf,
  partRuns,
  runCase,
  wholeRuns,
  type CaseInput,
  type CaseResult,
  type CaseRun,
  type OpCase,
} from './harness.js';

const thorough = Boolean(process.env['LANEWISE_THOROUGH']);

function f32(...dims: number[]): CaseInput {
  return { dtype: 'f32', dims };
}

function conv(x: number[], w: number[], y: number[] | undefined, options: ConvOptions & Activated): OpCase {
  const inputs = [f32(...x), f32(...w), f32(w[0]), ...(y ? [f32(...y)] : [])];
  return { name: `conv of [${x.join(', ')}] by [${w.join(', ')}]`, op: new Conv(options), inputs };
}

function gemm(m: number, n: number, k: number, options: GemmOptions, c: number[]): OpCase {
  const { transA = false, transB = false } = options;
  return {
    name: `gemm of ${m}x${n}x${k}`,
    op: new Gemm(options),
    inputs: [transA ? f32(k, m) : f32(m, k), transB ? f32(n, k) : f32(k, n), f32(...c)],
  };
}

/** What is run by default: a case, and whether from layouts into others too. */
const CHOSEN: readonly { readonly testCase: OpCase; readonly crossing?: boolean }[] = [
  // Vectors in all layouts but NCHW, eights in all but NCHW4c.
  {
    testCase: conv([8, 8, 3, 5], [16, 8, 3, 3], [8, 16, 3, 5], {
      strides: [1, 1],
      padsBegin: [1, 1],
      padsEnd: [1, 1],
      activation: relu,
    }),
    crossing: true,
  },
  // Steps of the depth within a tap.
  { testCase: conv([1, 64, 4, 5], [24, 64, 2, 2], undefined, { strides: [1, 2], dilations: [2, 1] }) },
  // Pointwise, planes of whole vectors.
  { testCase: conv([3, 24, 2, 4], [8, 24, 1, 1], [3, 8, 2, 4], { strides: [1, 1] }) },
  // A depth in parts, and positions, channels and outputs that nothing divides.
  { testCase: conv([3, 131, 5, 3], [7, 131, 3, 2], undefined, { strides: [2, 1], padsBegin: [0, 1] }) },
  { testCase: gemm(40, 72, 24, { alpha: 0.5, beta: 2, activation: relu }, [72]), crossing: true },
  { testCase: gemm(35, 13, 19, { transA: true, transB: true }, [35, 1]), crossing: true },
  { testCase: gemm(16, 40, 1032, { transA: true }, [16, 40]) },
  { testCase: { name: 'matmul', op: new MatMul(), inputs: [f32(3, 5, 16), f32(3, 16, 8)] } },
];

/** The matrix kernels among a case's runs, if not thorough the first in each pair of layouts. */
function chosen(runs: readonly CaseRun[], crossing: boolean): CaseRun[] {
  const seen = new Set<string>();
  return runs.filter(({ candidate: { id }, place }) => {
    const tile = id.search(/_t\d/);
    if (!id.includes('matrix') || tile < 0) return false;
    if (thorough) return true;
    const [, from, to] = id.split('_');
    const way = `${id.slice(0, tile)} ${place?.axis} ${place?.before}`;
    const fresh = !seen.has(way);
    seen.add(way);
    const same = to.includes('matrix') || to === from;
    return fresh && (same || (crossing && (from === 'nhwc' || to !== 'nchw4c')));
  });
}

describe('products on subgroup matrices, emulated', () => {
  let device: EmulatedDevice;
  beforeAll(async () => {
    device = new EmulatedDevice(await openSoftware());
  });
  afterAll(() => {
    device.destroy();
  });

  const failures = async (testCase: OpCase, runs: readonly CaseRun[]): Promise<CaseResult[]> => {
    const results = await runCase(device, testCase, 'f16', runs);
    return results.filter(({ failure }) => failure !== undefined);
  };

  it.each(CHOSEN.map((choice) => ({ ...choice, title: choice.testCase.name })))(
    '$title',
    async ({ testCase, crossing = false }) => {
      const runs = chosen(wholeRuns(testCase, contextOf(device, 'f16')), crossing);
      expect(runs.length).toBeGreaterThan(0);
      expect(await failures(testCase, runs)).toEqual([]);
    },
    600_000,
  );

  // Some of them are not for these kernels.
  const more = [...gemmCases, ...thoroughGemmCases, ...convCases, ...thoroughConvCases];
  it.runIf(thorough).each(more.map((testCase) => ({ testCase, title: testCase.name })))(
    '$title',
    async ({ testCase }) => {
      const runs = chosen(wholeRuns(testCase, contextOf(device, 'f16')), true);
      expect(await failures(testCase, runs)).toEqual([]);
    },
    600_000,
  );

  // Small cases never ask for the large tiles.
  const tiles = MATRIX_TILES.filter(({ rows, cols }) => thorough || rows * cols === 128 * 64);
  it.each(tiles.map((tile) => ({ tile, title: matrixTileTag(tile) })))(
    'tile $title',
    async ({ tile }) => {
      const testCase = gemm(132, 136, 72, {}, [136]);
      const [run] = chosen(wholeRuns(testCase, contextOf(device, 'f16')), false);
      const { id, sizes } = run.candidate;
      const candidate = sizes?.grid.find(id.replace(/_t[^_]*/, `_${matrixTileTag(tile)}`));
      const fits = matrixTileRefusal(tile, { rowsAlongDepth: true, colsAlongDepth: false }, device.limits);
      expect(candidate === undefined).toBe(fits !== undefined);
      expect(await failures(testCase, candidate ? [{ ...run, candidate }] : [])).toEqual([]);
    },
    600_000,
  );

  it('parts of larger tensors', async () => {
    const [{ testCase }] = CHOSEN;
    const all = chosen(partRuns(testCase, contextOf(device, 'f16')), false);
    // By fours along channels, by eights along the batch.
    const runs = all.filter(
      ({ candidate: { id }, place }) =>
        thorough || (/_nhwc_|_chwn_/.test(id) && place?.axis !== 2 && place?.axis !== 3),
    );
    expect(runs.length).toBeGreaterThan(0);
    expect(await failures(testCase, runs)).toEqual([]);
  });
});
