/** A model made ready for a device: binds shapes, prepares a graph per shape, checks and runs. */
import { InputError, SessionError, UnsupportedError } from '../errors.js';
import { ValueNeeded, type Binding, type Graph, type Model, type ModelPort } from '../graph/index.js';
import { rewriteGraph } from '../graph/rewrites/index.js';
import type { Device, RunOptions, RunResult, StepProfile } from '../devices/device.js';
import { Tensor, formatDims, type DType, type StorageByDType } from '../tensor/index.js';
import { bindDims, checkInputs, type DimBindings } from './binding.js';
import { PreparedGraphs, type PreparedGraph } from './prepared-graphs.js';

/** Tensors by name. */
export type TensorMap = Readonly<Record<string, Tensor>>;

export interface SessionOptions {
  /** Shapes to prepare for now; without it, shapes are taken from the first run's inputs. */
  readonly dims?: DimBindings;
  /** Why the device was taken, for `session.deviceReason`. */
  readonly deviceReason?: string;
  /** Simplify the graph (fold constants and batch normalisation, fuse activations); on by default. */
  readonly rewrite?: boolean;
}

/** A run with the time of every step. */
export interface Profile {
  readonly outputs: TensorMap;
  readonly steps: readonly StepProfile[];
}

/** Graphs kept ready, one per set of input shapes; the least recently used goes first. */
const MAX_PREPARED = 8;

/** Inputs whose values decide about shapes become part of the prepared graph: only small ones may. */
const MAX_VALUE_ELEMENTS = 1 << 16;

export class Session {
  readonly model: Model;
  readonly device: Device;
  readonly #options: SessionOptions;
  readonly #prepared = new PreparedGraphs(MAX_PREPARED);
  /** Names of inputs whose values decide about shapes. */
  readonly #valueInputs = new Set<string>();
  #disposal: Promise<void> | undefined;

  private constructor(model: Model, device: Device, options: SessionOptions) {
    this.model = model;
    this.device = device;
    this.#options = options;
  }

  /** Use `createSession`. Prepares the graph at once when `dims` or the model fix all shapes. */
  static async create(model: Model, device: Device, options: SessionOptions = {}): Promise<Session> {
    const session = new Session(model, device, options);
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

  /** Why it runs on this device. */
  get deviceReason(): string {
    return this.#options.deviceReason ?? 'given by the caller';
  }

  get inputs(): readonly ModelPort[] {
    return this.model.inputs;
  }

  get outputs(): readonly ModelPort[] {
    return this.model.outputs;
  }

  /**
   * Runs the model.
   * @param inputs a tensor per input name
   * @returns a tensor per output name
   * @throws InputError for unknown or missing names, wrong types or shapes
   */
  async run(inputs: TensorMap, options: Omit<RunOptions, 'profile'> = {}): Promise<TensorMap> {
    const { outputs } = await this.#execute(inputs, options);
    return Object.fromEntries(outputs);
  }

  /** Runs the model and times every step. */
  async profile(inputs: TensorMap, options: Omit<RunOptions, 'profile'> = {}): Promise<Profile> {
    const { outputs, steps = [] } = await this.#execute(inputs, { ...options, profile: true });
    return { outputs: Object.fromEntries(outputs), steps };
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

  /** Frees all that the session holds, the device included, once its runs have ended. Later calls reject. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#prepared.clear().then(() => this.device.dispose());
    return this.#disposal;
  }

  async #execute(inputs: TensorMap, options: RunOptions): Promise<RunResult> {
    this.#checkAlive();
    options.signal?.throwIfAborted();
    const dims = checkInputs(this.model.inputs, inputs);
    // Each attempt may find one more input whose value decides about shapes.
    for (;;) {
      const values = this.#valuesOf(inputs);
      try {
        return await this.#withPrepared({ dims, values }, ({ executable }) =>
          executable.run(new Map(Object.entries(inputs)), options),
        );
      } catch (error) {
        if (!(error instanceof ValueNeeded)) throw error;
        this.#bindValues(error, inputs, values);
      }
    }
  }

  /** The tensors of the inputs whose values decide about shapes. */
  #valuesOf(inputs: TensorMap): ReadonlyMap<string, Tensor> {
    return new Map(Array.from(this.#valueInputs, (name) => [name, inputs[name]]));
  }

  /** Notes which inputs' values are needed. @param bound those that the failed attempt had */
  #bindValues(need: ValueNeeded, inputs: TensorMap, bound: ReadonlyMap<string, Tensor>): void {
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

  async #withPrepared<T>(binding: Binding, work: (prepared: PreparedGraph) => T | Promise<T>): Promise<T> {
    this.#checkAlive();
    return this.#prepared.use(keyOf(binding), () => this.#build(binding), work);
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
