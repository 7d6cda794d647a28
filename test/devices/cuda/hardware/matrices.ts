/** Kernels on tensor cores in CUDA C++ on odd shapes that are larger than a tile, in every tile in use, f16 and tf32. */
import type { CudaDevice } from '../../../../src/devices/cuda/index.js';
import { Gemm } from '../../../../src/ops/gemm.js';
import { relu } from '../../../../src/ops/unary-functions.js';
import { contextOf, sizeRuns, wholeRuns, type OpCase } from '../../../kernels/harness.js';
import { withTiles } from '../../../kernels/mma-hardware.js';
import { checkRuns, conv, f32, padded } from './runs.js';
import type { Tally } from './tally.js';

const TOLERANCE = { f32: 1e-3, f16: 2e-3 };

const CASES: readonly OpCase[] = [
  conv('3x3, all added', [3, 40, 13, 17], [136, 40, 3, 3], {
    ...padded(1),
    residual: true,
    activation: relu,
  }),
  conv('5x5, stride 2', [2, 96, 21, 20], [264, 96, 5, 5], { strides: [2, 2], ...padded(2) }),
  conv('dilated, 13 outputs', [2, 64, 15, 11], [13, 64, 3, 2], {
    strides: [1, 2],
    dilations: [2, 3],
    padsBegin: [0, 2],
    padsEnd: [3, 1],
  }),
  conv('1x1', [2, 72, 15, 13], [264, 72, 1, 1], { residual: true, activation: relu }),
  conv('1x1, stride 2', [2, 64, 15, 14], [136, 64, 1, 1], { strides: [2, 2] }),
  {
    name: 'gemm of 333x264x1000, b transposed',
    op: new Gemm({ transB: true, alpha: 0.5, beta: 2, activation: relu }),
    inputs: [f32(333, 1000), f32(264, 1000), f32(264)],
  },
  {
    name: 'gemm of 328x264x520, a transposed',
    op: new Gemm({ transA: true }),
    inputs: [f32(520, 328), f32(520, 264), f32(328, 1)],
  },
  {
    name: 'gemm of 333x270x72, b transposed',
    op: new Gemm({ transB: true }),
    inputs: [f32(333, 72), f32(270, 72), f32(270)],
  },
  // Few tiles: the depth is split.
  {
    name: 'gemm of 40x72x8200',
    op: new Gemm({ transB: true }),
    inputs: [f32(40, 8200), f32(72, 8200), f32(72)],
  },
].map((testCase) => ({ ...testCase, tolerance: TOLERANCE }));

/** Of the sizes between the tiles in use: one in so many. */
const SAMPLE = 97;

/** @param thorough a sample of every size that could be tuned too */
export async function checkMatrices(device: CudaDevice, tally: Tally, thorough: boolean): Promise<void> {
  if (!device.features.has('cuda')) {
    tally.part('the device has no tensor cores that these kernels are for');
    return;
  }
  for (const storage of ['f16', 'f32'] as const) {
    for (const given of CASES) {
      const testCase = withTiles(given, storage);
      // Once with a block for every tile, and once with so few blocks that each has several.
      for (const processors of [undefined, 2]) {
        const context = { ...contextOf(device, storage), ...(processors && { processors }) };
        const runs = wholeRuns(testCase, context);
        await checkRuns(device, tally, testCase, storage, runs);
        if (!thorough || processors) continue;
        const others = sizeRuns(testCase, { ...context, tf32: true }).filter((_, i) => i % SAMPLE === 0);
        await checkRuns(device, tally, testCase, storage, others);
      }
      tally.part(`${storage === 'f16' ? 'f16' : 'tf32'} ${testCase.name}`);
    }
  }
}
