/** Cases of kernels on a GPU: compiled all at once, compared with the references, counted. */
import type { CudaDevice } from '../../../../src/devices/cuda/index.js';
import { Conv, type ConvOptions } from '../../../../src/ops/conv.js';
import type { Activated } from '../../../../src/ops/fused-activation.js';
import { sourcesOf } from '../../../kernels/families.js';
import { runCase, type CaseInput, type CaseRun, type OpCase } from '../../../kernels/harness.js';
import type { Tally } from './tally.js';

export type Storage = 'f32' | 'f16';

/** Runs ways to compute a case, and counts each. */
export async function checkRuns(
  device: CudaDevice,
  tally: Tally,
  testCase: OpCase,
  storage: Storage,
  runs: readonly CaseRun[],
): Promise<void> {
  if (runs.length === 0) return;
  tally.doing(`${storage} ${testCase.name}, ${runs.length} kernels`);
  // Compilers work on all cores; what does not compile says so again when it is its turn.
  await device.compile(runs.flatMap(sourcesOf)).catch(() => undefined);
  for (const { candidate, failure } of await runCase(device, testCase, storage, runs)) {
    tally.count(`${storage} ${testCase.name}, ${candidate}`, failure);
  }
}

export function f32(...dims: readonly number[]): CaseInput {
  return { dtype: 'f32', dims };
}

export interface ConvCaseOptions extends Partial<ConvOptions>, Activated {
  /** There is one where this is left out. */
  readonly bias?: boolean;
  readonly residual?: boolean;
}

/** A convolution of `x` by `w`. */
export function conv(
  name: string,
  x: readonly number[],
  w: readonly number[],
  { bias = true, residual = false, ...options }: ConvCaseOptions = {},
): OpCase {
  const op = new Conv({ strides: x.slice(2).map(() => 1), ...options });
  const [y] = op.infer([f32(...x), f32(...w)]);
  const inputs = [f32(...x), f32(...w), bias ? f32(w[0]) : undefined, ...(residual ? [f32(...y.dims)] : [])];
  return { name: `conv ${name}`, op, inputs };
}

/** The same padding before and behind, along both axes. */
export function padded(by: number): Pick<ConvOptions, 'padsBegin' | 'padsEnd'> {
  return { padsBegin: [by, by], padsEnd: [by, by] };
}
