/** What a device is measured to do: the roofs that efficiency is a share of, and that costs are modelled from. */
import type { Progress } from '../../devices/device.js';
import type { GpuBuffer, GpuDevice, KernelSource } from '../../devices/gpu.js';
import { InputError } from '../../errors.js';
import { copyKernel } from '../../kernels/roof/copy.js';
import { FMA_WORKGROUP, fmaInputBytes, fmaKernel, fmaOutputBytes } from '../../kernels/roof/fma.js';
import { LAUNCH_BYTES, launchKernel } from '../../kernels/roof/launch.js';
import { RandomBuffers } from '../timing/buffers.js';
import { spreadOf, WARM_UP_MS, type Measurement, type Spread, type Subject } from '../timing/measure.js';
import type { Roofs } from './profile.js';
import { cacheStepOf, saturationOf } from './roof-fit.js';
import { Heater, Sampler, type Probe } from '../timing/sampling.js';

export interface RoofOptions {
  /** Interleaved rounds; 5 when left out. */
  readonly rounds?: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Stops between two samples; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A copy far larger than any cache: 256 MB read and 256 MB written. */
const COPY_BYTES = 256e6;

/** Sizes of what is measured. */
interface Scale {
  /** Bytes read by the largest copy. */
  readonly copyBytes: number;
  /** Bytes read by the smallest copy. */
  readonly leastBytes: number;
  /** Launches in a row. */
  readonly launches: number;
  /** Workgroups of the largest grid of multiply-adds, a power of two. */
  readonly workgroups: number;
  /** Of one launch of the largest grid: long against a launch. */
  readonly arithmeticNs: number;
  readonly warmUpMs: number;
}

/** 2^20 invocations are several times what the largest GPUs of today hold at once (270,000 on an H200). */
const GPU_SCALE: Scale = {
  copyBytes: COPY_BYTES,
  leastBytes: 2 ** 17,
  launches: 256,
  workgroups: 2 ** 14,
  arithmeticNs: 2e6,
  warmUpMs: WARM_UP_MS,
};
/** A CPU does the work: its numbers are of no use but must come soon. */
const SOFTWARE_SCALE: Scale = {
  copyBytes: 4e6,
  leastBytes: 2 ** 17,
  launches: 8,
  workgroups: 2 ** 5,
  arithmeticNs: 1e6,
  warmUpMs: 0,
};

/** Iterations of the multiply-adds' loop. */
const ITERATIONS = { least: 8, most: 1024 } as const;

/** The copy whose bandwidth is the roof of memory-bound kernels. */
export function copySubject(device: GpuDevice, bytes = COPY_BYTES): Subject {
  const size = Math.floor(Math.min(bytes, device.limits.maxBindingBytes) / 16) * 16;
  const source = copyKernel(size, device.limits.maxGrid);
  return { name: 'copy', buffers: [size, size], launches: [{ source, buffers: [0, 1] }] };
}

/** Bytes per second of a measured subject that moves `bytes`. */
export function bandwidth(bytes: number, { median }: Pick<Measurement, 'median'>): number {
  return (bytes / median) * 1e9;
}

/**
 * Measures a device's roofs; takes some 3 s on a GPU.
 * @throws DeviceError when it fails; the signal's reason when it is aborted
 */
export async function measureRoofs(device: GpuDevice, options: RoofOptions = {}): Promise<Roofs> {
  const { rounds = 5, signal, onProgress } = options;
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new InputError(`${rounds} rounds of measuring were asked for`, { remedy: 'Ask for 1 or more.' });
  }
  signal?.throwIfAborted();
  const memory = new RandomBuffers(device);
  const bench = new Bench(new Sampler(device, signal), device.software ? SOFTWARE_SCALE : GPU_SCALE);
  try {
    await bench.allocate(memory);
    return summaryOf(await bench.measure(rounds, onProgress));
  } finally {
    bench.release();
    memory.freeAll();
  }
}

