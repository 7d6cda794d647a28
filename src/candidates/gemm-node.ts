/** What candidates of matrix products share: the product in one choice of layouts. */
import type { GpuType, KernelSource } from '../devices/gpu.js';
import type { GemmProblem, GemmRole } from '../kernels/gemm/problem.js';
import type { Candidate, CandidateContext, CandidateViews, KernelStep } from './candidate.js';

/** A kernel of a product, whatever it is written in, and what each of its bindings stands for. */
export interface GemmLaunch {
  readonly source: KernelSource;
  readonly roles: readonly GemmRole[];
}

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
  readonly step: (kernel: GemmLaunch) => KernelStep;
}
