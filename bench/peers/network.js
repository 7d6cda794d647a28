/**
 * One network through all engines, in a process of its own, so that an engine that takes its process with it costs one
 * network only, and no memory outlives one. Started by run.js, to which it sends a report.
 */
import { foldBatchNormalization } from '../../dist/graph/rewrites/fold-batch-normalization.js';
import { rewriteGraph } from '../../dist/graph/rewrites/index.js';
import { network } from '../../dist/networks/index.js';
import { Tensor, relativeError, sizeOf } from '../../dist/tensor/index.js';
import { randomStream } from '../../dist/tensor/random.js';
import { openCudaHost } from './cuda.js';
import { enginesFor } from './engines/index.js';
import { open as openOnCuda } from './engines/lanewise-cuda.js';
import { open as openOnWebGpu } from './engines/lanewise.js';
import { writeOnnx } from './onnx-writer.js';
import { measure, quartiles, warmUp } from './timing.js';
import { TENSOR_USAGE, openSharedDevice } from './webgpu.js';

/**
 * How far an engine's answers may be from the reference's, as relative errors in the Euclidean norm; those of a wrong
 * kernel are near 1. In f16 one image of 32 may fall into another class, which in ResNet-50, whose random weights leave each
 * image a single class, is an error of 0.18 to 0.25.
 */
const TOLERANCE = { f32: 1e-3, tf32: 0.25, f16: 0.25 };

/**
 * @param options what run.js passes: name, batch, dtypes, engines, device, tuning, effort, rounds, warmUpMs, sampleMs; for
 * PyTorch modes, formats and limitMs
 */
async function main(options) {
  const { task, queue, problems, describe, close } = await openHost(options);
  const reference = await answersOf(await task.openReference());
  const subjects = [];
  for (const engine of enginesFor(options.device).filter(({ id }) => options.engines.includes(id))) {
    for (const { setting, dtype, open } of engine.subjects(options)) {
      const entry = { engine: engine.name, setting, dtype };
      const subject = { ...entry, samples: [], error: options.skipped.find(isSame(entry))?.error };
      subjects.push(subject);
      if (subject.error) continue;
      progress(Object.values(entry).join(' '), entry);
      await start(subject, () => open(task), { queue, reference, problems, options });
    }
  }
  blamed = undefined;
  const able = subjects.filter(({ error }) => !error);
  await measure(able, queue, options.rounds, (round) => progress(`round ${round} of ${options.rounds}`));
  for (const subject of able) {
    if (!subject.error) await check(subject, reference).catch((error) => (subject.error = error));
  }
  process.send({ description: await describe(), entries: subjects.map(reportOf) });
  for (const subject of subjects) await end(subject);
  close();
}

/** Frees what a subject holds; what has failed may fail again. */
async function end({ dispose }) {
  try {
    await dispose?.();
  } catch {
    // Its report has been sent.
  }
}

/** Opens a subject, checks its answers and warms it up; what goes wrong becomes its error. */
async function start(subject, open, { queue, reference, problems, options }) {
  const before = problems.length;
  try {
    const began = performance.now();
    Object.assign(subject, await open());
    subject.opening = performance.now() - began;
    // The second run may take another way than the first: that of a captured graph.
    for (let run = 0; run < 2; run++) {
      await subject.enqueue(1);
      await check(subject, reference);
    }
    if (problems.length > before) throw new Error(problems[before]);
    subject.runs = await warmUp(subject, queue, options);
  } catch (error) {
    subject.error = error;
  }
}

/** Compares a subject's last answers with the reference's. @throws Error when they are wrong */
async function check(subject, reference) {
  const deviation = relativeError(await subject.read(), reference);
  subject.deviation = Math.max(subject.deviation ?? 0, deviation);
  if (deviation <= TOLERANCE[subject.dtype]) return;
  throw new Error(`its answers are wrong: relative error ${deviation.toExponential(1)}`);
}

/** The device, and the network on it. */
async function openHost(options) {
  const network = prepareNetwork(options);
  return options.device === 'cuda' ? openOnCudaHost(network, options) : openOnWebGpuHost(network, options);
}