/** Something timed: work done in so many nanoseconds. */
interface Timed {
  readonly kind: 'copy' | 'launch' | 'f32' | 'f16';
  /** Bytes, FLOP or launches of one sequence. */
  readonly work: number;
  /** How large it is: bytes of a copy, invocations of arithmetic. */
  readonly size: number;
  /** Nanoseconds of one sequence. */
  readonly samples: number[];
}

interface Entry {
  readonly timed: Timed;
  readonly probe: Probe;
}

/** Two buffers, and all that is timed on them. */
class Bench {
  readonly #sampler: Sampler;
  readonly #device: GpuDevice;
  readonly #scale: Scale;
  readonly #probes: Probe[] = [];
  #x: GpuBuffer | undefined;
  #y: GpuBuffer | undefined;

  constructor(sampler: Sampler, scale: Scale) {
    this.#sampler = sampler;
    this.#device = sampler.device;
    this.#scale = scale;
  }

  async allocate(memory: RandomBuffers): Promise<void> {
    const { copyBytes, workgroups } = this.#scale;
    const least = Math.max(fmaInputBytes('f32'), fmaOutputBytes({ workgroups, type: 'f32' }));
    const most = Math.floor(Math.min(copyBytes, this.#device.limits.maxBindingBytes) / 256) * 256;
    this.#x = await memory.allocateUpTo(most, least, 'roof input');
    this.#y = await memory.allocateUpTo(this.#x.bytes, least, 'roof output');
  }

  /** The copy of all that was allocated comes first, then smaller ones by size, launches, arithmetic by size. */
  async measure(rounds: number, onProgress: RoofOptions['onProgress']): Promise<Timed[]> {
    const sampler = this.#sampler;
    onProgress?.({ what: 'warming up', done: 0, total: 1 });
    const copy = await this.#copy(this.#y?.bytes ?? 0);
    const heater = new Heater(sampler, copy.probe);
    if (this.#scale.warmUpMs > 0) await heater.warmUp(this.#scale.warmUpMs);
    const entries = [copy, ...(await this.#smallCopies()), await this.#launches()];
    for (const type of this.#device.features.has('f16') ? (['f32', 'f16'] as const) : (['f32'] as const)) {
      entries.push(...(await this.#arithmetic(type)));
    }
    const turns: number[] = [];
    for (const { probe } of entries) turns.push((await sampler.calibrate(probe)).turns);
    for (let round = 0; round < rounds; round++) {
      for (const [i, { timed, probe }] of entries.entries()) {
        if (this.#scale.warmUpMs > 0) await heater.tick();
        timed.samples.push(await sampler.sample(probe, turns[i]));
        const done = round * entries.length + i + 1;
        onProgress?.({ what: WORDS[timed.kind], done, total: rounds * entries.length });
      }
    }
    return entries.map(({ timed }) => timed);
  }

  release(): void {
    for (const { recording } of this.#probes) this.#device.release(recording);
  }

  async #copy(bytes: number): Promise<Entry> {
    const source = copyKernel(bytes, this.#device.limits.maxGrid);
    return this.#entry('copy', source, [bytes, bytes], { work: 2 * bytes, size: 2 * bytes });
  }

  /** Sizes that grow by the square root of two. */
  async #smallCopies(): Promise<Entry[]> {
    const most = this.#y?.bytes ?? 0;
    const entries: Entry[] = [];
    for (let bytes = this.#scale.leastBytes; bytes < most; bytes *= Math.SQRT2) {
      entries.push(await this.#copy(Math.round(bytes / 256) * 256));
    }
    return entries;
  }

  async #launches(): Promise<Entry> {
    const count = this.#scale.launches;
    return this.#entry('launch', launchKernel(), [LAUNCH_BYTES], { work: 1, size: 0 }, count);
  }

  /** In f32 on grids that grow by two, in f16 on the largest. */
  async #arithmetic(type: 'f32' | 'f16'): Promise<Entry[]> {
    const { workgroups: most } = this.#scale;
    const iterations = await this.#iterations(type);
    const entries: Entry[] = [];
    for (let workgroups = type === 'f32' ? 1 : most; workgroups <= most; workgroups *= 2) {
      entries.push(await this.#multiplyAdds(type, workgroups, iterations));
    }
    return entries;
  }

  /** Iterations that make a launch of the largest grid as long as it should be. */
  async #iterations(type: 'f32' | 'f16'): Promise<number> {
    const { probe } = await this.#multiplyAdds(type, this.#scale.workgroups, ITERATIONS.least);
    const { nanoseconds } = await this.#sampler.calibrate(probe);
    const doublings = Math.round(Math.log2(this.#scale.arithmeticNs / nanoseconds));
    return Math.min(ITERATIONS.most, ITERATIONS.least * 2 ** Math.max(0, doublings));
  }

  async #multiplyAdds(type: 'f32' | 'f16', workgroups: number, iterations: number): Promise<Entry> {
    const source = fmaKernel({ type, workgroups, iterations, maxGrid: this.#device.limits.maxGrid });
    const bytes = [fmaInputBytes(type), fmaOutputBytes({ workgroups, type })];
    return this.#entry(type, source, bytes, { work: source.flops, size: workgroups * FMA_WORKGROUP });
  }

  /** @param bytes of what the kernel binds: a part of y, or of x and y */
  async #entry(
    kind: Timed['kind'],
    source: KernelSource,
    bytes: readonly number[],
    { work, size }: Pick<Timed, 'work' | 'size'>,
    sequences = 1,
  ): Promise<Entry> {
    const buffers = bytes.length === 1 ? [this.#y] : [this.#x, this.#y];
    const slices = buffers.flatMap((buffer, i) => (buffer ? [{ buffer, offset: 0, bytes: bytes[i] }] : []));
    const [kernel] = await this.#device.compile([source]);
    const dispatches = Array.from({ length: sequences }, () => ({ kernel, slices }));
    const probe = await this.#sampler.record(dispatches, sequences);
    this.#probes.push(probe);
    return { probe, timed: { kind, work, size, samples: [] } };
  }
}

const WORDS: Readonly<Record<Timed['kind'], string>> = {
  copy: 'copy bandwidth',
  launch: 'cost of a launch',
  f32: 'arithmetic in f32',
  f16: 'arithmetic in f16',
};

function summaryOf(all: readonly Timed[]): Roofs {
  const of = (kind: Timed['kind']): Timed[] => all.filter((timed) => timed.kind === kind);
  const [largest, ...smaller] = of('copy');
  const launch = spreadOf(of('launch')[0].samples);
  const copy = ratesOf(largest, 0);
  // Beside a launch that takes as long, what a copy takes cannot be told.
  const visible = smaller.filter(({ samples }) => spreadOf(samples).median >= 2 * launch.median);
  const rates = visible.map((timed) => ratesOf(timed, launch.median));
  const points = visible.map(({ size }, i) => ({ bytes: size, rate: rates[i].median }));
  const { best, cacheBytes } = cacheStepOf(points, copy.median);
  const arithmetic = of('f32').map((timed) => ratesOf(timed, launch.median));
  const sweep = of('f32').map(({ size }, i) => ({ invocations: size, rate: arithmetic[i].median }));
  const [half] = of('f16');
  return {
    copy,
    cachedCopy: best === undefined ? copy : rates[best],
    cacheBytes,
    f32: arithmetic.reduce((a, b) => (b.median > a.median ? b : a)),
    f16: half ? ratesOf(half, launch.median) : null,
    launch,
    saturation: saturationOf(sweep),
  };
}

/** Work per second. @param launchNs what a launch takes, as far as it is not part of the work; half of a time stays */
function ratesOf({ work, samples }: Timed, launchNs: number): Spread {
  return spreadOf(samples.map((time) => (work / Math.max(time - launchNs, time / 2)) * 1e9));
}
