/** A model made ready for a device: binds shapes, prepares a graph per shape, checks and runs. */
import { InputError, SessionError, UnsupportedError } from '../errors.js';
import { ValueNeeded, type Binding, type Graph, type Model, type ModelPort } from '../graph/index.js';
import { rewriteGraph } from '../graph/rewrites/index.js';
import type { Device, GpuTensorMap, RunOptions, RunResult, StepProfile } from '../devices/device.js';
import { GpuTensor } from '../devices/webgpu/index.js';
import { Tensor, formatDims, type DType, type StorageByDType } from '../tensor/index.js';
import type { PlanDocument } from '../plan/document.js';
import { explain, type Explanation } from '../plan/explain.js';
import type { PlannedNetwork } from '../plan/planner.js';
import { bindDims, checkInputs, type DimBindings } from './binding.js';
import { GpuExecutable } from './gpu-executable.js';
import { PreparedGraphs, type PreparedGraph } from './prepared-graphs.js';

/** Tensors by name. */
export type TensorMap = Readonly<Record<string, Tensor>>;

/** What a run takes: tensors by name, in host memory or, on WebGPU, in GPU memory. */
export type InputMap = Readonly<Record<string, Tensor | GpuTensor>>;

/** Options of a run whose outputs come back to host memory. */
export type HostRunOptions = Omit<RunOptions, 'profile' | 'outputs'> & { readonly outputs?: undefined };

/** Options of a run whose outputs stay in GPU memory. */
export interface GpuRunOptions extends Omit<RunOptions, 'profile'> {
  /**
   * `gpu` leaves every output in a fresh buffer of the session's GPU device, which the caller owns. Tensors by name
   * are written to, so that nothing is allocated; outputs that are not among them are dropped.
   */
  readonly outputs: 'gpu' | GpuTensorMap;
}

export interface SessionOptions {
  /** Shapes to prepare for now; without it, shapes are taken from the first run's inputs. */
  readonly dims?: DimBindings;
  /** Simplify the graph (fold constants and batch normalisation, fuse activations); on by default. */
  readonly rewrite?: boolean;
}

/** A run with the time of every step. */
export interface Profile {
  readonly outputs: TensorMap;
  readonly steps: readonly StepProfile[];
  /** Milliseconds of the whole run on the device, transfers apart. */
  readonly milliseconds: number;
}

/** Graphs kept ready, one per set of input shapes; the least recently used goes first. */
const MAX_PREPARED = 8;

/** Inputs whose values decide about shapes become part of the prepared graph: only small ones may. */
const MAX_VALUE_ELEMENTS = 1 << 16;

export class Session {
  readonly model: Model;
  readonly device: Device;
  /** Why it runs on this device. */
  readonly deviceReason: string;
  readonly #options: SessionOptions;
  readonly #prepared = new PreparedGraphs(MAX_PREPARED);
  /** Names of inputs whose values decide about shapes. */
  readonly #valueInputs = new Set<string>();
  #disposal: Promise<void> | undefined;
  /** What was planned for the shapes used last. */
  #planned: PlannedNetwork | undefined;

  private constructor(model: Model, device: Device, options: SessionOptions, reason: string) {
    this.model = model;
    this.device = device;
    this.deviceReason = reason;
    this.#options = options;
  }

  /** Use `createSession`. Prepares the graph at once when `dims` or the model fix all shapes. */
  static async create(
    model: Model,
    device: Device,
    options: SessionOptions = {},
    reason = 'given by the caller',
  ): Promise<Session> {
    const session = new Session(model, device, options, reason);
    const dims = bindDims(model.inputs, options.dims ?? {});
    if (dims) {
      try {
        await session.#withPrepared({ dims, values: new Map() }, () => undefined);
      } catch (error) {
        // Shapes that depend on values wait for the first run.
        if (!(error instanceof ValueNeeded)) throw error;
      }
    }
    return session;
  }

  get inputs(): readonly ModelPort[] {
    return this.model.inputs;
  }

  get outputs(): readonly ModelPort[] {
    return this.model.outputs;
  }

