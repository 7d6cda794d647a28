/** Plans whose kernels compile: what a device refuses is left out, and planned again. */
import type { Progress } from '../devices/device.js';
import { codeOf, type GpuDevice, type GpuKernel, type KernelSource } from '../devices/gpu.js';
import { CompileError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import type { Plan } from '../plan/plan.js';
import type { PlannedNetwork, Planner } from '../plan/planner.js';

/** How often a network is planned anew: each time, all refused kernels of the plan are left out at once. */
const MOST_REPLANS = 8;
/** Kernels that compile at a time where somebody may end it: enough for every core's compiler, soon done. */
const AT_A_TIME = 8;

export interface CompileOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends it before the next kernel. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compiles kernels: what a device's `compile` does, with progress, and an end to it.
 * @throws what `compile` throws; the signal's reason
 */
export async function compileKernels(
  gpu: GpuDevice,
  sources: readonly KernelSource[],
  { onProgress, signal }: CompileOptions = {},
): Promise<GpuKernel[]> {
  if (!onProgress && !signal) return gpu.compile(sources);
  const distinct = new Map(sources.map((source) => [codeOf(source), source]));
  const left = distinct.values();
  let done = 0;
  const compileRest = async (): Promise<void> => {
    for (const source of left) {
      signal?.throwIfAborted();
      onProgress?.({ what: `compiling ${source.id}`, done, total: distinct.size });
      await gpu.compile([source]);
      done++;
    }
  };
  // All settle first: what fails must not leave others under way on a device that its owner then destroys.
  const lanes = await Promise.allSettled(Array.from({ length: AT_A_TIME }, compileRest));
  signal?.throwIfAborted();
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
  // The device keeps what it compiled.
  return gpu.compile(sources);
}

/**
 * Plans a graph and makes the plan ready; again without the kernels that do not compile, where there are others. The plan's
 * notes name them. A saved plan is not changed.
 * @param make compiles the plan's kernels
 * @param signal ends looking for kernels to leave out; the planner and `make` have it too
 * @throws CompileError where leaving kernels out does not help; DeviceError naming a node of which no kernel is left; what
 * `make` throws
 */
export async function makePlanned<T>(
  gpu: GpuDevice,
  planner: Planner,
  graph: Graph,
  make: (planned: PlannedNetwork) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let planned = await planner.plan(graph);
  for (let left = MOST_REPLANS; ; left--) {
    try {
      return await make(planned);
    } catch (error) {
      // Of a lost device everything fails.
      if (!(error instanceof CompileError) || gpu.lost || left === 0) throw error;
      const refused = await refusedOf(gpu, planned.built.plan, error, signal);
      if (gpu.lost) throw error;
      const other = await planner.planWithout(planned, refused);
      if (!other) throw error;
      planned = other;
    }
  }
}

/** A plan whose kernels compile, and are compiled. @throws as `makePlanned` */
export function compilablePlan(
  gpu: GpuDevice,
  planner: Planner,
  graph: Graph,
  options: CompileOptions = {},
): Promise<PlannedNetwork> {
  const compiled = async (planned: PlannedNetwork): Promise<PlannedNetwork> => {
    await compileKernels(gpu, [...sourcesOf(planned.built.plan).values()], options);
    return planned;
  };
  return makePlanned(gpu, planner, graph, compiled, options.signal);
}

/** All kernels of a plan that do not compile. Those that do come from the device's cache. @param first the one that is known */
async function refusedOf(
  gpu: GpuDevice,
  plan: Plan,
  first: CompileError,
  signal: AbortSignal | undefined,
): Promise<CompileError[]> {
  const sources = sourcesOf(plan);
  sources.delete(first.code);
  const compiled = await Promise.allSettled(
    Array.from(sources.values(), (source) => compileKernels(gpu, [source], { signal })),
  );
  signal?.throwIfAborted();
  const errors = compiled.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  return [first, ...errors.filter((error) => error instanceof CompileError)];
}

/** Everything that a plan launches, equal kernels once. */
function sourcesOf({ steps, preparations }: Plan): Map<string, KernelSource> {
  const launches = [...steps, ...preparations].flatMap((part) => part.launches);
  return new Map(launches.map(({ source }) => [codeOf(source), source]));
}
