/**
 * Times of kernels that can be compared: random inputs, rotating buffers so that caches are cold, rounds interleaved
 * so that drift of the clock hits all alike, the median with its spread.
 */
import type { GpuBuffer, GpuDevice, GpuRecording, GpuSlice, KernelSource } from '../devices/gpu.js';
import { copyKernel } from '../kernels/roof/copy.js';

/** A kernel sequence to be timed: launches over numbered buffers. */
export interface Subject {
  readonly name: string;
  /** Bytes of each buffer. */
  readonly buffers: readonly number[];
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

/** Samples of one subject, nanoseconds per sequence. */
export interface Measurement extends Spread {
  readonly name: string;
  readonly samples: readonly number[];
}

/** Rotation covers several times the largest L2 cache of today's GPUs (50 to 130 MB). */
const COLD_BYTES = 400e6;
/**
 * An idle GPU drops its clock and takes a while to raise it again: without this, a copy on an H200 read 1,650 GB/s in
 * cases that began idle and 4,070 in others.
 */
const WARM_UP_MS = 1000;
/** Work in one submission of the warm-up. */
const BUSY_NS = 20e6;
/** Work in one sample. */
const SAMPLE_NS = 2e6;
/** Memory that one subject's copies may take. */
const MAX_ROTATION_BYTES = 6e9;

interface Prepared {
  readonly recording: GpuRecording;
  readonly sequences: number;
  readonly owned: readonly GpuBuffer[];
}

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
  const samples = subjects.map((): number[] => []);
  const prepared: Prepared[] = [];
  try {
    for (const subject of subjects) prepared.push(await prepare(device, subject, coldBytes, repeats));
    const sample = async ({ recording, sequences }: Prepared, repeats = 1): Promise<number> => {
      const [total] = await device.time(recording, { passes: [recording.dispatches.length], repeats });
      return total / sequences;
    };
    await keepBusy(prepared[0], sample, warmUpMs);
    const turns: number[] = [];
    for (const subject of prepared) turns.push(turnsFor(subject, await sample(subject)));
    for (let round = 0; round < rounds; round++) {
      await keepBusy(prepared[0], sample, warmUpMs / 20);
      for (const [i, subject] of prepared.entries()) samples[i].push(await sample(subject, turns[i]));
    }
  } finally {
    for (const { recording, owned } of prepared) {
      device.release(recording);
      for (const buffer of owned) buffer.destroy();
    }
  }
  return subjects.map(({ name }, i) => summarise(name, samples[i]));
}

/**
 * Keeps the device at work with one subject, in submissions long enough that waiting for them leaves no gaps in which
 * the clock would drop.
 */
async function keepBusy(
  subject: Prepared,
  sample: (subject: Prepared, repeats?: number) => Promise<number>,
  milliseconds: number,
): Promise<void> {
  const start = performance.now();
  let repeats = 1;
  while (performance.now() - start < milliseconds) {
    const nanoseconds = (await sample(subject, repeats)) * subject.sequences;
    repeats = Math.max(1, Math.min(1000, Math.ceil(BUSY_NS / Math.max(nanoseconds, 1))));
  }
}

/** How often a subject's recording runs in one sample, so that a sample is long against the cost of its pass. */
function turnsFor({ sequences }: Prepared, nanoseconds: number): number {
  return Math.max(1, Math.min(64, Math.round(SAMPLE_NS / (nanoseconds * sequences))));
}

/** Median and quartiles of samples. */
export function summarise(name: string, samples: readonly number[]): Measurement {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { name, samples, median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Buffers for as many copies as a cold cache takes, and one recording that walks over them in turn. */
async function prepare(
  device: GpuDevice,
  subject: Subject,
  coldBytes: number,
  repeats: number,
): Promise<Prepared> {
  const owned: GpuBuffer[] = [];
  try {
    const slices = await allocateSets(device, subject, coldBytes, owned);
    const { launches } = subject;
    const kernels = await device.compile(launches.map(({ source }) => source));
    await spread(device, slices);
    const sequences = Math.max(repeats, slices.length);
    const dispatches = Array.from({ length: sequences }, (_, turn) =>
      launches.map((launch, i) => ({
        kernel: kernels[i],
        slices: launch.buffers.map((buffer) => slices[turn % slices.length][buffer]),
      })),
    ).flat();
    return { recording: await device.record(dispatches), sequences, owned };
  } catch (error) {
    for (const buffer of owned) buffer.destroy();
    throw error;
  }
}

/** @param owned the taker's list, to which this adds every buffer, whether it succeeds or fails */
async function allocateSets(
  device: GpuDevice,
  { name, buffers }: Subject,
  coldBytes: number,
  owned: GpuBuffer[],
): Promise<GpuSlice[][]> {
  const setBytes = buffers.reduce((sum, bytes) => sum + bytes, 0);
  const wanted = Math.max(1, Math.ceil(coldBytes / setBytes));
  const sets = Math.max(1, Math.min(wanted, Math.floor(MAX_ROTATION_BYTES / setBytes), 256));
  const slices: GpuSlice[][] = [];
  for (let set = 0; set < sets; set++) {
    const row: GpuSlice[] = [];
    for (const [i, bytes] of buffers.entries()) {
      const buffer = await device.allocate(bytes, `${name} buffer ${i}`);
      owned.push(buffer);
      // Zeros run faster than real data on some GPUs, so every byte is random.
      if (set === 0) device.write(buffer, 0, randomFloats(buffer.bytes));
      row.push({ buffer, offset: 0, bytes });
    }
    slices.push(row);
  }
  return slices;
}

/** Copies the first set's random contents to the others, on the device. */
async function spread(device: GpuDevice, slices: readonly (readonly GpuSlice[])[]): Promise<void> {
  for (const set of slices.slice(1)) {
    for (const [i, target] of set.entries()) {
      const bytes = Math.floor(target.bytes / 16) * 16;
      if (bytes === 0) continue;
      const [kernel] = await device.compile([copyKernel(bytes, device.limits.maxGrid)]);
      const recording = await device.record([
        {
          kernel,
          slices: [
            { ...slices[0][i], bytes },
            { ...target, bytes },
          ],
        },
      ]);
      await device.submit(recording);
      device.release(recording);
    }
  }
}

/** Random numbers in [-1, 1): a block of them, repeated. */
function randomFloats(bytes: number): Float32Array {
  const block = Float32Array.from({ length: 1 << 16 }, () => Math.random() * 2 - 1);
  const out = new Float32Array(Math.ceil(bytes / 4));
  for (let at = 0; at < out.length; at += block.length) {
    out.set(block.subarray(0, Math.min(block.length, out.length - at)), at);
  }
  return out;
}
