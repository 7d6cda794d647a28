/** Calls of cuDNN and cuBLASLt against the references, in f32, tf32 and f16; twice, as equal inputs give equal results. */
import type { CudaDevice } from '../../../../src/devices/cuda/index.js';
import { GPU_TYPE_BYTES, type GpuBuffer, type GpuSlice } from '../../../../src/devices/gpu.js';
import { viewSize, type TensorView } from '../../../../src/kernels/view.js';
import { Gemm } from '../../../../src/ops/gemm.js';
import { MatMul } from '../../../../src/ops/matmul.js';
import { clip, gelu, leakyRelu, relu, sigmoid } from '../../../../src/ops/unary-functions.js';
import { convCases } from '../../../kernels/cases/conv.js';
import { gemmCases } from '../../../kernels/cases/gemm.js';
import {
  contextOf,
  partRuns,
  randomNumbers,
  toDevice,
  wholeRuns,
  type CaseRun,
  type OpCase,
} from '../../../kernels/harness.js';
import { Tensor, sizeOf } from '../../../../src/tensor/index.js';
import { checkRuns, conv, f32, padded } from './runs.js';
import type { Tally } from './tally.js';

/** What layers of networks are like, in odd sizes. */
const LAYERS: readonly OpCase[] = [
  conv('3x3', [3, 8, 9, 7], [16, 8, 3, 3], { ...padded(1), activation: relu }),
  conv('3x3 and a residual', [2, 16, 7, 7], [24, 16, 3, 3], {
    ...padded(1),
    residual: true,
    activation: relu,
  }),
  conv('with a residual alone', [2, 16, 7, 7], [24, 16, 3, 3], {
    ...padded(1),
    residual: true,
    bias: false,
  }),
  conv('of odd channels', [3, 5, 9, 8], [7, 5, 3, 2], { strides: [1, 2], bias: false }),
  conv('7x7 stride 2 of 3', [2, 3, 31, 29], [16, 3, 7, 7], {
    strides: [2, 2],
    ...padded(3),
    activation: relu,
  }),
  conv('5x5 of 1', [4, 1, 28, 28], [16, 1, 5, 5]),
  conv('dilated', [2, 8, 12, 12], [8, 8, 3, 3], { dilations: [2, 2], ...padded(2) }),
  conv('in two groups', [2, 8, 9, 9], [12, 4, 3, 3], { group: 2, ...padded(1), activation: relu }),
  conv('depthwise', [2, 32, 14, 14], [32, 1, 3, 3], { group: 32, ...padded(1), activation: clip(0, 6) }),
  conv('depthwise, stride 2', [2, 32, 14, 14], [32, 1, 3, 3], {
    group: 32,
    strides: [2, 2],
    ...padded(1),
    activation: relu,
  }),
  ...[clip(0, 6), leakyRelu(0.1), sigmoid, gelu()].map((activation) =>
    conv(`and ${activation.name}`, [2, 16, 9, 9], [32, 16, 3, 3], { ...padded(1), activation }),
  ),
  conv('1x1 and a residual', [3, 24, 5, 7], [40, 24, 1, 1], { residual: true, activation: relu }),
  conv('1x1, odd', [3, 5, 5, 7], [7, 5, 1, 1]),
  conv('1x1, stride 2', [2, 16, 9, 9], [32, 16, 1, 1], { strides: [2, 2] }),
  conv('of one window', [4, 16, 6, 6], [64, 16, 6, 6], { activation: relu }),
  conv('deep', [2, 256, 13, 13], [384, 256, 3, 3], padded(1)),
  conv('of rank 3', [2, 8, 20], [16, 8, 3], { padsBegin: [1], padsEnd: [1], activation: relu }),
  conv('of rank 5', [1, 8, 5, 6, 7], [8, 8, 3, 3, 3], { padsBegin: [1, 1, 1], padsEnd: [1, 1, 1] }),
  {
    name: 'gemm with a bias',
    op: new Gemm({ transB: true, activation: relu }),
    inputs: [f32(33, 130), f32(70, 130), f32(70)],
  },
  {
    name: 'gemm with a column',
    op: new Gemm({ transA: true }),
    inputs: [f32(40, 24), f32(40, 56), f32(24, 1)],
  },
  {
    name: 'gemm with a matrix',
    op: new Gemm({ alpha: 0.5, beta: 2 }),
    inputs: [f32(17, 65), f32(65, 31), f32(17, 31)],
  },
  { name: 'gemm of one row', op: new Gemm(), inputs: [f32(1, 512), f32(512, 100), f32(100)] },
  { name: 'gemm, odd', op: new Gemm(), inputs: [f32(7, 13), f32(13, 5), f32(5)] },
  { name: 'matmul of batches', op: new MatMul(), inputs: [f32(4, 36, 12), f32(4, 12, 20)] },
  { name: 'matmul by one matrix', op: new MatMul(), inputs: [f32(3, 5, 8), f32(8, 4)] },
];

