/**
 * What each step of a network takes where it stands, beside what it takes alone: the time of the run up to and with the step,
 * less that of the run up to it. Kernels follow others then: their code has left the instruction caches, and their inputs
 * the L2 cache. Columns: in the network; the cost that the plan counts with; the step repeated on its own data; the same
 * with cold caches. Microseconds, medians.
 *
 *     npm run build && node bench/in-network.js --only squeezenet1_1 --batches 64 [--dtype f32|tf32|f16|bf16] [--policies optimal]
 *       [--tuning measured|modelled] [--rounds 5] [--device webgpu|webgpu:software|cuda]
 *
 * Differences of long runs scatter by some microseconds. A step also pays for what it drives out of the cache, which the
 * next run's first steps find gone: only the sums are exact.
 */
import { PRECISIONS } from '../dist/candidates/precision.js';
import { rewriteForGpu, rewriteGraph } from '../dist/graph/rewrites/index.js';
import { nodePlatform } from '../dist/host/platform.js';
import { NETWORK_NAMES, network } from '../dist/networks/index.js';
import { POLICY_NAMES } from '../dist/plan/policies/index.js';
import { Planner, targetOf } from '../dist/plan/planner.js';
import { ConstantStore } from '../dist/session/gpu-constants.js';
import { GpuExecutable } from '../dist/session/gpu-executable.js';
import { randomInputs } from '../dist/session/random-inputs.js';
import { WARM_UP_MS, measure, spreadOf } from '../dist/tune/timing/measure.js';
import { choice, choices, commandLine, count, counts, deviceName, openDevice } from './command-line.js';

const args = commandLine({
  only: choices(NETWORK_NAMES, 'squeezenet1_1'),
  batches: counts('64'),
  dtype: choice(...PRECISIONS),
  policies: choices(POLICY_NAMES, 'optimal'),
  tuning: choice('measured', 'modelled'),
  rounds: count(5),
  device: deviceName(),
});
/** Runs in one sample: a pass begins with some microseconds that count. */
const REPEATS = 10;

const gpu = await openDevice(args.device);
const warmUpMs = gpu.software ? 0 : WARM_UP_MS;
const median = (values) => spreadOf(values).median / 1e3;

/** The network's plan, its executable, and what that recorded. */
async function prepare(name, batch, policy) {
  const model = network(name);
  const [, ...size] = model.inputs[0].dims;
  const graph = model.build({ dims: new Map([['image', [batch, ...size]]]) });
  rewriteGraph(graph);
  rewriteForGpu(graph);
  const { dtype, tuning } = args;
  const planner = new Planner(targetOf(gpu), { policy, dtype, tuning, effort: 'normal' }, nodePlatform.costs);
  const { built } = await planner.plan(graph);
  const recordings = [];
  const record = gpu.record.bind(gpu);
  gpu.record = async (...given) => {
    recordings.push(await record(...given));
    return recordings.at(-1);
  };
  const executable = await GpuExecutable.create(gpu, built, new ConstantStore(gpu));
  gpu.record = record;
  await executable.run(new Map(Object.entries(randomInputs(graph.inputs))), {});
  return { plan: built.plan, executable, recording: recordings.at(-1) };
}

/** Several samples of the first launches of a recording, or of each launch alone. */
async function samplesOf(recording, length) {
  const options = { repeats: REPEATS, ...(length && { passes: [length] }) };
  const samples = [];
  for (let round = 0; round < args.rounds; round++) samples.push(await gpu.time(recording, options));
  return samples;
}

/** A step's launches on buffers of their own. */
function subjectOf({ kernel, launches }, tensors) {
  const bound = [...new Set(launches.flatMap((launch) => launch.tensors))];
  return {
    name: kernel,
    buffers: bound.map((tensor) => Math.max(4, tensors[tensor].bytes)),
    launches: launches.map((launch) => ({
      source: launch.source,
      buffers: launch.tensors.map((tensor) => bound.indexOf(tensor)),
    })),
  };
}

const line = (numbers) => numbers.map((number) => number.toFixed(1).padStart(9)).join('');

async function show(name, batch, policy) {
  const { plan, executable, recording } = await prepare(name, batch, policy);
  const steps = plan.steps.filter(({ launches }) => launches.length > 0);
  const warm = performance.now() + warmUpMs;
  while (performance.now() < warm) await samplesOf(recording);
  const alone = await samplesOf(recording);
  const rows = [];
  let [end, before] = [0, 0];
  for (const step of steps) {
    const own = step.launches.map((_, i) => median(alone.map((times) => times[end + i])));
    end += step.launches.length;
    const until = median((await samplesOf(recording, end)).map(([time]) => time));
    const cost = (step.cost?.median ?? 0) / 1e3;
    rows.push([until - before, cost, own.reduce((sum, time) => sum + time, 0)]);
    before = until;
  }
  for (const [i, step] of steps.entries()) {
    const options = { rounds: 3, warmUpMs: warmUpMs / 16 };
    const [{ median: cold }] = await measure(gpu, [subjectOf(step, plan.tensors)], options);
    rows[i].push(cold / 1e3);
  }
  console.log(`\n${name} x${batch} ${policy} ${args.dtype} on ${gpu.description}: us`);
  console.log('  network     cost    alone     cold');
  for (const [i, { kernel, name: step }] of steps.entries())
    console.log(`${line(rows[i])}  ${step} ${kernel}`);
  console.log(`${line(rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0)))}  in all`);
  await executable.dispose();
}

for (const name of args.only)
  for (const batch of args.batches) for (const policy of args.policies) await show(name, batch, policy);
gpu.destroy();
