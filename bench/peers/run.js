/**
 * Times the networks by name through Lanewise and its peers, in Node, on one GPU: ONNX Runtime Web and TensorFlow.js on
 * WebGPU, PyTorch on CUDA; with `--layers` the paper's layers through Lanewise and PyTorch. See README.md.
 *
 *     npm run bench:peers -- [--only lenet,vgg16] [--batches 1,32] [--dtype f32,f16] [--engines lanewise,ort,tfjs]
 *       [--rounds 15] [--sample 20] [--warm-up 1000] [--tuning measured|modelled] [--effort normal|low|high]
 *       [--device webgpu|webgpu:software|cuda] [--json FILE]
 *     npm run bench:peers -- --device cuda [--dtype f32,tf32,f16] [--engines lanewise,torch] [--modes eager,graph,compile]
 *       [--formats nchw,channels_last] [--limit 120] ...
 *     npm run bench:peers -- --device cuda --layers [--only pool,CV9] [--rounds 7] [--dtype ...] [--modes graph] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { LanewiseError } from '../../dist/errors.js';
import {
  amount,
  choice,
  choices,
  commandLine,
  count,
  counts,
  deviceName,
  flag,
  text,
} from '../command-line.js';
import { ENGINES, enginesFor } from './engines/index.js';
import { runNetwork } from './network-process.js';
import { showProgress } from './progress.js';
import { formatNetwork, formatSummary } from './table.js';
import { FORMATS, MODES, torchVersion } from './torch/host.js';
import { versionOf } from './webgpu.js';

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
  only: text(''),
  batches: counts(),
  dtype: choices(['f32', 'tf32', 'f16'], 'f32'),
  engines: choices([...new Set(ENGINES.map(({ id }) => id))]),
  rounds: count(15),
  tuning: choice('measured', 'modelled'),
  effort: choice('normal', 'low', 'high'),
  device: deviceName(),
  modes: choices(MODES, 'eager,graph'),
  formats: choices(FORMATS),
  limit: amount(120),
  // Where PyTorch runs: for tests of the benchmark itself, which have no GPU.
  'torch-device': choice('cuda', 'cpu'),
  layers: flag(),
  'warm-up': amount(1000),
  sample: amount(20),
  json: text(),
});
const { engines, versions } = presentEngines(args);
const options = {
  dtypes: args.dtype,
  engines,
  device: args.device,
  tuning: args.tuning,
  effort: args.effort,
  rounds: args.rounds,
  warmUpMs: args['warm-up'],
  sampleMs: args.sample,
  modes: args.modes,
  formats: args.formats,
  limitMs: 1e3 * args.limit,
  torchDevice: args['torch-device'],
};
console.log(
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
);
try {
  if (args.layers) await benchLayers();
  else await benchNetworks(namesOf(args.only));
} catch (error) {
  // What Lanewise says names the remedy; everything else is a mistake in here.
  console.error(error instanceof LanewiseError ? error.message : error);
  process.exit(1);
}

async function benchNetworks(names) {
  const reports = [];
  for (const name of names) {
    for (const batch of args.batches ?? [BATCHES[name]]) {
      const report = { name, batch, ...(await runNetwork({ ...options, name, batch })) };
      reports.push(report);
      console.log(formatNetwork(report));
      save({ reports });
    }
  }
  if (reports.length > 1) console.log(formatSummary(reports, options.dtypes));
}

async function benchLayers() {
  if (args.device !== 'cuda') refuse('--layers compares with PyTorch: give --device cuda too');
  // Nothing of it is needed for networks.
  const { runLayers } = await import('./layers.js');
  const layers = await runLayers({ ...options, only: args.only.split(','), save, showProgress });
  save({ layers });
}

/** Writes the file anew. */
function save(results) {
  if (args.json) writeFileSync(args.json, JSON.stringify({ versions, options, ...results }));
}

/** Those that were asked for and are there, and versions of what they are made of. */
function presentEngines({ device, engines: wanted }) {
  const found = enginesFor(device).filter(({ id }) => wanted.includes(id));
  if (found.length === 0) refuse(`none of ${wanted.join(', ')} runs on ${device}: choose other --engines`);
  // koffi may lie where only Node finds it; without it the device says so.
  const packages = [...(device === 'cuda' ? [] : ['webgpu']), ...found.flatMap((engine) => engine.packages)];
  const known = Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
  if (!found.some(({ id }) => id === 'torch')) return { engines: found.map(({ id }) => id), versions: known };
  const version = torchVersion();
  if (version !== undefined)
    return { engines: found.map(({ id }) => id), versions: { ...known, torch: version } };
  console.log(
    'PyTorch was not found: install it (pip install torch), or let LANEWISE_PYTHON name a Python that has it.',
  );
  return { engines: found.map(({ id }) => id).filter((id) => id !== 'torch'), versions: known };
}

function namesOf(given) {
  if (given === '') return Object.keys(BATCHES);
  const names = given.split(',');
  const unknown = names.find((name) => !Object.hasOwn(BATCHES, name));
  if (unknown !== undefined)
    refuse(`--only takes ${Object.keys(BATCHES).join(', ')}, and was given "${unknown}"`);
  return names;
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}
