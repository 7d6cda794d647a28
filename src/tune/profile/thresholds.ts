/**
 * The paper's rule for convolutions, CHWN if C < Ct or N >= Nt, else NCHW, and the sweep that finds its two numbers once
 * per device (Li et al., "Optimizing Memory Efficiency for Deep Convolutional Neural Networks on GPUs", SC 2016,
 * section IV.A): one convolution of ZFNet over batch sizes and over channels, each layout with its best kernel.
 */
import { isCandidate, type Candidate, type CandidateContext } from '../../candidates/candidate.js';
import { candidatesFor } from '../../candidates/index.js';
import type { Progress } from '../../devices/device.js';
import type { GpuDevice } from '../../devices/gpu.js';
import { DeviceError } from '../../errors.js';
import { Conv } from '../../ops/conv.js';
import type { TensorType } from '../../tensor/index.js';
import { spreadOf } from '../timing/measure.js';
import { workOf, type Estimator, type Work } from './model.js';
import type { ThresholdSample, Thresholds } from './profile.js';
import { race, type Contender } from '../timing/race.js';
import { candidateSubject } from '../timing/subject.js';
import { Track } from '../timing/track.js';

/** The two layouts of the rule, as they are named in `ThresholdSample`. */
export type RuleLayout = 'nchw' | 'chwn';

/**
 * A threshold that no tensor reaches: as Nt, no batch is large enough for CHWN; as Ct, no number of channels is too large
 * for it. A number, because profiles are JSON, which has no infinity.
 */
export const UNREACHED = Number.MAX_SAFE_INTEGER;

/** The layout that the rule gives a convolution of c channels on n images. */
export function layoutByRule(
  { channels, batch }: Pick<Thresholds, 'channels' | 'batch'>,
  { n, c }: Pick<ThresholdSample, 'n' | 'c'>,
): RuleLayout {
  return c < channels || n >= batch ? 'chwn' : 'nchw';
}

/** Nanoseconds by which the rule's layout is slower than the other one, over all samples; 0 where it is right. */
export function timeLost(
  rule: Pick<Thresholds, 'channels' | 'batch'>,
  samples: readonly ThresholdSample[],
): number {
  return samples.reduce((sum, sample) => {
    const { nchw, chwn } = sample;
    return sum + sample[layoutByRule(rule, sample)] - Math.min(nchw, chwn);
  }, 0);
}

/**
 * The thresholds that lose the least time on the samples: each is a sampled size, or `UNREACHED`. Of several the one with
 * the smallest Ct, then that with the largest Nt: where CHWN is never faster, Ct is the smallest sampled number of
 * channels and Nt unreached; where it always is, both are the smallest sampled sizes.
 * @throws RangeError for no samples
 */
export function thresholdsFrom(samples: readonly ThresholdSample[]): Thresholds {
  if (samples.length === 0) throw new RangeError('a threshold needs samples');
  const sizes = (of: (sample: ThresholdSample) => number): number[] => [
    ...[...new Set(samples.map(of))].sort((a, b) => a - b),
    UNREACHED,
  ];
  const batches = sizes(({ n }) => n).reverse();
  const rules = sizes(({ c }) => c).flatMap((channels) => batches.map((batch) => ({ channels, batch })));
  const [first, ...others] = rules.map((rule) => ({ ...rule, lost: timeLost(rule, samples) }));
  const { channels, batch } = others.reduce((best, rule) => (rule.lost < best.lost ? rule : best), first);
  return { channels, batch, samples };
}

/** The convolution of a sweep, without padding and with stride 1, and the sizes that it is measured at. */
export interface Sweep {
  readonly outChannels: number;
  /** Height and width of the input, and of the kernel. */
  readonly size: number;
  readonly kernel: number;
  /** Batch sizes, ascending, with `fixedChannels` input channels. */
  readonly batches: readonly number[];
  readonly fixedChannels: number;
  /** Input channels, ascending, with a batch for which `batches` showed NCHW to be faster. */
  readonly channels: readonly number[];
  /** The largest such batch that is taken. */
  readonly largestBatch: number;
}

/**
 * CV7 of the paper. Channels vary at the layer's own batch of 64, or at the largest one below Nt where that is smaller:
 * from Nt on the rule takes CHWN for its batch, and nothing could be learned about Ct.
 */
export const PAPER_SWEEP: Sweep = {
  outChannels: 384,
  size: 13,
  kernel: 3,
  batches: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  fixedChannels: 256,
  channels: [1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512],
  largestBatch: 64,
};

/** Every other size of it. */
export const QUICK_SWEEP: Sweep = {
  ...PAPER_SWEEP,
  batches: [1, 4, 16, 64, 256],
  channels: [1, 4, 16, 64, 256],
};

