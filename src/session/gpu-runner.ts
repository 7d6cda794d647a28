/** Runs graphs on a GPU: plans, compiles and allocates once per graph, then one submission per run. */
import type { Device, Executable, Progress, RunOptions, RunResult, StepProfile } from '../devices/device.js';
import type { GpuBuffer, GpuCopy, GpuDevice, GpuRecording, GpuSlice } from '../devices/gpu.js';
import { GpuTensor } from '../devices/webgpu/index.js';
import { LimitError, SessionError, UnsupportedError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import { rewriteForGpu } from '../graph/rewrites/index.js';
import type { PlanDocument, Tuning } from '../plan/document.js';
import type { Effort } from '../plan/costs/measure-costs.js';
import {
  Planner,
  targetOf,
  type PlannedNetwork,
  type PlannerOptions,
  type StorageType,
} from '../plan/planner.js';
import type { Plan, PlanTensor } from '../plan/plan.js';
import type { PolicyName } from '../plan/policies/index.js';
import { formatType, type Tensor } from '../tensor/index.js';
import type { CostStore } from '../tune/store/cost-store.js';
import { ConstantStore, type ConstantHold } from './gpu-constants.js';
import { createOutputs, checkOutputs, type GpuOutputs } from './gpu-outputs.js';
import { fromStored, toStored } from './gpu-transfer.js';

/** A GPU for one session; `release` gives it back: destroys it, unless others share it. */
export interface GpuLease {
  readonly gpu: GpuDevice;
  release(): void;
}

/** Element types that floats may be stored in. */
export const STORAGE_TYPES = ['f32', 'f16'] as const satisfies readonly StorageType[];

export interface GpuOptions {
  /** How layouts are assigned; `optimal` by default: whatever makes the whole network fastest. */
  readonly policy?: PolicyName;
  /** How floats are stored; arithmetic accumulates in f32 either way. */
  readonly dtype?: StorageType;
  /**
   * `modelled` (the default) plans with what is known of the device: measured costs that are kept, else a model over its
   * profile. `measured` first measures what the plan depends on, which takes seconds to a minute, and keeps it.
   */
  readonly tuning?: Tuning;
  /** How much is measured; `normal` by default. */
  readonly effort?: Effort;
  /** Plans saved before (`session.plan`), to skip planning: each serves the graph that it was made for. */
  readonly plan?: PlanDocument | readonly PlanDocument[];
  /** Told how far measuring has come. */
  readonly onTuning?: (progress: Progress) => void;
  /** Stops measuring: what was being made ready then rejects with its reason. */
  readonly tuningSignal?: AbortSignal;
}

/** How often a profiled step runs in a row: an empty pass reads as some microseconds, which this divides. */
const PROFILE_REPEATS = 10;

export class GpuRunner implements Device {
  readonly kind: 'webgpu' | 'cuda';
  readonly description: string;
  readonly #gpu: GpuDevice;
  readonly #lease: GpuLease;
  readonly #planner: Planner;
  readonly #constants: ConstantStore;

  /**
   * @param costs where measured costs are kept
   * @throws UnsupportedError when half precision is asked for and the device has none; PlanError for a damaged plan
   */
  constructor(lease: GpuLease, options: GpuOptions, costs: CostStore) {
    const { gpu } = lease;
    const { dtype = 'f32' } = options;
    if (dtype === 'f16' && !gpu.features.has('f16')) {
      throw new UnsupportedError(`half precision on ${gpu.description}`, { remedy: 'Use dtype "f32".' });
    }
    this.kind = gpu.kind;
    this.description = gpu.description;
    this.#gpu = gpu;
    this.#lease = lease;
    this.#planner = new Planner(targetOf(gpu), plannerOptions(options), costs);
    this.#constants = new ConstantStore(gpu);
  }

  get gpuDevice(): GPUDevice | undefined {
    return this.#gpu.interop?.device;
  }

  async prepare(graph: Graph): Promise<GpuExecutable> {
    rewriteForGpu(graph);
    const planned = await this.#planner.plan(graph);
    checkMemory(planned.built.plan, graph);
    return GpuExecutable.create(this.#gpu, planned, this.#constants);
  }

  /** Its graphs have been disposed of, and their constants with them. */
  dispose(): Promise<void> {
    this.#lease.release();
    return Promise.resolve();
  }
}

/** Options as a planner takes them, with what they are when left out. */
export function plannerOptions(options: GpuOptions): PlannerOptions {
  const {
    policy = 'optimal',
    dtype = 'f32',
    tuning = 'modelled',
    effort = 'normal',
    plan,
    onTuning,
    tuningSignal,
  } = options;
  const plans = plan === undefined ? undefined : [plan].flat();
  return { policy, dtype, tuning, effort, plans, onProgress: onTuning, signal: tuningSignal };
}

function checkMemory(plan: Plan, graph: Graph): void {
  const arena = plan.banks.reduce((sum, bytes) => sum + bytes, 0);
  if (arena + plan.constantBytes <= graph.limits.maxTotalBytes) return;
  throw new LimitError(
    `the network takes ${plan.constantBytes} bytes of weights and ${arena} of activations`,
    {
      remedy: `The limit is ${graph.limits.maxTotalBytes} in all; raise limits.maxTotalBytes if this is meant.`,
    },
  );
}

/** What an executable holds on the device. */
interface Holdings {
  readonly gpu: GpuDevice;
  readonly store: ConstantStore;
  readonly constants: readonly ConstantHold[];
  readonly banks: readonly GpuBuffer[];
  readonly recording: GpuRecording;
}

/** A run that was submitted. */
interface StartedRun {
  readonly result: Promise<RunResult>;
  /** When the next run may be submitted. */
  readonly free: Promise<unknown>;
}

export class GpuExecutable implements Executable {
  readonly plan: Plan;
  /** What the plan rests on. */
  readonly planned: PlannedNetwork;
  readonly #holdings: Holdings;
  /** Where each of the plan's tensors is. */
  readonly #slices: readonly GpuSlice[];
  /** When the next run may be submitted: runs share the arena and the memory for reading back. */
  #free: Promise<unknown> = Promise.resolve();
  /** Runs under way. */
  readonly #running = new Set<Promise<unknown>>();
  #disposed = false;

  private constructor(planned: PlannedNetwork, holdings: Holdings, slices: readonly GpuSlice[]) {
    this.planned = planned;
    this.plan = planned.built.plan;
    this.#holdings = holdings;
    this.#slices = slices;
  }

  static async create(gpu: GpuDevice, planned: PlannedNetwork, store: ConstantStore): Promise<GpuExecutable> {
    const { plan, constants } = planned.built;
    const banks: GpuBuffer[] = [];
    const holds: ConstantHold[] = [];
    try {
      for (const [i, bytes] of plan.banks.entries())
        banks.push(await gpu.allocate(bytes, bankLabel(plan, i)));
      const slices: GpuSlice[] = [];
      const uploaded = new Map<number, GpuSlice>();
      for (const tensor of plan.tensors) {
        const { place, bytes, name } = tensor;
        if (place.kind === 'constant') {
          // The first has the constant's own dims; others are its memory under other names.
          let slice = uploaded.get(place.index);
          if (!slice) {
            slice = await store.acquire(constants[place.index].tensor, tensor, holds);
            uploaded.set(place.index, slice);
          }
          slices.push(slice);
        } else {
          slices.push({ buffer: banks[place.bank], offset: place.offset, bytes, label: `"${name}"` });
        }
      }
      const launches = plan.steps.flatMap((step) => step.launches);
      const kernels = await gpu.compile(launches.map(({ source }) => source));
      const dispatches = launches.map(({ tensors }, i) => ({
        kernel: kernels[i],
        slices: tensors.map((tensor) => slices[tensor]),
      }));
      const readbacks = plan.outputs.map(({ tensor }) => slices[tensor]);
      const recording = await gpu.record(dispatches, readbacks);
      return new GpuExecutable(planned, { gpu, store, constants: holds, banks, recording }, slices);
    } catch (error) {
      for (const bank of banks) bank.destroy();
      await store.release(holds);
      throw error;
    }
  }

  run(inputs: ReadonlyMap<string, Tensor | GpuTensor>, options: RunOptions): Promise<RunResult> {
    const started = this.#free.then(() => this.#start(inputs, options));
    this.#free = started.then(({ free }) => free).catch(() => undefined);
    const result = started.then((run) => run.result);
    this.#running.add(result);
    return result.finally(() => this.#running.delete(result));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.allSettled(this.#running);
    const { gpu, store, constants, banks, recording } = this.#holdings;
    gpu.release(recording);
    for (const bank of banks) bank.destroy();
    await store.release(constants);
  }

  async #start(
    inputs: ReadonlyMap<string, Tensor | GpuTensor>,
    { outputs: wanted, profile, signal }: RunOptions,
  ): Promise<StartedRun> {
    if (this.#disposed) throw new SessionError('the session was disposed', { remedy: 'Create a new one.' });
    signal?.throwIfAborted();
    const outputs = wanted && (await this.#outputs(wanted));
    try {
      return this.#submit(this.#upload(inputs), outputs, profile ?? false);
    } catch (error) {
      outputs?.discard();
      throw error;
    }
  }

  #submit(before: readonly GpuCopy[], outputs: GpuOutputs | undefined, profile: boolean): StartedRun {
    const { gpu, recording } = this.#holdings;
    if (!outputs) {
      const result = this.#readBack(gpu.submit(recording, { before }), profile);
      return { result, free: result };
    }
    const done = gpu.submit(recording, { before, after: this.#copies(outputs), readback: false });
    const result = done.then(
      () => ({ outputs: new Map<string, Tensor>(), gpuOutputs: outputs.tensors }),
      (error: unknown) => {
        outputs.discard();
        throw error;
      },
    );
    // Nothing is read back, so that the next run may queue behind this one on the GPU.
    return { result, free: profile ? result : Promise.resolve() };
  }

  /** Writes what is in host memory; what is on the GPU is copied in by the submission itself. */
  #upload(inputs: ReadonlyMap<string, Tensor | GpuTensor>): GpuCopy[] {
    const { gpu } = this.#holdings;
    const copies: GpuCopy[] = [];
    for (const { name, tensor } of this.plan.inputs) {
      const given = inputs.get(name);
      const to = this.#slices[tensor];
      if (given instanceof GpuTensor) copies.push({ from: sliceOf(gpu, given, `input "${name}"`), to });
      else if (given) gpu.write(to.buffer, to.offset, toStored(given, this.plan.tensors[tensor].type, name));
    }
    return copies;
  }

  #outputs(wanted: NonNullable<RunOptions['outputs']>): Promise<GpuOutputs> | GpuOutputs {
    const ports = this.plan.outputs.map(({ name, tensor }) => ({ name, tensor: this.plan.tensors[tensor] }));
    return wanted === 'gpu' ? createOutputs(this.#holdings.gpu, ports) : checkOutputs(wanted, ports);
  }

  #copies({ tensors }: GpuOutputs): GpuCopy[] {
    return this.plan.outputs.flatMap(({ name, tensor }) => {
      const target = tensors.get(name);
      if (!target) return [];
      const to = sliceOf(this.#holdings.gpu, target, `output "${name}"`);
      return [{ from: { ...this.#slices[tensor], bytes: to.bytes }, to }];
    });
  }

  async #readBack(submitted: Promise<Uint8Array<ArrayBuffer>[]>, profile: boolean): Promise<RunResult> {
    const results = await submitted;
    const outputs = new Map(
      this.plan.outputs.map(({ name, tensor }, i) => {
        const { type, dtype, dims } = this.plan.tensors[tensor];
        return [name, fromStored(results[i], type, dtype, dims)];
      }),
    );
    return profile ? { outputs, ...(await this.#profile()) } : { outputs };
  }

  /** Times every step alone, then the whole run in one pass. */
  async #profile(): Promise<{ steps: StepProfile[]; milliseconds: number }> {
    const { gpu, recording } = this.#holdings;
    const times = await gpu.time(recording, { repeats: PROFILE_REPEATS });
    const passes = [recording.dispatches.length];
    const [whole = 0] = passes[0] > 0 ? await gpu.time(recording, { passes, repeats: PROFILE_REPEATS }) : [];
    let next = 0;
    const steps = this.plan.steps.map((step): StepProfile => {
      let nanoseconds = 0;
      for (const _ of step.launches) nanoseconds += times[next++];
      const { op, name, kernel, outputLayout: layout, output, bytes, flops } = step;
      return { op, name, kernel, layout, output, bytes, flops, milliseconds: nanoseconds / 1e6 };
    });
    return { steps, milliseconds: whole / 1e6 };
  }
}

/** What an arena buffer is for, as an error about its size names it. */
function bankLabel({ tensors }: Plan, bank: number): string {
  let largest: PlanTensor | undefined;
  for (const tensor of tensors) {
    const { place, bytes } = tensor;
    if (place.kind === 'arena' && place.bank === bank && bytes > (largest?.bytes ?? -1)) largest = tensor;
  }
  const why = largest ? ` (the largest is "${largest.name}", ${formatType(largest)})` : '';
  return `the memory of activations${why}`;
}

/** A tensor of the caller's as a piece of the device's memory. */
function sliceOf({ interop }: GpuDevice, { buffer, offset, bytes }: GpuTensor, label: string): GpuSlice {
  if (!interop) throw new TypeError(`${label} is a GPU tensor on a device that takes none`);
  return { buffer: interop.wrap(buffer), offset, bytes, label };
}