  /** The WebGPU device that it runs on, of which `GpuTensor`s must be; undefined on other devices. */
  get gpuDevice(): GPUDevice | undefined {
    return this.device.gpuDevice;
  }

  /**
   * Runs the model. The inputs may be read later than this returns (runs queue): do not change an input's data before
   * the promise resolves.
   * @param inputs a tensor per input name; on WebGPU they may be in GPU memory (`GpuTensor`)
   * @returns a tensor per output name
   * @throws InputError for unknown or missing names, wrong types or shapes, and GPU tensors on other devices
   */
  async run(inputs: InputMap, options?: HostRunOptions): Promise<TensorMap>;
  /**
   * Runs the model on WebGPU and leaves its outputs there. The promise resolves when the work is done; runs that are
   * not awaited queue one behind the other on the GPU. Do not change the data of an input in host memory before the
   * promise resolves.
   * @returns a tensor per output name, or those of `options.outputs`
   */
  async run(inputs: InputMap, options: GpuRunOptions): Promise<GpuTensorMap>;
  async run(
    inputs: InputMap,
    options: HostRunOptions | GpuRunOptions = {},
  ): Promise<TensorMap | GpuTensorMap> {
    const { outputs, gpuOutputs } = await this.#execute(inputs, options);
    return Object.fromEntries(gpuOutputs ?? outputs);
  }

  /** Runs the model and times every step. */
  async profile(inputs: InputMap, options: HostRunOptions = {}): Promise<Profile> {
    const result = await this.#execute(inputs, { ...options, profile: true });
    const { outputs, steps = [], milliseconds = 0 } = result;
    return { outputs: Object.fromEntries(outputs), steps, milliseconds };
  }

  /**
   * The simplified graph for given shapes, as it runs.
   * @throws InputError when they leave a dimension open, or when shapes depend on the data of an input
   */
  async graph(given: DimBindings = this.#options.dims ?? {}): Promise<Graph> {
    this.#checkAlive();
    const dims = bindDims(this.model.inputs, given);
    if (!dims) {
      throw new InputError('the input shapes are not known', {
        remedy: 'Pass dims for the symbolic dimensions or the inputs.',
      });
    }
    try {
      return await this.#withPrepared({ dims, values: new Map() }, ({ graph }) => graph);
    } catch (error) {
      if (!(error instanceof ValueNeeded)) throw error;
      throw new InputError(`its ${error.purpose} depends on the data of ${dataNames(error)}`, {
        node: error.label,
        remedy: 'The graph exists only for given data: use profile() to see the steps of a run.',
        cause: error,
      });
    }
  }

  /**
   * The plan of the shapes that were used last, as plain JSON: save it, and pass it as `options.plan` to skip planning.
   * Undefined on the CPU, which plans nothing, and before any shapes are known.
   */
  get plan(): PlanDocument | undefined {
    return this.#planned?.document;
  }

  /**
   * Why the plan of the shapes that were used last is as it is.
   * @throws SessionError on the CPU, and before any shapes are known
   */
  explain(): Explanation {
    if (this.#planned) return explain(this.#planned);
    throw new SessionError(`there is no plan to explain on the ${this.device.description}`, {
      remedy: 'Use a GPU device, and create the session with dims or run it first.',
    });
  }

  /** What to know of the plan of the shapes used last, such as kernels that do not compile on the device: sentences. */
  get notes(): readonly string[] {
    return this.#planned?.notes ?? [];
  }

  /** Frees all that the session holds, the device included, once its runs have ended. Later calls reject. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#prepared.clear().then(() => this.device.dispose());
    return this.#disposal;
  }

  async #execute(inputs: InputMap, options: RunOptions): Promise<RunResult> {
    this.#checkAlive();
    options.signal?.throwIfAborted();
    const dims = checkInputs(this.model.inputs, inputs);
    this.#checkGpuUse(inputs, options);
    // Each attempt may find one more input whose value decides about shapes.
    for (;;) {
      const values = this.#valuesOf(inputs);
      try {
        return await this.#withPrepared(
          { dims, values },
          ({ executable }) => executable.run(new Map(Object.entries(inputs)), options),
          options.signal,
        );
      } catch (error) {
        if (!(error instanceof ValueNeeded)) throw error;
        this.#bindValues(error, inputs, values);
      }
    }
  }

  /** @throws InputError for GPU tensors on a device that has none */
  #checkGpuUse(inputs: InputMap, { outputs }: RunOptions): void {
    if (this.device.gpuDevice) return;
    const input = Object.entries(inputs).find(([, tensor]) => tensor instanceof GpuTensor);
    if (!input && !outputs) return;
    const what = input ? `input "${input[0]}" is in GPU memory` : 'the outputs are to stay in GPU memory';
    throw new InputError(`${what}, and the session runs on the ${this.device.description}`, {
      remedy: 'Pass Tensors and leave options.outputs out, or create the session with device "webgpu".',
    });
  }

