/** Runs experiments one after the other, and says how far they are. */
import { checkPrecision, numbersOf, type Precision } from '../candidates/precision.js';
import { processorsOf } from '../kernels/gemm/choice.js';
import type { GpuDevice } from '../devices/gpu.js';
import { UnsupportedError } from '../errors.js';
import { measureRoofs } from '../tune/profile/roofs.js';
import type { CostStore } from '../tune/store/cost-store.js';
import { Bench, type Tell } from './bench.js';
import { studyConvolution } from './experiments/convolution.js';
import { studyNetworks } from './experiments/networks.js';
import { studyPooling } from './experiments/pooling.js';
import { studySoftmax } from './experiments/softmax.js';
import { studyTransforms } from './experiments/transforms.js';
import {
  EXPERIMENTS,
  STUDY_FORMAT,
  STUDY_VERSION,
  type ExperimentName,
  type StudyResults,
} from './results.js';
import { scaleFor } from './scale.js';
import type { Study } from './study.js';

export interface StudyOptions {
  /** All when left out. */
  readonly experiments?: readonly ExperimentName[];
  readonly dtype?: Precision;
  /** A part of the sizes, for a look at whether everything runs. */
  readonly quick?: boolean;
  /** The command line, and versions of what runs it, for the results. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly onProgress?: ((progress: StudyProgress) => void) | undefined;
  /** Given all that there is after each experiment; those to come are null. */
  readonly onPart?: ((results: StudyResults) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface StudyProgress {
  readonly experiment: ExperimentName | 'roofs';
  readonly what: string;
  /** Of the whole study, 0 to 1. */
  readonly share: number;
  /** Seconds, as far as can be told: the first minute tells little. */
  readonly secondsLeft: number;
}

/** How long the parts take beside each other: seconds on an H200. */
const WEIGHTS: Readonly<Record<ExperimentName | 'roofs', number>> = {
  roofs: 5,
  convolution: 120,
  transforms: 15,
  pooling: 60,
  softmax: 35,
  networks: 200,
  memory: 20,
};

/**
 * Runs the study on a device.
 * @param store where measured costs of networks' kernels are found and kept
 * @throws UnsupportedError for a precision that the device does not have, and for bf16; DeviceError when the device fails; the signal's reason
 */
export async function runStudy(
  device: GpuDevice,
  store: CostStore,
  options: StudyOptions,
): Promise<StudyResults> {
  const { dtype = 'f32', quick = false, signal, command, versions } = options;
  checkPrecision(dtype, device.features, device.description, '--dtype f32');
  if (dtype === 'bf16') {
    // Baselines and the checks of answers know f16 alone.
    throw new UnsupportedError('the study in bf16', {
      remedy: 'Use --dtype f16: kernels move as many bytes.',
    });
  }
  const started = new Date();
  const wanted = new Set(options.experiments ?? EXPERIMENTS);
  const meter = new Meter([...wanted], options.onProgress);
  const roofs = await measureRoofs(device, {
    signal,
    ...(quick && { rounds: 3 }),
    onProgress: ({ what, done, total }) => {
      meter.tell('roofs', what, done / Math.max(total, 1));
    },
  });
  const { description, software, identity, limits, features } = device;
  const scale = scaleFor({ quick, software });
  const context = { limits, features, ...numbersOf(dtype), processors: processorsOf(roofs.f32.median) };
  const bench = new Bench(device, { rounds: scale.rounds, signal });
  const study: Study = { device, context, roofs, scale, bench, signal };
  let results: StudyResults = {
    format: STUDY_FORMAT,
    version: STUDY_VERSION,
    started: started.toISOString(),
    seconds: 0,
    command,
    versions,
    device: { description, software, identity },
    dtype,
    quick,
    roofs,
    convolution: null,
    transforms: null,
    pooling: null,
    softmax: null,
    networks: null,
    memory: null,
  };
  const take = async (
    name: ExperimentName,
    work: (tell: Tell) => Promise<Partial<StudyResults>>,
  ): Promise<void> => {
    const found = await work((what, share) => {
      meter.tell(name, what, share);
    });
    results = { ...results, ...found, seconds: (Date.now() - started.getTime()) / 1000 };
    await options.onPart?.(results);
  };
  try {
    for (const name of EXPERIMENTS) {
      const apart = LAYER_EXPERIMENTS[name];
      if (apart && wanted.has(name)) await take(name, (tell) => apart(study, tell));
    }
    // Networks take all of the memory that there is.
    bench.end();
    const wishes = { networks: wanted.has('networks'), memory: wanted.has('memory') };
    if (wishes.networks || wishes.memory) {
      await take(wishes.networks ? 'networks' : 'memory', async (tell) => {
        const { networks, memory } = await studyNetworks(study, store, wishes, tell);
        return { networks: wishes.networks ? networks : null, memory: wishes.memory ? memory : null };
      });
    }
    return results;
  } finally {
    bench.end();
  }
}

/** The experiments on layers: each alone. */
const LAYER_EXPERIMENTS: Readonly<
  Partial<Record<ExperimentName, (study: Study, tell: Tell) => Promise<Partial<StudyResults>>>>
> = {
  convolution: async (study, tell) => ({ convolution: await studyConvolution(study, tell) }),
  transforms: async (study, tell) => ({ transforms: await studyTransforms(study, tell) }),
  pooling: async (study, tell) => ({ pooling: await studyPooling(study, tell) }),
  softmax: async (study, tell) => ({ softmax: await studySoftmax(study, tell) }),
};

/** Turns shares of experiments into a share of the whole, and that into the time that is left. */
export class Meter {
  readonly #parts: readonly (ExperimentName | 'roofs')[];
  readonly #total: number;
  readonly #report: StudyOptions['onProgress'];
  readonly #now: () => number;
  readonly #start: number;
  #most = 0;

  constructor(
    experiments: readonly ExperimentName[],
    report: StudyOptions['onProgress'],
    now: () => number = () => performance.now(),
  ) {
    const ordered = EXPERIMENTS.filter((name) => experiments.includes(name));
    // Memory comes along with the networks.
    const apart = ordered.filter((name) => name !== 'memory' || !ordered.includes('networks'));
    this.#parts = ['roofs', ...apart];
    this.#total = this.#parts.reduce((sum, name) => sum + WEIGHTS[name], 0);
    this.#report = report;
    this.#now = now;
    this.#start = now();
  }

  tell(experiment: ExperimentName | 'roofs', what: string, share: number): void {
    const place = this.#parts.indexOf(experiment);
    const before = this.#parts.slice(0, place).reduce((sum, name) => sum + WEIGHTS[name], 0);
    const within = Math.min(1, Math.max(0, share)) * WEIGHTS[experiment];
    // Parts of parts may tell a little less than they told before.
    this.#most = Math.max(this.#most, (before + within) / this.#total);
    const elapsed = (this.#now() - this.#start) / 1000;
    const byPace = (elapsed * (1 - this.#most)) / Math.max(this.#most, 1e-3);
    const byWeights = (1 - this.#most) * this.#total;
    // A pace is known once a tenth is done.
    const secondsLeft = this.#most < 0.1 ? Math.max(byPace, byWeights) : byPace;
    this.#report?.({ experiment, what, share: this.#most, secondsLeft });
  }
}