export interface SweepOptions {
  /** `PAPER_SWEEP` when left out. */
  readonly sweep?: Sweep | undefined;
  /** Samples per kernel; as many as `race` takes when left out. */
  readonly rounds?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of kernels that do not compile or run. */
  readonly onFailure?: ((id: string, error: DeviceError) => void) | undefined;
  /** Stops between two samples; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the sweep in f32.
 * @param estimator gives the kernels' bounds, and learns from all that is measured
 * @throws DeviceError when the device fails, or can run the convolution at no size in both layouts
 */
export async function measureThresholds(
  device: GpuDevice,
  estimator: Estimator,
  options: SweepOptions = {},
): Promise<Thresholds> {
  const { sweep = PAPER_SWEEP } = options;
  // Both sweeps in the same memory, and warmed up once.
  const track = new Track(device);
  try {
    return await measuredOn(new SweepCourse(device, estimator, sweep, track, options), sweep);
  } finally {
    track.free();
  }
}

async function measuredOn(course: SweepCourse, sweep: Sweep): Promise<Thresholds> {
  const { batches, channels, fixedChannels, largestBatch } = sweep;
  const overBatches = await course.measure(
    'batch sizes',
    batches.map((n) => ({ n, c: fixedChannels })),
  );
  if (overBatches.length === 0) throw unmeasurable();
  const { batch } = thresholdsFrom(overBatches);
  const smaller = batches.filter((n) => n < batch && n <= largestBatch);
  const n = smaller.at(-1) ?? largestBatch;
  const known = overBatches.filter((sample) => sample.n === n).map(({ c }) => c);
  const fresh = channels.filter((c) => !known.includes(c)).map((c) => ({ n, c }));
  const overChannels = await course.measure('channels', fresh);
  return thresholdsFrom([...overBatches, ...overChannels]);
}

function unmeasurable(): DeviceError {
  return new DeviceError('no convolution of the sweep could be measured in both layouts', {
    remedy: 'Update the driver and the npm package `webgpu` or the browser; free GPU memory.',
  });
}

/** A place of a sweep. */
type Point = Pick<ThresholdSample, 'n' | 'c'>;

interface Entrant {
  readonly point: Point;
  readonly layout: RuleLayout;
  readonly work: Work;
  readonly contender: Contender;
}

const LAYOUTS: readonly RuleLayout[] = ['nchw', 'chwn'];

class SweepCourse {
  readonly #device: GpuDevice;
  readonly #estimator: Estimator;
  readonly #sweep: Sweep;
  readonly #track: Track;
  readonly #options: SweepOptions;

  constructor(device: GpuDevice, estimator: Estimator, sweep: Sweep, track: Track, options: SweepOptions) {
    this.#device = device;
    this.#estimator = estimator;
    this.#sweep = sweep;
    this.#track = track;
    this.#options = options;
  }

  /** A sample for each point that could be measured in both layouts. */
  async measure(what: string, points: readonly Point[]): Promise<ThresholdSample[]> {
    const { rounds, signal, onProgress, onFailure } = this.#options;
    const entrants = points.flatMap((point) => this.#entrants(point));
    const samples = await race(
      this.#device,
      entrants.map(({ contender }) => contender),
      {
        ...(rounds !== undefined && { rounds }),
        track: this.#track,
        signal,
        onProgress: (progress) => onProgress?.({ ...progress, what: `sweep over ${what}, ${progress.what}` }),
        onFailure: ({ subject }, error) => onFailure?.(subject.name, error),
      },
    );
    const measured = entrants.flatMap((entrant, i) => {
      const own = samples[i];
      return own ? [{ ...entrant, nanoseconds: spreadOf(own).median }] : [];
    });
    for (const { work, nanoseconds } of measured) this.#estimator.learn(work, nanoseconds);
    return points.flatMap((point) => {
      const [nchw, chwn] = LAYOUTS.map((layout) => {
        const own = measured.filter((entrant) => entrant.point === point && entrant.layout === layout);
        return Math.min(...own.map(({ nanoseconds }) => nanoseconds));
      });
      return Number.isFinite(nchw) && Number.isFinite(chwn) ? [{ ...point, nchw, chwn }] : [];
    });
  }

  /** All ways to run the convolution that begin and end in one of the layouts. */
  #entrants(point: Point): Entrant[] {
    const { outChannels, size, kernel } = this.#sweep;
    const op = new Conv({ strides: [1, 1] });
    const inputs: TensorType[] = [
      { dtype: 'f32', dims: [point.n, point.c, size, size] },
      { dtype: 'f32', dims: [outChannels, point.c, kernel, kernel] },
    ];
    const types = { inputs, outputs: op.infer(inputs) };
    const { limits, features } = this.#device;
    const context: CandidateContext = { limits, features, storage: 'f32' };
    const candidates = candidatesFor(op, types, context).filter(isCandidate);
    return LAYOUTS.flatMap((layout) =>
      candidates
        .filter((candidate) => isIn(candidate, layout))
        .map((candidate) => {
          const subject = candidateSubject(candidate, types, context, new Set([1]));
          const work = workOf(candidate.id, subject);
          const bound = this.#estimator.estimate(work).floor;
          return {
            point,
            layout,
            work,
            contender: { subject, group: `${point.n} ${point.c} ${layout}`, bound },
          };
        }),
    );
  }
}

function isIn({ inputs: [input], outputs: [output], baseline }: Candidate, layout: RuleLayout): boolean {
  const name = layout.toUpperCase();
  return input?.name === name && output.name === name && !baseline;
}