  /**
   * The tensors of the inputs whose values decide about shapes.
   * @throws InputError when one of them is in GPU memory
   */
  #valuesOf(inputs: InputMap): ReadonlyMap<string, Tensor> {
    const values = new Map<string, Tensor>();
    for (const name of this.#valueInputs) {
      const tensor = inputs[name];
      if (tensor instanceof GpuTensor) {
        throw new InputError(`input "${name}" is in GPU memory, and shapes depend on its values`, {
          remedy: 'Pass a Tensor for it.',
        });
      }
      values.set(name, tensor);
    }
    return values;
  }

  /** Notes which inputs' values are needed. @param bound those that the failed attempt had */
  #bindValues(need: ValueNeeded, inputs: InputMap, bound: ReadonlyMap<string, Tensor>): void {
    const names = need.inputs.map(({ name }) => name);
    const size = names.reduce((sum, name) => sum + inputs[name].size, 0);
    const fresh = names.filter((name) => !bound.has(name));
    if (fresh.length === 0 || size > MAX_VALUE_ELEMENTS) {
      throw new UnsupportedError(`a ${need.purpose} that depends on the data of ${dataNames(need)}`, {
        node: need.label,
        remedy: 'Export the model with a fixed value for it.',
      });
    }
    for (const name of fresh) this.#valueInputs.add(name);
  }

  async #withPrepared<T>(
    binding: Binding,
    work: (prepared: PreparedGraph) => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    this.#checkAlive();
    return this.#prepared.use(
      keyOf(binding),
      () => this.#build(binding),
      (prepared) => {
        const { executable } = prepared;
        if (executable instanceof GpuExecutable) this.#planned = executable.planned;
        return work(prepared);
      },
      signal,
    );
  }

  async #build(binding: Binding): Promise<PreparedGraph> {
    // The graph outlives the run: what the caller later writes into a tensor must not reach it.
    const values = new Map(Array.from(binding.values ?? [], ([name, tensor]) => [name, copyOf(tensor)]));
    const graph = this.model.build({ dims: binding.dims, values });
    if (this.#options.rewrite !== false) rewriteGraph(graph);
    return { graph, executable: await this.device.prepare(graph) };
  }

  #checkAlive(): void {
    if (this.#disposal) {
      throw new SessionError('the session was disposed', { remedy: 'Create a new one with createSession.' });
    }
  }
}

/** The inputs that a shape depends on; what depends on none was too large to evaluate while reading the model. */
function dataNames(need: ValueNeeded): string {
  return need.inputs.map(({ name }) => `"${name}"`).join(', ') || 'large constants';
}

function keyOf({ dims, values = new Map() }: Binding): string {
  const shapes = Array.from(dims, ([name, list]) => [name, formatDims(list)]);
  const bound = Array.from(values, ([name, tensor]) => [name, Array.from(tensor.data, textOf)]);
  return JSON.stringify([shapes, bound]);
}

function copyOf<D extends DType>({ dtype, dims, data }: Tensor<D>): Tensor<D> {
  return new Tensor(dtype, dims, data.slice() as StorageByDType[D]);
}

function textOf(element: number | bigint): string {
  return Object.is(element, -0) ? '-0' : String(element);
}