/** tf32 has ten bits of fraction, as f16. */
const TYPES = [
  { type: 'f32', storage: 'f32', tolerance: undefined },
  { type: 'tf32', storage: 'f32', tolerance: { f32: 2e-3, f16: 2e-3 } },
  { type: 'f16', storage: 'f16', tolerance: undefined },
] as const;

function isLibrary({ candidate }: CaseRun): boolean {
  return /cudnn|cublaslt/.test(candidate.id);
}

function bytesOf(view: TensorView): number {
  return viewSize(view) * GPU_TYPE_BYTES[view.type];
}

export async function checkLibraries(device: CudaDevice, tally: Tally): Promise<void> {
  for (const library of ['cudnn', 'cublaslt'] as const) {
    if (!device.features.has(library)) tally.part(`${library} was not found: \`lanewise devices\` says why`);
  }
  for (const { type, storage, tolerance } of TYPES) {
    const before = tally.passed + tally.failed;
    for (const given of [...LAYERS, ...convCases, ...gemmCases]) {
      const testCase = tolerance ? { ...given, tolerance } : given;
      const context = { ...contextOf(device, storage), tf32: type === 'tf32' };
      const whole = wholeRuns(testCase, context).filter(isLibrary);
      const runs = [...whole, ...partRuns(testCase, context).filter(isLibrary)];
      await checkRuns(device, tally, testCase, storage, runs);
      for (const run of whole) {
        tally.count(
          `${type} ${testCase.name}, ${run.candidate.id} twice`,
          await differsFromItself(device, run),
        );
      }
    }
    tally.part(`${type}: ${tally.passed + tally.failed - before} checks`);
  }
}

/** Runs a candidate twice on equal random inputs. @returns what differs, or undefined */
async function differsFromItself(
  device: CudaDevice,
  { candidate, views }: CaseRun,
): Promise<string | undefined> {
  const random = randomNumbers(11);
  const buffers: GpuBuffer[] = [];
  const allocate = async (bytes: number): Promise<GpuSlice> => {
    const buffer = await device.allocate(bytes, candidate.id);
    buffers.push(buffer);
    return { buffer, offset: 0, bytes: buffer.bytes };
  };
  try {
    const input: (GpuSlice | undefined)[] = [];
    for (const view of views.inputs) {
      const place = view && (await allocate(bytesOf(view)));
      input.push(place);
      if (!place) continue;
      const numbers = Array.from({ length: sizeOf(view.dims) }, () => 2 * random() - 1);
      device.write(place.buffer, 0, toDevice(Tensor.from('f32', view.dims, numbers), view.layout, view.type));
    }
    const output = [await allocate(bytesOf(views.outputs[0]))];
    const workspace: GpuSlice[] = [];
    for (const bytes of candidate.workspace) workspace.push(await allocate(bytes));
    const places = { input, output, workspace };
    const steps = candidate.build(views);
    const kernels = await device.compile(steps.map(({ source }) => source));
    const dispatches = steps.map(({ operands }, i) => ({
      kernel: kernels[i],
      slices: operands.flatMap(({ kind, index }) => places[kind][index] ?? []),
    }));
    const recording = await device.record(dispatches, output);
    const [[first], [again]] = [await device.submit(recording), await device.submit(recording)];
    device.release(recording);
    const at = first.findIndex((byte, i) => byte !== again[i]);
    return at < 0 ? undefined : `two runs differ at byte ${at}`;
  } catch (error) {
    return String(error);
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
