/** What a study found, as `results.json` has it. Times are nanoseconds. */
import type { Precision } from '../candidates/precision.js';
import type { GpuIdentity } from '../devices/gpu.js';
import type { PolicyName } from '../plan/policies/index.js';
import type { Roofs } from '../tune/profile/profile.js';
import type { Samples } from '../tune/timing/measure.js';

export const STUDY_FORMAT = 'lanewise-study';
/** Raised when a reader of older results would misread newer ones. */
export const STUDY_VERSION = 1;

/** The experiments, in the order of the report. */
export const EXPERIMENTS = ['convolution', 'transforms', 'pooling', 'softmax', 'networks', 'memory'] as const;
export type ExperimentName = (typeof EXPERIMENTS)[number];

export interface StudyResults {
  readonly format: typeof STUDY_FORMAT;
  readonly version: typeof STUDY_VERSION;
  /** When it began, ISO 8601. */
  readonly started: string;
  /** How long it took. */
  readonly seconds: number;
  /** The command line that runs it again. */
  readonly command: string;
  /** By name: Lanewise, the runtime, the system. */
  readonly versions: Readonly<Record<string, string>>;
  readonly device: {
    readonly description: string;
    /** Whether a CPU did the work: times then mean nothing. */
    readonly software: boolean;
    readonly identity: GpuIdentity;
  };
  /** How floats were stored. */
  readonly dtype: Precision;
  readonly quick: boolean;
  readonly roofs: Roofs;
  /** Null for an experiment that was not asked for. */
  readonly convolution: ConvolutionResults | null;
  readonly transforms: readonly LayerResult[] | null;
  readonly pooling: PoolingResults | null;
  readonly softmax: readonly LayerResult[] | null;
  readonly networks: readonly NetworkResult[] | null;
  readonly memory: readonly MemoryResult[] | null;
}

/** Several ways to compute one layer, timed in turn. */
export interface LayerResult {
  readonly name: string;
  /** Sizes in words. */
  readonly shape: string;
  readonly flops: number;
  /** Ideal bytes: each input read once, each output written once. */
  readonly bytes: number;
  readonly entries: readonly Entry[];
  /** Ways that do not apply, and why. */
  readonly refused: readonly Refused[];
}

export interface Entry {
  /** The id of the main kernel. */
  readonly kernel: string;
  /** `implicit`, `patch`, `naive`: what tells it from the others. */
  readonly method: string;
  /** Layout of the data. */
  readonly layout: string;
  readonly launches: number;
  /** Every sample with buffers that no cache holds; empty where it failed. */
  readonly cold: Samples;
  /** The same on the same buffers again and again; empty where that was not measured. */
  readonly warm: Samples;
  /** Relative error of sampled outputs against the reference in double precision; null where it was not checked. */
  readonly error: number | null;
  /** Why it was not timed; null where it was. */
  readonly failure: string | null;
}

export interface Refused {
  readonly method: string;
  readonly reason: string;
}

export interface ConvolutionResults {
  readonly layers: readonly LayerResult[];
  /** The layer of the sweeps in words. */
  readonly sweepShape: string;
  readonly batches: readonly SweepPoint[];
  readonly channels: readonly SweepPoint[];
}

/** One convolution of a sweep: its best kernel in each layout. */
export interface SweepPoint {
  readonly n: number;
  readonly c: number;
  readonly entries: readonly Entry[];
}

export interface PoolingResults {
  readonly layers: readonly LayerResult[];
  readonly climbs: readonly ClimbResult[];
}

/** A walk over patch sizes. */
export interface ClimbResult {
  readonly layer: string;
  readonly layout: string;
  /** Sizes of a patch that there are, outputs, ascending. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly points: readonly ClimbPoint[];
  /** From where it began to where it ended: indices of points. */
  readonly path: readonly number[];
}

export interface ClimbPoint {
  /** Places in `rows` and `columns`. */
  readonly row: number;
  readonly column: number;
  readonly samples: Samples;
}

export interface NetworkResult {
  readonly name: string;
  readonly batch: number;
  readonly policies: readonly PolicyResult[];
  /** What could not be measured, and why. */
  readonly failures: readonly string[];
}

export interface PolicyResult {
  readonly policy: PolicyName;
  /** Whole runs. */
  readonly samples: Samples;
  /** What the plan expected. */
  readonly predicted: number;
  readonly proved: boolean;
  /** Relative error of the answers against those of the first policy that ran. */
  readonly error: number;
  /** By kind of step (`Conv`, `MaxPool`, `Transform`): every round's sum of its steps, each timed alone. */
  readonly kinds: Readonly<Record<string, Samples>>;
  readonly transforms: number;
}

export interface MemoryResult {
  readonly name: string;
  readonly batch: number;
  /** Bytes. */
  readonly policies: readonly PolicyMemory[];
}

export interface PolicyMemory {
  readonly policy: PolicyName;
  /** Activations, all of them at once, and the largest set that is alive at once. */
  readonly arenaBytes: number;
  readonly liveBytes: number;
  readonly constantBytes: number;
  /** What the launches bind, and what they would with each tensor read and written once. */
  readonly movedBytes: number;
  readonly idealBytes: number;
}
