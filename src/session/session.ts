/** A model made ready for a device: binds shapes, prepares a graph per shape, checks and runs. */
import { InputError, SessionError, UnsupportedError } from '../errors.js';
import { ValueNeeded, type Binding, type Graph, type Model, type ModelPort } from '../graph/index.js';
import { rewriteGraph } from '../graph/rewrites/index.js';
import type { Device, Executable, RunOptions, RunResult, StepProfile } from '../devices/device.js';
import { formatDims, type Dims, type Tensor } from '../tensor/index.js';
import { bindDims, checkInputs, type DimBindings } from './binding.js';

/** Tensors by name. */
export type TensorMap = Readonly<Record<string, Tensor>>;

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
}

/** Graphs kept ready, one per set of input shapes; the least recently used goes first. */
const MAX_PREPARED = 8;

/** Inputs whose values decide about shapes become part of the prepared graph: only small ones may. */
const MAX_VALUE_ELEMENTS = 1 << 16;

interface Prepared {
  readonly graph: Graph;
  readonly executable: Executable;
}

export class Session {
  readonly model: Model;
  readonly device: Device;
  readonly #options: SessionOptions;
  readonly #prepared = new Map<string, Promise<Prepared>>();
  /** Names of inputs whose values decide about shapes. */
  readonly #valueInputs = new Set<string>();
  #disposed = false;

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
        await session.#prepare(dims, {});
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

  /** The simplified graph for given shapes, as it runs. @throws InputError when they leave a dimension open */
  async graph(given: DimBindings = this.#options.dims ?? {}): Promise<Graph> {
    const dims = bindDims(this.model.inputs, given);
    if (!dims) {
      throw new InputError('the input shapes are not known', {
        remedy: 'Pass dims for the symbolic dimensions or the inputs.',
      });
    }
    return (await this.#prepare(dims, {})).graph;
  }

  /** Frees all that the session holds, the device included. Later calls reject. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const prepared of this.#prepared.values()) await release(prepared);
    this.#prepared.clear();
    this.device.dispose();
  }

  async #execute(inputs: TensorMap, options: RunOptions): Promise<RunResult> {
    this.#checkAlive();
    const dims = checkInputs(this.model.inputs, inputs);
    const { executable } = await this.#prepareWithValues(dims, inputs);
    this.#checkAlive();
    return executable.run(new Map(Object.entries(inputs)), options);
  }

  /** Prepares, binding more inputs' values for as long as shapes turn out to depend on them. */
  async #prepareWithValues(dims: ReadonlyMap<string, Dims>, inputs: TensorMap): Promise<Prepared> {
    for (;;) {
      try {
        return await this.#prepare(dims, inputs);
      } catch (error) {
        if (!(error instanceof ValueNeeded)) throw error;
        this.#bindValues(error, inputs);
      }
    }
  }

  #bindValues(need: ValueNeeded, inputs: TensorMap): void {
    const names = need.inputs.map(({ name }) => name);
    const size = names.reduce((sum, name) => sum + (inputs[name]?.size ?? 0), 0);
    const fresh = names.filter((name) => !this.#valueInputs.has(name));
    if (fresh.length === 0 || size > MAX_VALUE_ELEMENTS) {
      throw new UnsupportedError(`a ${need.purpose} that depends on the data of ${names.join(', ')}`, {
        node: need.label,
        remedy: 'Export the model with a fixed value for it.',
      });
    }
    for (const name of fresh) this.#valueInputs.add(name);
  }

  #prepare(dims: ReadonlyMap<string, Dims>, inputs: TensorMap): Promise<Prepared> {
    this.#checkAlive();
    const values = new Map<string, Tensor>();
    for (const name of this.#valueInputs) if (inputs[name]) values.set(name, inputs[name]);
    const key = keyOf(dims, values);
    const known = this.#prepared.get(key);
    this.#prepared.delete(key);
    const prepared = known ?? this.#build({ dims, values });
    this.#prepared.set(key, prepared);
    // A failed attempt must not be kept, or every later run with these shapes would see it again.
    if (!known) prepared.catch(() => this.#prepared.delete(key));
    this.#evict();
    return prepared;
  }

  async #build(binding: Binding): Promise<Prepared> {
    const graph = this.model.build(binding);
    if (this.#options.rewrite !== false) rewriteGraph(graph);
    return { graph, executable: await this.device.prepare(graph) };
  }

  #evict(): void {
    for (const [key, prepared] of this.#prepared) {
      if (this.#prepared.size <= MAX_PREPARED) return;
      this.#prepared.delete(key);
      void release(prepared);
    }
  }

  #checkAlive(): void {
    if (this.#disposed) {
      throw new SessionError('the session was disposed', { remedy: 'Create a new one with createSession.' });
    }
  }
}

async function release(prepared: Promise<Prepared>): Promise<void> {
  try {
    (await prepared).executable.dispose();
  } catch {
    // It never came to be: its maker has seen the error.
  }
}

function keyOf(dims: ReadonlyMap<string, Dims>, values: ReadonlyMap<string, Tensor>): string {
  const shapes = Array.from(dims, ([name, list]) => [name, formatDims(list)]);
  const bound = Array.from(values, ([name, tensor]) => [name, Array.from(tensor.data, String)]);
  return JSON.stringify([shapes, bound]);
}