async function openOnWebGpuHost(network, options) {
  const { device, description, close } = await openSharedDevice(options.device);
  const task = { ...network, device, input: upload(device, network.image.data) };
  return {
    task: { ...task, openReference: () => openOnWebGpu(task, 'f32', { tuning: 'modelled' }, 'nchw') },
    queue: device.queue,
    problems: watch(device),
    describe: () => description,
    close,
  };
}

/** There, problems are errors of whoever has them. */
async function openOnCudaHost(network, options) {
  const { description, gpu, costs, folder, torch, begin, close } = await openCudaHost(options);
  const tell = atMostEvery(1000, progress);
  const task = { ...network, cuda: { gpu, costs }, folder, torch, tell };
  const versions = begin(network.graph, network.image);
  return {
    task: { ...task, openReference: () => openOnCuda(task, 'f32', { tuning: 'modelled' }, 'nchw') },
    queue: undefined,
    problems: [],
    describe: async () => {
      const { torch: version, cuda, cudnn } = (await versions) ?? {};
      return version ? `${description}; PyTorch ${version}, CUDA ${cuda}, cuDNN ${cudnn}` : description;
    },
    close,
  };
}

/** Everything that engines are given of a network; what costs memory is made when it is first asked for. */
function prepareNetwork({ name, batch }) {
  const model = network(name);
  const dims = [batch, ...model.inputs[0].dims.slice(1)];
  const image = randomImage(dims);
  const build = () => {
    const graph = model.build({ dims: new Map([['image', dims]]) });
    foldBatchNormalization.apply(graph);
    return graph;
  };
  const graph = build();
  const files = new Map();
  return {
    network: name,
    dims,
    classes: model.outputs[0].dims[1],
    image,
    /** Batch normalisations folded, nothing fused. */
    graph,
    /** The bytes of the network as an ONNX file. */
    onnx: (dtype) => {
      if (!files.has(dtype)) files.set(dtype, writeOnnx(graph, dtype === 'f16' ? { halve } : {}));
      return files.get(dtype);
    },
    /** The network's graph with activations and residuals fused. */
    fusedGraph: () => {
      const fused = build();
      rewriteGraph(fused);
      return fused;
    },
  };
}

function halve({ dims, data }) {
  return Tensor.from('f16', dims, data);
}

/** Uniform in [-1, 1), the same every time. */
function randomImage(dims) {
  const next = randomStream('image');
  return new Tensor(
    'f32',
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => 2 * next() - 1),
  );
}

function upload(device, data) {
  const buffer = device.createBuffer({ size: data.byteLength, usage: TENSOR_USAGE });
  device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}

/** Runs a session once, and ends it. */
async function answersOf({ enqueue, read, dispose }) {
  await enqueue(1);
  const answers = await read();
  await dispose();
  return answers;
}

/** Messages of errors that no engine caught itself. */
function watch(device) {
  const problems = [];
  device.addEventListener('uncapturederror', ({ error }) => problems.push(firstLine(error)));
  void device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') problems.push(`the device was lost: ${message}`);
  });
  return problems;
}

function reportOf({ engine, setting, dtype, opening, runs, samples, deviation, error }) {
  return {
    engine,
    setting,
    dtype,
    opening,
    runs,
    samples,
    ...(!error && quartiles(samples)),
    deviation,
    error: error && firstLine(error),
  };
}

function firstLine(error) {
  return String(error?.message ?? error).split('\n', 1)[0];
}

function isSame({ engine, setting, dtype }) {
  return (other) => other.engine === engine && other.setting === setting && other.dtype === dtype;
}

/** The entry that is to blame if the process ends now. */
let blamed;

/** @param preparing the entry that is now being prepared */
function progress(what, preparing) {
  if (preparing) blamed = preparing;
  process.send({ progress: what, preparing: blamed });
}

/** Tells at most once in so many milliseconds. */
function atMostEvery(milliseconds, tell) {
  let last = -Infinity;
  return (what) => {
    if (performance.now() - last < milliseconds) return;
    last = performance.now();
    tell(what);
  };
}

process.once('message', (options) => {
  main(options).then(
    () => process.disconnect(),
    (error) => {
      process.send({ failure: error.message });
      process.disconnect();
    },
  );
});
