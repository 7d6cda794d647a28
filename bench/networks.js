/**
 * Times whole networks on a GPU under every policy, predicted and measured: GPU time of one run in one pass, transfers
 * apart, in interleaved rounds. Measures the layers' costs first, unless `--tuning modelled`.
 *
 *     npm run build && node bench/networks.js [--only resnet50] [--batches 1,32,128] [--dtype f32|tf32|f16] [--policies a,b]
 *       [--tuning measured|modelled] [--effort low|normal|high] [--rounds 5] [--steps]
 *       [--device webgpu|webgpu:software|cuda] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { nodePlatform } from '../dist/host/platform.js';
import { NETWORK_NAMES, network } from '../dist/networks/index.js';
import { POLICY_NAMES } from '../dist/plan/policies/index.js';
import { SharedPlatform, createSession } from '../dist/session/index.js';
import { Tensor, relativeError, sizeOf } from '../dist/tensor/index.js';
import { WARM_UP_MS, summarise } from '../dist/tune/timing/measure.js';
import { choice, choices, commandLine, count, counts, deviceName, flag, text } from './command-line.js';

const args = commandLine({
  only: choices(NETWORK_NAMES),
  batches: counts('1,32,128'),
  dtype: choice('f32', 'tf32', 'f16'),
  policies: choices(POLICY_NAMES),
  tuning: choice('measured', 'modelled'),
  effort: choice('normal', 'low', 'high'),
  device: deviceName(),
  rounds: count(5),
  steps: flag(),
  json: text(),
});
const platform = new SharedPlatform(nodePlatform);
const results = [];

/** A session of a network under a policy, planned, checked against the first policy's answers. */
async function prepare(title, model, image, policy, expected) {
  const { dtype, tuning, effort, device } = args;
  const start = performance.now();
  const session = await createSession(
    model,
    { device, policy, dtype, tuning, effort, dims: { image: image.dims } },
    platform,
  );
  const planning = performance.now() - start;
  // Measuring takes a minute at times: to stderr, what is under way and what a run that is cut off had come to.
  const predicted = (session.plan.predicted / 1e3).toFixed(1);
  console.error(`${title} ${policy}: planned in ${(planning / 1e3).toFixed(1)} s, predicted ${predicted} us`);
  const { outputs, steps } = await session.profile({ image });
  const answers = outputs.probabilities.toFloat64();
  const error = expected ? relativeError(answers, expected) : 0;
  return { policy, session, steps, answers, error, planning, samples: [] };
}

function report(name, batch, { policy, session, steps, error, planning, samples }) {
  const { plan } = session;
  const { median, low, high } = summarise(policy, samples);
  const predicted = plan.predicted / 1e3;
  const transforms = plan.steps.filter(({ node }) => node === null).length;
  const arena = plan.banks.reduce((sum, bytes) => sum + bytes, 0);
  console.log(
    `${name} x${batch} ${policy} ${args.dtype}: ${median.toFixed(1)} us [${low.toFixed(1)}, ${high.toFixed(1)}], ` +
      `predicted ${predicted.toFixed(1)} (${((predicted / median - 1) * 100).toFixed(1)} %), ${steps.length} steps, ` +
      `${transforms} transforms, arena ${(arena / plan.lowerBound).toFixed(3)} of the bound, ` +
      `differs ${error.toExponential(1)}, ${plan.optimal ? 'proved' : 'not proved'}, planned in ${planning.toFixed(0)} ms`,
  );
  if (args.steps) {
    for (const [i, step] of steps.entries()) {
      const { cost } = plan.steps[i];
      const measured = step.milliseconds * 1e3;
      console.log(
        `    ${measured.toFixed(1)} us, expected ${((cost?.median ?? 0) / 1e3).toFixed(1)} ${cost?.origin}: ` +
          `${step.op} ${step.name} ${step.kernel}`,
      );
    }
  }
  results.push({
    name,
    batch,
    policy,
    dtype: args.dtype,
    median,
    low,
    high,
    samples,
    error,
    plan,
    steps: steps.map(({ milliseconds }) => milliseconds * 1e3),
  });
}

for (const name of args.only) {
  for (const batch of args.batches) {
    const model = network(name);
    const dims = [batch, ...model.inputs[0].dims.slice(1)];
    const values = Float32Array.from({ length: sizeOf(dims) }, () => Math.random() * 2 - 1);
    const image = new Tensor('f32', dims, values);
    const entries = [];
    const title = `${name} x${batch}`;
    // The optimal policy comes first in the list and is planned last, when most has been measured.
    for (const policy of args.policies.toReversed()) {
      try {
        entries.push(await prepare(title, model, image, policy, entries[0]?.answers));
      } catch (error) {
        console.log(`${title} ${policy}: ${error.message}`);
      }
    }
    // An idle device has lowered its clock; rounds within its first second of work do not count.
    const warm = performance.now() + WARM_UP_MS;
    while (performance.now() < warm) for (const { session } of entries) await session.profile({ image });
    for (let round = 0; round < args.rounds; round++) {
      for (const entry of entries) {
        const { session } = entry;
        const run = await session.profile({ image });
        entry.samples.push(run.milliseconds * 1e3);
        entry.steps = run.steps;
      }
    }
    for (const entry of entries) {
      report(name, batch, entry);
      await entry.session.dispose();
    }
    // After each, so that a run that is cut off has kept what it had.
    if (args.json) writeFileSync(args.json, JSON.stringify(results));
  }
}
await platform.close();
