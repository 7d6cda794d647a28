/**
 * The paper's layers through Lanewise and PyTorch on one GPU, cold caches, in turn. Both are compared first, at the size at
 * which they are timed, with the operator's reference in double precision.
 */
import { numbersOf } from '../../dist/candidates/precision.js';
import { openCuda } from '../../dist/host/cuda.js';
import { processorsOf } from '../../dist/kernels/gemm/choice.js';
import { Bench } from '../../dist/study/bench.js';
import { sampledAnswers } from '../../dist/study/sampled-check.js';
import { relativeError, stridesOf } from '../../dist/tensor/index.js';
import { copySubject, measureRoofs } from '../../dist/tune/profile/roofs.js';
import { layerCases, waysOf } from './layer-cases.js';
import { formatLayer, formatLayers } from './layer-table.js';
import { quartiles } from './timing.js';
import { TorchHost, settingName } from './torch/host.js';

/** Of Lanewise's kernels so many, the fastest, have their turn beside PyTorch. */
const KEPT = 3;
/**
 * How far PyTorch's answers may be from the reference's: what is wrong is near 1. Lanewise's are held to the study's bounds,
 * which are for its own methods.
 */
const TOLERANCE = { f32: 1e-3, tf32: 2e-2, f16: 2e-2 };
/** How much shorter samples are than those of networks. */
const SHORTER = 4;

/** @returns a report per layer and precision */
export async function runLayers(options) {
  const { only, dtypes, save, showProgress } = options;
  const torch = options.engines.includes('torch')
    ? new TorchHost({ device: options.torchDevice, limitMs: options.limitMs })
    : undefined;
  torch?.start().catch(() => undefined);
  const device = await openCuda();
  const reports = [];
  try {
    showProgress('measuring roofs');
    const roofs = await measureRoofs(device, { rounds: 3 });
    console.log(`${device.description}, copy ${(roofs.copy.median / 1e9).toFixed(0)} GB/s`);
    const tasks = layerCases()
      .filter(({ kind, name }) => only.some((part) => `${kind} ${name}`.includes(part)))
      .flatMap((layer) =>
        dtypes.filter((dtype) => layer.dtypes.includes(dtype)).map((dtype) => ({ layer, dtype })),
      )
      .map((task) => prepare(task, device, roofs));
    for (const [i, task] of tasks.entries()) {
      // The compiler works on the next layer while the GPU works on this one.
      tasks[i + 1]?.compile();
      showProgress(`${i + 1} of ${tasks.length}: ${task.layer.kind} ${task.layer.name} ${task.dtype}`);
      const report = await runLayer(task, { ...options, device, roofs, torch });
      reports.push(report);
      showProgress('');
      console.log(formatLayer(report));
      save({ layers: reports });
    }
    if (reports.length > 1) console.log(formatLayers(reports));
    return reports;
  } finally {
    torch?.end();
    device.destroy();
  }
}

function prepare({ layer, dtype }, device, roofs) {
  const { limits, features } = device;
  const context = { limits, features, ...numbersOf(dtype), processors: processorsOf(roofs.f32.median) };
  let ways;
  const all = () => (ways ??= [waysOf(layer, context)].flat());
  return {
    layer,
    dtype,
    context,
    ways: all,
    /** What fails fails again, where it counts. */
    compile: () => {
      for (const { subject } of all()) {
        void device.compile(subject.launches.map(({ source }) => source)).catch(() => undefined);
      }
    },
  };
}

async function runLayer(task, options) {
  const { layer, dtype, context } = task;
  const { device, roofs, rounds, sampleMs } = options;
  const problems = [];
  const bench = new Bench(device, { rounds });
  const study = { device, context, roofs, bench };
  const peers = await openPeers(task, options, problems);
  try {
    const kept = await fastestWays(task, study, problems);
    for (const peer of peers) peer.runs = await runsOf(peer, sampleMs / SHORTER);
    const copy = copySubject(device);
    const [roof, ...timings] = await bench.time(
      [copy, ...kept.map(({ way }) => way.subject)],
      () => undefined,
      async () => {
        for (const peer of peers) await sample(peer);
      },
    );
    const ours = kept.map(({ way, error }, i) =>
      entryOf(
        { engine: 'Lanewise', setting: `${way.kernel}, ${way.layout}`, dtype },
        error,
        inMicroseconds(timings[i]),
      ),
    );
    const theirs = peers.map(({ setting, deviation, samples, error }) =>
      entryOf({ engine: 'PyTorch', setting, dtype }, deviation, error ? { error } : { samples }),
    );
    const bytes = layer.elements * (context.storage === 'f16' ? 2 : 4);
    const copyBytes = copy.launches[0].source.bytes;
    return {
      kind: layer.kind,
      name: layer.name,
      shape: layer.shape,
      dtype,
      flops: layer.flops,
      bytes,
      /** Bytes per second of a copy in the same rounds. */
      copy: (roof.cold ?? []).map((nanoseconds) => (copyBytes / nanoseconds) * 1e9),
      entries: [...ours, ...theirs, ...problems],
    };
  } finally {
    bench.end();
    for (const { dispose } of peers) await dispose().catch(() => undefined);
  }
}

