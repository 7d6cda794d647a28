/**
 * Times whole networks on a GPU under each layout policy: GPU time of one run in one pass, transfers apart.
 *
 *     npm run build && node bench/networks.js [--only resnet50] [--dtype f32|f16] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nodePlatform } from '../dist/host/platform.js';
import { network } from '../dist/networks/index.js';
import { SharedPlatform, createSession } from '../dist/session/index.js';
import { Tensor, relativeError, sizeOf } from '../dist/tensor/index.js';
import { summarise } from '../dist/tune/measure.js';

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    dtype: { type: 'string', default: 'f32' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'string' },
  },
});
const BATCHES = {
  lenet: 128,
  cifar10: 128,
  alexnet: 128,
  zfnet: 64,
  vgg16: 32,
  resnet50: 64,
  mobilenet_v2: 64,
  squeezenet1_1: 64,
};
const platform = new SharedPlatform(nodePlatform);
const results = [];
for (const [name, batch] of Object.entries(BATCHES)) {
  if (!name.includes(args.only)) continue;
  const model = network(name);
  const dims = [batch, ...model.inputs[0].dims.slice(1)];
  const image = new Tensor(
    'f32',
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => Math.random() * 2 - 1),
  );
  const sessions = [];
  let expected;
  for (const policy of ['nchw', 'nhwc', 'chwn']) {
    const options = { device: 'webgpu', policy, dtype: args.dtype };
    try {
      const session = await createSession(model, options, platform);
      const profile = await session.profile({ image });
      const answers = profile.outputs.probabilities.toFloat64();
      expected ??= answers;
      sessions.push({
        policy,
        session,
        samples: [],
        steps: profile.steps,
        error: relativeError(answers, expected),
      });
    } catch (error) {
      console.log(`${name} ${policy}: ${error.message}`);
    }
  }
  for (let round = 0; round < Number(args.rounds); round++) {
    for (const entry of sessions)
      entry.samples.push((await entry.session.profile({ image })).milliseconds * 1e3);
  }
  for (const { policy, session, samples, steps, error } of sessions) {
    const { median, low, high } = summarise(policy, samples);
    const worst = [...steps].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 4);
    const top = worst.map((s) => `${s.name}:${s.kernel}=${(s.milliseconds * 1e3).toFixed(0)}`).join(' ');
    console.log(
      `${name} x${batch} ${policy} ${args.dtype}: ${median.toFixed(0)} us [${low.toFixed(0)}, ${high.toFixed(0)}], ` +
        `${steps.length} steps, differs by ${error.toExponential(1)} from nchw; slowest ${top}`,
    );
    results.push({ name, batch, policy, dtype: args.dtype, median, low, high, error, steps });
    await session.dispose();
  }
}
if (args.json) writeFileSync(args.json, JSON.stringify(results));
await platform.close();
