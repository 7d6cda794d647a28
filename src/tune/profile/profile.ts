/** What a device was measured to do, as a file: its roofs, what kernels reach of them, the paper's thresholds. */
import type { GpuIdentity, GpuLimits, KernelFeature } from '../../devices/gpu.js';
import type { Spread } from '../timing/measure.js';

/** Rates that no kernel passes. */
export interface Roofs {
  /** Bytes per second of a copy far larger than any cache, reads and writes both counted. */
  readonly copy: Spread;
  /** Bytes per second of a copy that stays in the last-level cache, reads and writes both counted. */
  readonly cachedCopy: Spread;
  /** Bytes that a copy may read and write in all and still run at `cachedCopy`. */
  readonly cacheBytes: number;
  /** Multiply-adds in f32, FLOP per second. */
  readonly f32: Spread;
  /** The same in f16; null where the device has no such type. */
  readonly f16: Spread | null;
  /** Nanoseconds from one dependent launch to the next that do nothing. */
  readonly launch: Spread;
  /** Invocations at once from which on arithmetic runs at nine tenths of its roof. */
  readonly saturation: number;
}

/** One point of the sweep that found a threshold. */
export interface ThresholdSample {
  /** Batch size and channels of the convolution. */
  readonly n: number;
  readonly c: number;
  /** Nanoseconds of the best kernel in each layout. */
  readonly nchw: number;
  readonly chwn: number;
}

/** The paper's rule, CHWN if C < `channels` or N >= `batch`, with what it was read from. */
export interface Thresholds {
  readonly channels: number;
  readonly batch: number;
  readonly samples: readonly ThresholdSample[];
}

/**
 * How far kernels of one class stay behind the roofline: by which factor their measured time passes the modelled one,
 * launches apart, as the median over samples.
 */
export interface Slowdown {
  readonly factor: number;
  /** Quartiles. */
  readonly low: number;
  readonly high: number;
  /** Nanoseconds that each launch takes besides, however small its work. */
  readonly latency: number;
  readonly samples: number;
}

export interface DeviceProfile {
  readonly version: 1;
  /** Names the file: `nvidia-h200-webgpu`. */
  readonly name: string;
  readonly device: GpuIdentity;
  /** The day, `2026-11-23`; null for an estimate. */
  readonly measured: string | null;
  readonly limits: GpuLimits;
  readonly features: readonly KernelFeature[];
  readonly roofs: Roofs;
  /** Null until `lanewise tune` has run its sweep. */
  readonly thresholds: Thresholds | null;
  /** By class of kernel (`classOf`). */
  readonly slowdowns: Readonly<Record<string, Slowdown>>;
}
