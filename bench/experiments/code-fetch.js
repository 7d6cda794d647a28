/**
 * What it costs a kernel that others ran before it: copies of one kernel that differ in a constant take turns on the same
 * data, beside one of them run as often. The difference is what fetching instructions takes.
 *
 *     npm run build && node bench/experiments/code-fetch.js [--only "conv CV7|gemm"] [--kernel ID] [--copies 32] [--top 4]
 *       [--dtype f32|f16] [--device webgpu|webgpu:software]
 *
 * Kernels are those of the cases in bench/cases.js whose names contain one of the texts and whose ids contain ID: the first
 * `--top` of one launch.
 */
import { candidatesFor } from '../../dist/candidates/index.js';
import { isCandidate } from '../../dist/candidates/candidate.js';
import { candidateSubject } from '../../dist/tune/timing/subject.js';
import { WARM_UP_MS, spreadOf } from '../../dist/tune/timing/measure.js';
import { cases } from '../cases.js';
import { choice, commandLine, count, deviceName, openDevice, text } from '../command-line.js';

const args = commandLine({
  only: text('conv CV7'),
  kernel: text(''),
  copies: count(32),
  top: count(4),
  dtype: choice('f32', 'f16'),
  device: deviceName(),
});
const gpu = await openDevice(args.device);
const context = { limits: gpu.limits, features: gpu.features, storage: args.dtype };

/** Kernels that no compiler takes for the same, and that compute the same. */
function copiesOf(source) {
  const main = /(fn main\([\s\S]*?\)\s*\{)/;
  if (!main.test(source.wgsl) || !source.wgsl.includes('wid'))
    throw new Error(`${source.id} has no main with wid`);
  return Array.from({ length: args.copies }, (_, i) => ({
    ...source,
    wgsl: source.wgsl.replace(main, `$1\n  if (wid.x == ${4e9 + i}u) { return; }`),
  }));
}

/** Microseconds per launch, the median of nine samples after a second of work. */
async function timeOf(recording, { launches, warmUpMs }) {
  const warm = performance.now() + warmUpMs;
  const sample = async () =>
    (await gpu.time(recording, { passes: [launches], repeats: 8 }))[0] / launches / 1e3;
  do await sample();
  while (performance.now() < warm);
  const samples = [];
  for (let i = 0; i < 9; i++) samples.push(await sample());
  return spreadOf(samples).median;
}

for (const { name, op, inputs: dims } of cases.filter(
  (one) => one.op && args.only.split('|').some((part) => one.name.includes(part)),
)) {
  const inputs = dims.map((shape) => ({ dtype: 'f32', dims: shape }));
  const types = { inputs, outputs: op.infer(inputs) };
  const subjects = candidatesFor(op, types, context)
    .filter(isCandidate)
    .filter(({ id, alias }) => alias === undefined && id.includes(args.kernel))
    .map((candidate) => candidateSubject(candidate, types, context, new Set([1, 2])))
    .filter(({ launches }) => launches.length === 1)
    .slice(0, args.top);
  for (const { buffers, launches } of subjects) {
    const [{ source, buffers: bound }] = launches;
    const memory = await Promise.all(buffers.map((bytes, i) => gpu.allocate(bytes, `buffer ${i}`)));
    const slices = bound.map((i) => ({ buffer: memory[i], offset: 0, bytes: buffers[i] }));
    const kernels = await gpu.compile(copiesOf(source));
    const turns = await gpu.record(kernels.map((kernel) => ({ kernel, slices })));
    const same = await gpu.record(kernels.map(() => ({ kernel: kernels[0], slices })));
    const options = { launches: kernels.length, warmUpMs: gpu.software ? 0 : WARM_UP_MS };
    const [others, alone] = [await timeOf(turns, options), await timeOf(same, options)];
    console.log(
      `${name} ${source.id}: ${source.wgsl.length} characters; in turn with ${kernels.length - 1} others ${others.toFixed(1)} us, ` +
        `alone ${alone.toFixed(1)}, fetching ${(others - alone).toFixed(1)}`,
    );
    for (const recording of [turns, same]) gpu.release(recording);
    for (const buffer of memory) buffer.destroy();
  }
}
gpu.destroy();
