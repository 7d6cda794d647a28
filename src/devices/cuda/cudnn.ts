/** Convolutions by cuDNN 9, through its graph API: what it fuses, it fuses; what it has several engines for can be tuned. */
import { DeviceError } from '../../errors.js';
import type { LibraryCall } from '../gpu.js';
import { ATTRIBUTE, CudnnBackend, DESCRIPTOR, HEUR_MODE, NOTE, value } from './cudnn-backend.js';
import { hasEnding, operationGraph, type GraphPart, type OperationGraph } from './cudnn-graphs.js';
import { convCall, type ConvCall, type LibraryType } from './library-calls.js';
import type { LibraryEnvironment, LibraryRunner, OpenLibrary, PreparedCall } from './library-runner.js';

/** Device memory that one call may need: Fourier transforms may ask for gigabytes. */
const MAX_WORKSPACE_BYTES = 256 * 2 ** 20;

/** Engine configurations that are looked at of each of cuDNN's lists. */
const MAX_CONFIGS = 64;

/** cuDNN on the current device. */
export const openCudnn: OpenLibrary = (environment) => new Cudnn(environment);

/**
 * What an engine must not do. f32 is f32 throughout; sums are f32 in every type, and equal inputs give equal results. Of
 * Winograd's tiles the largest loses some digits.
 */
const NEVER: readonly number[] = [
  NOTE.DOWN_CONVERT_INPUTS,
  NOTE.REDUCED_PRECISION_REDUCTION,
  NOTE.NONDETERMINISTIC,
  NOTE.WINOGRAD_TILE_13x13,
];

function refusedNotes(type: LibraryType): readonly number[] {
  return type === 'f32' ? [...NEVER, NOTE.TENSOR_CORE] : NEVER;
}

class Cudnn implements LibraryRunner {
  readonly library = 'cudnn';
  readonly #backend: CudnnBackend;
  readonly #makeCurrent: () => void;
  /** By what they compute: all that was found out about calls in use. */
  readonly #problems = new Map<string, Problem>();
  /** Calls are made ready one after another: those of one problem share its list of plans. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(environment: LibraryEnvironment) {
    this.#backend = new CudnnBackend(environment);
    this.#makeCurrent = () => environment.makeCurrent();
  }

  get version(): string {
    return this.#backend.version;
  }

  prepare(call: LibraryCall): Promise<PreparedCall> {
    const prepared = this.#queue.then(() => this.#prepare(convCall(call)));
    this.#queue = prepared.catch(() => {});
    return prepared;
  }

  destroy(): void {
    for (const problem of this.#problems.values()) problem.destroy();
    this.#problems.clear();
    this.#backend.close();
  }

  async #prepare(call: ConvCall): Promise<PreparedCall> {
    this.#makeCurrent();
    const key = JSON.stringify({ ...call, algorithm: 0 });
    const problem = this.#problems.get(key) ?? new Problem(this.#backend, this.#makeCurrent, call);
    this.#problems.set(key, problem);
    problem.users++;
    const release = (): void => {
      problem.users--;
      if (problem.users > 0) return;
      problem.destroy();
      this.#problems.delete(key);
    };
    try {
      const plans = await problem.plans(call.algorithm);
      const launches = plans.map((plan) => new Launch(this.#backend, plan));
      return {
        workspaceBytes: Math.max(...plans.map(({ workspaceBytes }) => workspaceBytes)),
        launch: (stream, pointers, workspace) => {
          for (const launch of launches) launch.run(stream, pointers, workspace);
        },
        release,
      };
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** A way to compute a graph. */
interface Plan {
  readonly descriptor: bigint;
  /** What it was made of, which lives as long. */
  readonly config: bigint;
  readonly graph: OperationGraph;
  readonly workspaceBytes: number;
}

class Launch {
  readonly #backend: CudnnBackend;
  readonly #plan: Plan;

  constructor(backend: CudnnBackend, plan: Plan) {
    this.#backend = backend;
    this.#plan = plan;
  }

  run(stream: bigint, pointers: readonly bigint[], workspace: bigint): void {
    const { graph, descriptor, workspaceBytes } = this.#plan;
    const { tensors } = graph;
    const pack = this.#backend.make(DESCRIPTOR.VARIANT_PACK, [
      [ATTRIBUTE.VARIANT_PACK_UNIQUE_IDS, value.int64(...tensors.map(({ uid }) => uid))],
      [
        ATTRIBUTE.VARIANT_PACK_DATA_POINTERS,
        value.pointers(...tensors.map(({ binding }) => pointers[binding])),
      ],
      [ATTRIBUTE.VARIANT_PACK_WORKSPACE, value.pointers(workspaceBytes > 0 ? workspace : 0n)],
    ]);
    try {
      this.#backend.execute(descriptor, pack, stream);
    } finally {
      this.#backend.destroy(pack);
    }
  }
}

/** A convolution: its graphs and their plans, made as far as they were asked for. */
class Problem {
  users = 0;
  readonly #backend: CudnnBackend;
  readonly #makeCurrent: () => void;
  readonly #call: ConvCall;
  readonly #parts = new Map<GraphPart, PlanList>();

  constructor(backend: CudnnBackend, makeCurrent: () => void, call: ConvCall) {
    this.#backend = backend;
    this.#makeCurrent = makeCurrent;
    this.#call = call;
  }

