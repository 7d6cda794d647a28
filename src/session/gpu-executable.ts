/** A plan on a GPU: kernels compiled, memory allocated, launches recorded; a run is one submission. */
import type { Executable, RunOptions, RunResult, StepProfile } from '../devices/device.js';
import type { GpuBuffer, GpuCopy, GpuDevice, GpuRecording, GpuSlice } from '../devices/gpu.js';
import { GpuTensor } from '../devices/webgpu/index.js';
import { SessionError } from '../errors.js';
import type { BuiltPlan } from '../plan/build.js';
import type { PlannedNetwork } from '../plan/planner.js';
import type { Plan, PlanTensor } from '../plan/plan.js';
import { formatType, type Tensor } from '../tensor/index.js';
import { compileKernels, type CompileOptions } from './compilable-plan.js';
import type { ConstantHold, ConstantStore } from './gpu-constants.js';
import { TensorPlaces } from './gpu-places.js';
import { createOutputs, checkOutputs, type GpuOutputs } from './gpu-outputs.js';
import { fromStored, toStored } from './gpu-transfer.js';

/** How often a profiled step runs in a row at most: an empty pass reads as some microseconds, which this divides. */
const PROFILE_REPEATS = 10;
/** Nanoseconds of work that are enough for a profile: a long run is not made ten times. */
const PROFILE_NS = 100e6;

/** What an executable holds on the device. */
interface Holdings {
  readonly gpu: GpuDevice;
  readonly store: ConstantStore;
  readonly constants: readonly ConstantHold[];
  readonly banks: readonly GpuBuffer[];
  readonly recording: GpuRecording;
}

export interface ExecutableOptions extends CompileOptions {
  /** What the plan rests on, where somebody will ask. */
  readonly planned?: PlannedNetwork;
}

interface ProfileOptions {
  readonly profile: boolean | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A run that was submitted. */
interface StartedRun {
  readonly result: Promise<RunResult>;
  /** When the next run may be submitted. */
  readonly free: Promise<unknown>;
}

export class GpuExecutable implements Executable {
  readonly plan: Plan;
  /** What the plan rests on; undefined where it only runs to be timed. */
  readonly planned: PlannedNetwork | undefined;
  readonly #holdings: Holdings;
  readonly #places: TensorPlaces;
  /** Nanoseconds of the run that was timed last; 0 before. */
  #whole = 0;
  /** When the next run may be submitted: runs share the arena and the memory for reading back. */
  #free: Promise<unknown> = Promise.resolve();
  /** Runs under way. */
  readonly #running = new Set<Promise<unknown>>();
  #disposed = false;

  private constructor(
    { plan }: BuiltPlan,
    planned: PlannedNetwork | undefined,
    holdings: Holdings,
    places: TensorPlaces,
  ) {
    this.planned = planned;
    this.plan = plan;
    this.#holdings = holdings;
    this.#places = places;
  }

  /** @throws DeviceError when it does not fit into the device's memory, or a kernel does not compile; the signal's reason */
  static async create(
    gpu: GpuDevice,
    built: BuiltPlan,
    store: ConstantStore,
    { planned, onProgress, signal }: ExecutableOptions = {},
  ): Promise<GpuExecutable> {
    const { plan } = built;
    const banks: GpuBuffer[] = [];
    const holds: ConstantHold[] = [];
    try {
      for (const [i, bytes] of plan.banks.entries())
        banks.push(await gpu.allocate(bytes, bankLabel(plan, i)));
      const launches = plan.steps.flatMap((step) => step.launches);
      // Preparations find theirs compiled then: all are compiled at once, in parallel.
      const preparing = plan.preparations.flatMap((preparation) => preparation.launches);
      const sources = [...launches, ...preparing].map(({ source }) => source);
      const kernels = await compileKernels(gpu, sources, { onProgress, signal });
      const places = await TensorPlaces.create(built, banks, store, { holds, signal });
      const dispatches = launches.map(({ tensors }, i) => ({
        kernel: kernels[i],
        slices: tensors.map((tensor) => places.at(tensor)),
      }));
      const readbacks = plan.outputs.map(({ tensor }) => places.at(tensor));
      const recording = await gpu.record(dispatches, readbacks);
      return new GpuExecutable(built, planned, { gpu, store, constants: holds, banks, recording }, places);
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

  /**
   * Nanoseconds of a whole run on the device, transfers apart, on the inputs of the last one.
   * @throws the signal's reason
   */
  async time(signal?: AbortSignal): Promise<number> {
    const { gpu, recording } = this.#holdings;
    const passes = [recording.dispatches.length];
    const [whole = 0] =
      passes[0] > 0 ? await gpu.time(recording, { passes, repeats: this.#repeats(), signal }) : [];
    this.#whole = whole;
    return whole;
  }

  /** How often a profile runs everything, by what a run took before. */
  #repeats(): number {
    if (this.#whole === 0) return PROFILE_REPEATS;
    return Math.max(1, Math.min(PROFILE_REPEATS, Math.ceil(PROFILE_NS / this.#whole)));
  }

  async #start(
    inputs: ReadonlyMap<string, Tensor | GpuTensor>,
    { outputs: wanted, profile, signal }: RunOptions,
  ): Promise<StartedRun> {
    if (this.#disposed) throw new SessionError('the session was disposed', { remedy: 'Create a new one.' });
    signal?.throwIfAborted();
    const outputs = wanted && (await this.#outputs(wanted));
    try {
      return this.#submit(this.#upload(inputs), outputs, { profile, signal });
    } catch (error) {
      outputs?.discard();
      throw error;
    }
  }

  #submit(before: readonly GpuCopy[], outputs: GpuOutputs | undefined, options: ProfileOptions): StartedRun {
    const { gpu, recording } = this.#holdings;
    if (!outputs) {
      const result = this.#readBack(gpu.submit(recording, { before }), options);
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
    return { result, free: options.profile ? result : Promise.resolve() };
  }

  /** Writes what is in host memory; what is on the GPU is copied in by the submission itself. */
  #upload(inputs: ReadonlyMap<string, Tensor | GpuTensor>): GpuCopy[] {
    const { gpu } = this.#holdings;
    const copies: GpuCopy[] = [];
    for (const { name, tensor } of this.plan.inputs) {
      const given = inputs.get(name);
      const to = this.#places.at(tensor);
      if (given instanceof GpuTensor) copies.push({ from: sliceOf(gpu, given, `input "${name}"`), to });
      else if (given) {
        const { type } = this.plan.tensors[tensor];
        gpu.write(to.buffer, to.offset, toStored(given, type, name, this.plan.half));
      }
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
      return [{ from: { ...this.#places.at(tensor), bytes: to.bytes }, to }];
    });
  }

  async #readBack(
    submitted: Promise<Uint8Array<ArrayBuffer>[]>,
    { profile, signal }: ProfileOptions,
  ): Promise<RunResult> {
    const results = await submitted;
    const outputs = new Map(
      this.plan.outputs.map(({ name, tensor }, i) => {
        return [name, fromStored(results[i], this.plan.tensors[tensor], this.plan.half)];
      }),
    );
    return profile ? { outputs, ...(await this.#profile(signal)) } : { outputs };
  }

  /** Times every step alone, then the whole run in one pass. @throws the signal's reason */
  async #profile(signal: AbortSignal | undefined): Promise<{ steps: StepProfile[]; milliseconds: number }> {
    const { gpu, recording } = this.#holdings;
    signal?.throwIfAborted();
    const times = await gpu.time(recording, { repeats: this.#repeats(), signal });
    signal?.throwIfAborted();
    const whole = await this.time(signal);
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
