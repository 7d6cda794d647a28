/** Runs graphs on a GPU: plans, compiles and allocates once per graph, then one submission per run. */
import type { Device, Executable, RunOptions, RunResult, StepProfile } from '../devices/device.js';
import type { GpuBuffer, GpuDevice, GpuRecording, GpuSlice } from '../devices/gpu.js';
import { LimitError, SessionError, UnsupportedError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import { buildPlan, type BuiltPlan } from '../plan/build.js';
import type { Plan } from '../plan/plan.js';
import { uniformPolicy, type PolicyName } from '../plan/policy.js';
import type { Tensor } from '../tensor/index.js';
import { ConstantStore } from './gpu-constants.js';
import { fromStored, toStored } from './gpu-transfer.js';

/** A GPU for one session; `release` gives it back: destroys it, unless others share it. */
export interface GpuLease {
  readonly gpu: GpuDevice;
  release(): void;
}

export interface GpuOptions {
  readonly policy?: PolicyName;
  /** How floats are stored; arithmetic accumulates in f32 either way. */
  readonly dtype?: 'f32' | 'f16';
}

/** How often a profiled step runs in a row: an empty pass reads as some microseconds, which this divides. */
const PROFILE_REPEATS = 10;

export class GpuRunner implements Device {
  readonly kind: 'webgpu' | 'cuda';
  readonly description: string;
  readonly #gpu: GpuDevice;
  readonly #lease: GpuLease;
  readonly #options: Required<GpuOptions>;
  readonly #constants: ConstantStore;

  /** @throws UnsupportedError when half precision is asked for and the device has none */
  constructor(lease: GpuLease, { policy = 'nchw', dtype = 'f32' }: GpuOptions = {}) {
    const { gpu } = lease;
    if (dtype === 'f16' && !gpu.features.has('f16')) {
      throw new UnsupportedError(`half precision on ${gpu.description}`, { remedy: 'Use dtype "f32".' });
    }
    this.kind = gpu.kind;
    this.description = gpu.description;
    this.#gpu = gpu;
    this.#lease = lease;
    this.#options = { policy, dtype };
    this.#constants = new ConstantStore(gpu);
  }

  async prepare(graph: Graph): Promise<Executable> {
    const { limits, features } = this.#gpu;
    const context = { limits, features, storage: this.#options.dtype };
    const built = buildPlan(graph, context, uniformPolicy(this.#options.policy));
    checkMemory(built.plan, graph);
    return GpuExecutable.create(this.#gpu, built, this.#constants);
  }

  async dispose(): Promise<void> {
    await this.#constants.dispose();
    this.#lease.release();
  }
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

class GpuExecutable implements Executable {
  readonly plan: Plan;
  readonly #gpu: GpuDevice;
  readonly #banks: readonly GpuBuffer[];
  readonly #slices: readonly GpuSlice[];
  readonly #recording: GpuRecording;
  /** Runs share the arena: each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  private constructor(
    gpu: GpuDevice,
    plan: Plan,
    banks: readonly GpuBuffer[],
    slices: readonly GpuSlice[],
    recording: GpuRecording,
  ) {
    this.#gpu = gpu;
    this.plan = plan;
    this.#banks = banks;
    this.#slices = slices;
    this.#recording = recording;
  }

  static async create(
    gpu: GpuDevice,
    { plan, constants }: BuiltPlan,
    store: ConstantStore,
  ): Promise<GpuExecutable> {
    const banks: GpuBuffer[] = [];
    try {
      for (const [i, bytes] of plan.banks.entries()) banks.push(await gpu.allocate(bytes, `arena ${i}`));
      const slices: GpuSlice[] = [];
      for (const tensor of plan.tensors) {
        const { place, bytes } = tensor;
        if (place.kind === 'constant') slices.push(await store.get(constants[place.index].tensor, tensor));
        else slices.push({ buffer: banks[place.bank], offset: place.offset, bytes });
      }
      const launches = plan.steps.flatMap((step) => step.launches);
      const kernels = await gpu.compile(launches.map(({ source }) => source));
      const dispatches = launches.map(({ tensors }, i) => ({
        kernel: kernels[i],
        slices: tensors.map((tensor) => slices[tensor]),
      }));
      const readbacks = plan.outputs.map(({ tensor }) => slices[tensor]);
      const recording = await gpu.record(dispatches, readbacks);
      return new GpuExecutable(gpu, plan, banks, slices, recording);
    } catch (error) {
      for (const bank of banks) bank.destroy();
      throw error;
    }
  }

  run(inputs: ReadonlyMap<string, Tensor>, options: RunOptions): Promise<RunResult> {
    const result = this.#last.then(() => this.#run(inputs, options));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#last;
    this.#gpu.release(this.#recording);
    for (const bank of this.#banks) bank.destroy();
  }

  async #run(inputs: ReadonlyMap<string, Tensor>, options: RunOptions): Promise<RunResult> {
    if (this.#disposed) throw new SessionError('the session was disposed', { remedy: 'Create a new one.' });
    options.signal?.throwIfAborted();
    for (const { name, tensor } of this.plan.inputs) {
      const given = inputs.get(name);
      const { buffer, offset } = this.#slices[tensor];
      if (given) this.#gpu.write(buffer, offset, toStored(given, this.plan.tensors[tensor].type, name));
    }
    const results = await this.#gpu.submit(this.#recording);
    const outputs = new Map(
      this.plan.outputs.map(({ name, tensor }, i) => {
        const { type, dtype, dims } = this.plan.tensors[tensor];
        return [name, fromStored(results[i], type, dtype, dims)];
      }),
    );
    return options.profile ? { outputs, steps: await this.#profile() } : { outputs };
  }

  async #profile(): Promise<StepProfile[]> {
    const times = await this.#gpu.time(this.#recording, { repeats: PROFILE_REPEATS });
    let next = 0;
    return this.plan.steps.map((step) => {
      let nanoseconds = 0;
      for (const _ of step.launches) nanoseconds += times[next++];
      const { op, name, kernel, outputLayout: layout, output, bytes, flops } = step;
      return { op, name, kernel, layout, output, bytes, flops, milliseconds: nanoseconds / 1e6 };
    });
  }
}