/** PyTorch's settings whose answers are right; the others are noted. */
async function openPeers({ layer, dtype }, { torch, modes, formats }, problems) {
  if (!torch) return [];
  const { indices, values } = sampledAnswers(layer.answers(dtype === 'f16' ? 'f16' : 'f32'));
  const strides = stridesOf(layer.answers('f32').output.dims);
  const flat = indices.map((index) =>
    index.reduce((sum, position, axis) => sum + position * strides[axis], 0),
  );
  const peers = [];
  for (const mode of modes) {
    for (const layout of layer.formats.filter((format) => formats.includes(format))) {
      const setting = settingName({ mode, layout });
      try {
        const parameters = {
          layer: { kind: layer.kind, inputs: layer.torchInputs, ...layer.torch },
          indices: flat,
        };
        const peer = await torch.open('open-layer', { mode, layout, dtype }, parameters);
        const deviation = relativeError(
          peer.answer.answers.map((value) => value ?? NaN),
          values,
        );
        if (deviation <= TOLERANCE[dtype]) peers.push({ ...peer, setting, deviation, samples: [] });
        else {
          await peer.dispose();
          throw new Error(`its answers are wrong: relative error ${deviation.toExponential(1)}`);
        }
      } catch (error) {
        problems.push(entryOf({ engine: 'PyTorch', setting, dtype }, undefined, { error: error.message }));
      }
    }
  }
  return peers;
}

/** Of all ways the fastest by one sample each, those whose answers are right; the others are noted. */
async function fastestWays({ dtype, ways }, study, problems) {
  const all = ways();
  const look = new Bench(study.device, { rounds: 1 });
  try {
    const timings = await look.time(all.map(({ subject }) => subject));
    const note = (way, error) =>
      problems.push(
        entryOf({ engine: 'Lanewise', setting: `${way.kernel}, ${way.layout}`, dtype }, undefined, { error }),
      );
    const timed = [];
    for (const [i, way] of all.entries()) {
      const { cold, failure } = timings[i];
      if (failure === undefined) timed.push({ way, time: cold[0] });
      else note(way, failure);
    }
    const kept = [];
    for (const { way } of timed.sort((a, b) => a.time - b.time)) {
      if (kept.length === KEPT) break;
      const { error, failure } = await way.check(study);
      if (failure === null) kept.push({ way, error });
      else note(way, failure);
    }
    return kept;
  } finally {
    look.end();
  }
}

/** How many runs make a sample. */
async function runsOf(peer, sampleMs) {
  const most = 1 << 20;
  let runs = 1;
  for (let attempt = 0; attempt < 4; attempt++) {
    const took = await peer.elapsed(runs);
    if (took >= sampleMs / 2) break;
    runs = Math.min(most, Math.max(runs + 1, Math.ceil((runs * sampleMs) / Math.max(took, 1e-6))));
  }
  return runs;
}

/** One sample, microseconds per run; what fails is left out from then on. */
async function sample(peer) {
  if (peer.error) return;
  try {
    peer.samples.push(((await peer.elapsed(peer.runs)) * 1e3) / peer.runs);
  } catch (error) {
    peer.error = error.message;
  }
}

function inMicroseconds(timing) {
  if (!timing || 'failure' in timing) return { error: timing?.failure ?? 'it was not timed' };
  return { samples: timing.cold.map((nanoseconds) => nanoseconds / 1e3) };
}

function entryOf(names, deviation, { samples = [], error }) {
  return { ...names, samples, ...(!error && quartiles(samples)), deviation: deviation ?? undefined, error };
}
