/** Lanewise on CUDA: the network by name under the policy `optimal`, the whole plan as one CUDA graph, replayed. */
import { network } from '../../../dist/networks/index.js';
import { rewriteGraph } from '../../../dist/graph/rewrites/index.js';
import { GpuRunner } from '../../../dist/session/gpu-runner.js';

export const lanewiseCuda = {
  name: 'Lanewise',
  devices: ['cuda'],
  packages: [],
  /** @returns what can be run, per precision */
  subjects: ({ dtypes, tuning, effort }) =>
    dtypes.map((dtype) => ({
      setting: `optimal, ${tuning}`,
      dtype,
      open: (task) => open(task, dtype, { tuning, effort }),
    })),
};

/** A plan that runs on the shared device. */
export async function open({ network: name, dims, image, cuda, tell }, dtype, options, policy = 'optimal') {
  const lease = { gpu: cuda.gpu, release: () => undefined };
  const onProgress = ({ what, done, total }) => tell(`${what} (${done} of ${total})`);
  const runner = new GpuRunner(lease, { policy, dtype, onProgress, ...options }, cuda.costs);
  const graph = network(name).build({ dims: new Map([['image', dims]]) });
  rewriteGraph(graph);
  const executable = await runner.prepare(graph);
  const inputs = new Map([['image', image]]);
  const answers = async () => (await executable.run(inputs, {})).outputs.get('probabilities').data;
  // The input is there from here on: what is timed reads it in place.
  await answers();
  return {
    /** Milliseconds of so many runs, between two events on the device. */
    elapsed: async (runs) => ((await executable.time(undefined, runs)) * runs) / 1e6,
    enqueue: () => executable.time(undefined, 1),
    read: answers,
    dispose: () => executable.dispose(),
  };
}
