/**
 * Times the networks by name through Lanewise, ONNX Runtime Web and TensorFlow.js, in Node, on one GPUDevice; see
 * README.md.
 *
 *     npm run bench:peers -- [--only lenet,vgg16] [--batches 1,32] [--dtype f32,f16] [--engines lanewise,ort,tfjs]
 *       [--rounds 15] [--sample 20] [--warm-up 1000] [--tuning measured|modelled] [--device webgpu|webgpu:software] [--json FILE]
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { amount, choice, choices, commandLine, count, counts, deviceName, text } from '../command-line.js';
import { ENGINES } from './engines/index.js';
import { formatNetwork, formatSummary } from './table.js';
import { versionOf } from './webgpu.js';

/**
 * ONNX Runtime Web has functions of 1.5 MB that run once, to register kernels. By V8's own budget one run is reason enough
 * to optimise them, which takes minutes; with this one what is hot is still optimised, within the warm-up.
 */
const NODE_OPTIONS = ['--wasm-tiering-budget=20000000'];

const NETWORK = fileURLToPath(new URL('network.js', import.meta.url));

/** The networks with the batches at which others have published times. */
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

const args = commandLine({
  only: choices(Object.keys(BATCHES)),
  batches: counts(),
  dtype: choices(['f32', 'f16'], 'f32'),
  engines: choices(ENGINES.map(({ id }) => id)),
  rounds: count(15),
  tuning: choice('measured', 'modelled'),
  device: deviceName(),
  'warm-up': amount(1000),
  sample: amount(20),
  json: text(),
});
const { dtype: dtypes, engines, device, tuning, rounds, 'warm-up': warmUpMs, sample: sampleMs } = args;
const options = { dtypes, engines, device, tuning, rounds, warmUpMs, sampleMs };
const packages = ['webgpu', ...ENGINES.flatMap((engine) => engine.packages)];
const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]));

console.log(
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
);
const reports = [];
for (const name of args.only) {
  for (const batch of args.batches ?? [BATCHES[name]]) {
    const report = { name, batch, ...(await runNetwork({ ...options, name, batch })) };
    reports.push(report);
    console.log(formatNetwork(report));
    if (args.json) writeFileSync(args.json, JSON.stringify({ versions, options, reports }));
  }
}
if (reports.length > 1) console.log(formatSummary(reports));

/**
 * What the child process reports, or `failure` with what ended it. An entry that takes the process with it while it is being
 * prepared is left out of another attempt.
 */
async function runNetwork(task, skipped = []) {
  const { report, failure, preparing } = await attempt({ ...task, skipped });
  if (report) return report;
  if (!preparing) return { failure };
  return runNetwork(task, [...skipped, { ...preparing, error: failure }]);
}

/** One child process: its report, or why there is none, and which entry was being prepared when it ended. */
function attempt(task) {
  return new Promise((resolve) => {
    const child = fork(NETWORK, { stdio: 'inherit', execArgv: NODE_OPTIONS });
    let report;
    let preparing;
    child.on('message', (message) => {
      if (message.progress) showProgress(`${task.name} x${task.batch}: ${message.progress}`);
      if (message.progress) ({ preparing } = message);
      else report = message;
    });
    child.on('close', (code, signal) => {
      showProgress('');
      resolve({ report, failure: `its process ended with ${signal ?? `code ${code}`}`, preparing });
    });
    child.send(task);
  });
}

/** One line that is written over on a terminal, lines elsewhere. */
function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text) process.stderr.write(`${text}\n`);
}
