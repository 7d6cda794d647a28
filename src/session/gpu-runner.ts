/** Runs graphs on a GPU: each is planned, compiled and given memory once. */
import { checkPrecision, type Precision } from '../candidates/precision.js';
import type { Device, Progress } from '../devices/device.js';
import type { GpuDevice } from '../devices/gpu.js';
import { LimitError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import { rewriteForGpu } from '../graph/rewrites/index.js';
import type { PlanDocument, Tuning } from '../plan/document.js';
import type { Effort } from '../plan/costs/measure-costs.js';
import { Planner, targetOf, type PlannerOptions } from '../plan/planner.js';
import type { Plan } from '../plan/plan.js';
import type { PolicyName } from '../plan/policies/index.js';
import type { CostStore } from '../tune/store/cost-store.js';
import { makePlanned } from './compilable-plan.js';
import { ConstantStore } from './gpu-constants.js';
import { GpuExecutable } from './gpu-executable.js';
import { timeRuns } from './measure-runs.js';

/** A GPU for one session; `release` gives it back: destroys it, unless others share it. */
export interface GpuLease {
  readonly gpu: GpuDevice;
  release(): void;
}

export interface GpuOptions {
  /** How layouts are assigned; `optimal` by default: whatever makes the whole network fastest. */
  readonly policy?: PolicyName;
  /** How floats are stored and multiplied; sums are f32 in all. `tf32` is for CUDA devices. */
  readonly dtype?: Precision;
  /**
   * `modelled` (the default) plans with what is known of the device: measured costs that are kept, else a model over its
   * profile. `measured` first measures what the plan depends on, which takes seconds to a minute, and keeps it.
   */
  readonly tuning?: Tuning;
  /** How much is measured; `normal` by default. */
  readonly effort?: Effort;
  /** Plans saved before (`session.plan`), to skip planning: each serves the graph that it was made for. */
  readonly plan?: PlanDocument | readonly PlanDocument[];
  /** Told how far measuring and compiling have come. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Ends making ready: planning, measuring, compiling and uploading of weights. It then rejects with the signal's reason, also
   * for shapes that come later.
   */
  readonly signal?: AbortSignal | undefined;
}

export class GpuRunner implements Device {
  readonly kind: 'webgpu' | 'cuda';
  readonly description: string;
  readonly #gpu: GpuDevice;
  readonly #lease: GpuLease;
  readonly #planner: Planner;
  readonly #constants: ConstantStore;
  readonly #told: Pick<GpuOptions, 'onProgress' | 'signal'>;

  /**
   * @param costs where measured costs are kept
   * @throws UnsupportedError when half precision is asked for and the device has none; PlanError for a damaged plan
   */
  constructor(lease: GpuLease, options: GpuOptions, costs: CostStore) {
    const { gpu } = lease;
    const { dtype = 'f32' } = options;
    checkPrecision(dtype, gpu.features, gpu.description);
    this.kind = gpu.kind;
    this.description = gpu.description;
    this.#gpu = gpu;
    this.#lease = lease;
    this.#planner = new Planner(targetOf(gpu), plannerOptions(options, gpu), costs);
    this.#constants = new ConstantStore(gpu);
    const { onProgress, signal } = options;
    this.#told = { onProgress, signal };
  }

  get gpuDevice(): GPUDevice | undefined {
    return this.#gpu.interop?.device;
  }

  async prepare(graph: Graph): Promise<GpuExecutable> {
    rewriteForGpu(graph);
    return makePlanned(
      this.#gpu,
      this.#planner,
      graph,
      (planned) => {
        checkMemory(planned.built.plan, graph);
        return GpuExecutable.create(this.#gpu, planned.built, this.#constants, { planned, ...this.#told });
      },
      this.#told.signal,
    );
  }

  /** Its graphs have been disposed of, and their constants with them. */
  dispose(): Promise<void> {
    this.#lease.release();
    return Promise.resolve();
  }
}

/**
 * Options as a planner takes them, with what they are when left out.
 * @param gpu what runs can be timed on
 */
export function plannerOptions(options: GpuOptions, gpu?: GpuDevice): PlannerOptions {
  const {
    policy = 'optimal',
    dtype = 'f32',
    tuning = 'modelled',
    effort = 'normal',
    plan,
    onProgress,
    signal,
  } = options;
  const plans = plan === undefined ? undefined : [plan].flat();
  const told = { onProgress, signal };
  const timer: PlannerOptions['timeRuns'] = gpu && ((graph, built) => timeRuns(gpu, graph, built, told));
  return { policy, dtype, tuning, effort, plans, timeRuns: timer, ...told };
}

/** @throws LimitError for a plan that takes more memory than the graph's limits allow */
export function checkMemory(plan: Plan, graph: Graph): void {
  const arena = plan.banks.reduce((sum, bytes) => sum + bytes, 0);
  if (arena + plan.constantBytes <= graph.limits.maxTotalBytes) return;
  throw new LimitError(
    `the network takes ${plan.constantBytes} bytes of weights and ${arena} of activations`,
    {
      remedy: `The limit is ${graph.limits.maxTotalBytes} in all; raise limits.maxTotalBytes if this is meant.`,
    },
  );
}
