/** Plans whose kernels compile: what a device refuses is left out, and planned again. */
import { codeOf, type GpuDevice, type KernelSource } from '../devices/gpu.js';
import { CompileError } from '../errors.js';
import type { Graph } from '../graph/index.js';
import type { Plan } from '../plan/plan.js';
import type { PlannedNetwork, Planner } from '../plan/planner.js';

/** How often a network is planned anew: each time, all refused kernels of the plan are left out at once. */
const MOST_REPLANS = 8;

/**
 * Plans a graph and makes the plan ready; again without the kernels that do not compile, where there are others. The plan's
 * notes name them. A saved plan is not changed.
 * @param make compiles the plan's kernels
 * @throws CompileError where leaving kernels out does not help; DeviceError naming a node of which no kernel is left; what
 * `make` throws
 */
export async function makePlanned<T>(
  gpu: GpuDevice,
  planner: Planner,
  graph: Graph,
  make: (planned: PlannedNetwork) => Promise<T>,
): Promise<T> {
  let planned = await planner.plan(graph);
  for (let left = MOST_REPLANS; ; left--) {
    try {
      return await make(planned);
    } catch (error) {
      // Of a lost device everything fails.
      if (!(error instanceof CompileError) || gpu.lost || left === 0) throw error;
      const refused = await refusedOf(gpu, planned.built.plan, error);
      if (gpu.lost) throw error;
      const other = await planner.planWithout(planned, refused);
      if (!other) throw error;
      planned = other;
    }
  }
}

/** A plan whose kernels compile, and are compiled. @throws as `makePlanned` */
export function compilablePlan(gpu: GpuDevice, planner: Planner, graph: Graph): Promise<PlannedNetwork> {
  return makePlanned(gpu, planner, graph, async (planned) => {
    await gpu.compile([...sourcesOf(planned.built.plan).values()]);
    return planned;
  });
}

/** All kernels of a plan that do not compile. Those that do come from the device's cache. @param first the one that is known */
async function refusedOf(gpu: GpuDevice, plan: Plan, first: CompileError): Promise<CompileError[]> {
  const sources = sourcesOf(plan);
  sources.delete(first.code);
  const compiled = await Promise.allSettled(Array.from(sources.values(), (source) => gpu.compile([source])));
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