  /**
   * The plans that compute the call one after another, the convolution in the algorithm of a number, or the last where
   * there are fewer: one plan where cuDNN fuses what comes behind the convolution, else two.
   * @throws DeviceError where cuDNN has no algorithm
   */
  async plans(algorithm: number): Promise<Plan[]> {
    const whole = await this.#plan('whole', algorithm);
    if (whole) return [whole];
    if (hasEnding(this.#call)) {
      const convolution = await this.#plan('convolution', algorithm);
      const ending = convolution && (await this.#plan('ending', 0));
      if (ending) return [convolution, ending];
    }
    const { type, xDims, wDims } = this.#call;
    const failures = [...this.#parts.values()].flatMap((list) => list.failures);
    const last = failures.length > 0 ? `; its last answer was: ${failures[failures.length - 1]}` : '';
    throw new DeviceError(
      `cuDNN has no algorithm in ${type} for a convolution of ${xDims.join('x')} by ${wDims.join('x')}${last}`,
      { remedy: 'Choose another candidate.' },
    );
  }

  destroy(): void {
    for (const list of this.#parts.values()) list.release();
    this.#parts.clear();
  }

  async #plan(part: GraphPart, index: number): Promise<Plan | undefined> {
    let list = this.#parts.get(part);
    if (!list) {
      list = new PlanList(this.#backend, this.#makeCurrent, this.#call, part);
      this.#parts.set(part, list);
    }
    return list.at(index);
  }
}

/** The plans of one graph, the best by cuDNN's own estimate first. */
class PlanList {
  /** Why configurations gave no plan. */
  readonly failures: string[] = [];
  readonly #backend: CudnnBackend;
  readonly #makeCurrent: () => void;
  readonly #type: LibraryType;
  readonly #graph: OperationGraph | undefined;
  readonly #plans: Plan[] = [];
  /** Heuristics that were not asked yet. */
  readonly #modes: number[] = [HEUR_MODE.A, HEUR_MODE.FALLBACK];
  /** Configurations that were not tried yet. */
  readonly #configs: bigint[] = [];

  constructor(backend: CudnnBackend, makeCurrent: () => void, call: ConvCall, part: GraphPart) {
    this.#backend = backend;
    this.#makeCurrent = makeCurrent;
    this.#type = call.type;
    try {
      this.#graph = operationGraph(backend, call, part);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.failures.push(error.what);
    }
  }

  /** The plan of a number, or the last where there are fewer; undefined where there is none. */
  async at(index: number): Promise<Plan | undefined> {
    while (this.#plans.length <= index) {
      const config = this.#configs.shift() ?? this.#moreConfigs();
      if (config === undefined) return this.#plans.at(-1);
      // Some engines are compiled now, for tenths of a second.
      await nextTask();
      this.#makeCurrent();
      const plan = this.#planOf(config);
      if (plan) this.#plans.push(plan);
    }
    return this.#plans[index];
  }

  release(): void {
    for (const { descriptor, config } of this.#plans.splice(0)) {
      this.#backend.destroy(descriptor);
      this.#backend.destroy(config);
    }
    for (const config of this.#configs.splice(0)) this.#backend.destroy(config);
    this.#graph?.release();
  }

  /** Asks the next of cuDNN's heuristics. @returns its first configuration; the others wait */
  #moreConfigs(): bigint | undefined {
    const backend = this.#backend;
    const graph = this.#graph;
    if (!graph) return undefined;
    for (let mode = this.#modes.shift(); mode !== undefined; mode = this.#modes.shift()) {
      const { descriptor, failure } = backend.tryMake(DESCRIPTOR.ENGINEHEUR, [
        [ATTRIBUTE.ENGINEHEUR_OPERATION_GRAPH, value.descriptors(graph.descriptor)],
        [ATTRIBUTE.ENGINEHEUR_MODE, value.enum('HEUR_MODE', mode)],
      ]);
      if (failure) {
        this.failures.push(failure.message);
        continue;
      }
      try {
        const results = ATTRIBUTE.ENGINEHEUR_RESULTS;
        const count = Math.min(MAX_CONFIGS, backend.count(descriptor, results));
        this.#configs.push(...backend.descriptors(descriptor, results, DESCRIPTOR.ENGINECFG, count));
      } finally {
        backend.destroy(descriptor);
      }
      const first = this.#configs.shift();
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** The plan of a configuration, if its arithmetic is allowed, it is supported and its workspace is not too large. */
  #planOf(config: bigint): Plan | undefined {
    const backend = this.#backend;
    const graph = this.#graph;
    let plan: Plan | undefined;
    try {
      plan = graph && !this.#isRefused(config) ? this.#planned(graph, config) : undefined;
    } finally {
      if (!plan) backend.destroy(config);
    }
    return plan;
  }

  #planned(graph: OperationGraph, config: bigint): Plan | undefined {
    const backend = this.#backend;
    const { descriptor, failure } = backend.tryMake(DESCRIPTOR.EXECUTION_PLAN, [
      // Deprecated, and needed all the same up to version 9.20 at least.
      [ATTRIBUTE.EXECUTION_PLAN_HANDLE, value.handle(backend.handle)],
      [ATTRIBUTE.EXECUTION_PLAN_ENGINE_CONFIG, value.descriptors(config)],
    ]);
    if (failure) {
      this.failures.push(failure.message);
      return undefined;
    }
    const workspaceBytes = backend.integer(descriptor, ATTRIBUTE.EXECUTION_PLAN_WORKSPACE_SIZE);
    if (workspaceBytes <= MAX_WORKSPACE_BYTES) return { descriptor, config, graph, workspaceBytes };
    this.failures.push(`an algorithm needs ${workspaceBytes} bytes of memory`);
    backend.destroy(descriptor);
    return undefined;
  }

  #isRefused(config: bigint): boolean {
    const [engine] = this.#backend.descriptors(config, ATTRIBUTE.ENGINECFG_ENGINE, DESCRIPTOR.ENGINE, 1);
    if (engine === undefined) return false;
    try {
      const refused = refusedNotes(this.#type);
      return this.#backend.notes(engine).some((note) => refused.includes(note));
    } finally {
      this.#backend.destroy(engine);
    }
  }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
