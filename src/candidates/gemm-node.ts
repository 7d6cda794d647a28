/** What candidates of matrix products share: the product in one choice of layouts. */
import type { GpuType } from '../devices/gpu.js';
import type { GemmKernel, GemmProblem } from '../kernels/gemm/problem.js';
import type { Candidate, CandidateContext, CandidateViews, KernelStep } from './candidate.js';

/** A matrix product in one choice of layouts. */
export interface GemmWay {
  /** Ids begin with it. */
  readonly prefix: string;
  readonly type: GpuType;
  readonly context: CandidateContext;
  /** The product of whole tensors. */
  readonly dense: GemmProblem;
  readonly problem: (views: CandidateViews) => GemmProblem;
  /** A candidate without scratch memory, but for its launches. */
  readonly shell: (id: string) => Omit<Candidate, 'build'>;
  readonly step: (kernel: GemmKernel) => KernelStep;
}
