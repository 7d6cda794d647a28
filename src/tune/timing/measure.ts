/**
 * Times of kernels that can be compared: random inputs, rotating buffers so that caches are cold, rounds interleaved
 * so that drift of the clock hits all alike, the median with its spread. For costs as they are inside a network, see
 * race.ts.
 */
import type { GpuDevice, GpuSlice, KernelSource } from '../../devices/gpu.js';
import { RandomBuffers } from './buffers.js';
import { Heater, Sampler, type Probe } from './sampling.js';

/** A kernel sequence to be timed: launches over numbered buffers. */
export interface Subject {
  readonly name: string;
  /** Bytes of each buffer. */
  readonly buffers: readonly number[];
  /** Which buffers hold weights: inside a network they come from beyond the cache. */
  readonly constants?: readonly number[];
  readonly launches: readonly { readonly source: KernelSource; readonly buffers: readonly number[] }[];
}

export interface MeasureOptions {
  /** Interleaved rounds; each gives one sample per subject. */
  readonly rounds?: number;
  /** Least bytes that one sample walks through before it touches a buffer again; 0 for a warm cache. */
  readonly coldBytes?: number;
  /** Least launch sequences in one sample. */
  readonly repeats?: number;
  /** Milliseconds of uncounted work before the first round. */
  readonly warmUpMs?: number;
}

/** A median between its quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Nanoseconds per sequence, every sample. */
export type Samples = readonly number[];

/** Samples of one subject. */
export interface Measurement extends Spread {
  readonly name: string;
  readonly samples: Samples;
}

/** Rotation covers several times the largest L2 cache of today's GPUs (50 to 130 MB). */
export const COLD_BYTES = 400e6;
/** How long a GPU takes to raise its clock: see `Heater`. */
export const WARM_UP_MS = 1000;
/** Memory that one subject's copies may take. */
const MAX_ROTATION_BYTES = 6e9;
const MAX_COPIES = 256;

/**
 * Times subjects in interleaved rounds; a measurement each.
 * @throws DeviceError for kernels that do not compile or memory that is not to be had
 */
export async function measure(
  device: GpuDevice,
  subjects: readonly Subject[],
  {
    rounds = 7,
    coldBytes = COLD_BYTES,
    repeats = 8,
    warmUpMs = device.software ? 0 : WARM_UP_MS,
  }: MeasureOptions = {},
): Promise<Measurement[]> {
  if (subjects.length === 0) return [];
  const sampler = new Sampler(device);
  const memory = new RandomBuffers(device);
  const probes: Probe[] = [];
  try {
    for (const subject of subjects)
      probes.push(await prepare(sampler, memory, subject, { coldBytes, repeats }));
    const heater = new Heater(sampler, probes[0]);
    await heater.warmUp(warmUpMs);
    const turns: number[] = [];
    for (const probe of probes) turns.push((await sampler.calibrate(probe)).turns);
    const samples = subjects.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      await heater.run(warmUpMs / 20);
      for (const [i, probe] of probes.entries()) samples[i].push(await sampler.sample(probe, turns[i]));
    }
    return subjects.map(({ name }, i) => summarise(name, samples[i]));
  } finally {
    for (const { recording } of probes) device.release(recording);
    memory.freeAll();
  }
}

/** Median and quartiles of samples. */
export function summarise(name: string, samples: Samples): Measurement {
  return { name, samples, ...spreadOf(samples) };
}

/** Median and quartiles; NaN of nothing. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Buffers for as many copies as a cold cache takes, and one recording that walks over them in turn. */
async function prepare(
  sampler: Sampler,
  memory: RandomBuffers,
  { name, buffers, launches }: Subject,
  { coldBytes, repeats }: Required<Pick<MeasureOptions, 'coldBytes' | 'repeats'>>,
): Promise<Probe> {
  const copies = copiesFor(
    buffers.reduce((sum, bytes) => sum + bytes, 0),
    coldBytes,
  );
  const slices: GpuSlice[][] = [];
  for (const [i, bytes] of buffers.entries()) {
    slices.push(await memory.allocateCopies(bytes, copies, `${name} buffer ${i}`));
  }
  const kernels = await sampler.device.compile(launches.map(({ source }) => source));
  const sequences = Math.max(repeats, copies);
  const dispatches = Array.from({ length: sequences }, (_, turn) =>
    launches.map((launch, i) => ({
      kernel: kernels[i],
      slices: launch.buffers.map((buffer) => slices[buffer][turn % copies]),
    })),
  ).flat();
  return sampler.record(dispatches, sequences);
}

function copiesFor(setBytes: number, coldBytes: number): number {
  const wanted = Math.ceil(coldBytes / setBytes);
  return Math.max(1, Math.min(wanted, Math.floor(MAX_ROTATION_BYTES / setBytes), MAX_COPIES));
}
