/**
 * What a kernel should take: the roofline (Williams, Waterman and Patterson, CACM 2009) over a device's measured roofs,
 * times how far kernels of its class were measured to stay behind it, plus what a launch of the class takes on any size.
 */
import type { KernelSource } from '../../devices/gpu.js';
import type { DeviceProfile, Roofs, Slowdown } from './profile.js';
import type { Spread, Subject } from '../timing/measure.js';

/** Whether a piece of an id is a size, not a type or a layout. */
function isSize(token: string): boolean {
  return /\d/.test(token) && !/^(?:[fiu]\d+|bf16|tf32|nchw4c)$/.test(token);
}

/** What limits a kernel: the memory, the arithmetic units, or the launch itself. */
export type Bound = 'memory' | 'arithmetic' | 'launch';

/** Nanoseconds that something takes: measured, or by the model. */
export interface Cost extends Spread {
  readonly origin: 'measured' | 'modelled';
  readonly bound: Bound;
  /** What the roofline allows at best, nanoseconds. */
  readonly floor: number;
}

/** The work of a launch, as far as the model looks. */
export interface LaunchWork {
  readonly flops: number;
  /** Bytes of activations, moved once. */
  readonly bytes: number;
  /** Bytes of weights, which come from beyond the cache. */
  readonly constantBytes: number;
  readonly invocations: number;
  /** Characters of the kernel's text that count as instructions to fetch: 0 where the code stays in the instruction caches. */
  readonly code: number;
}

export interface Work {
  readonly kernelClass: string;
  readonly launches: readonly LaunchWork[];
}

/**
 * The class of a kernel: its id without tile, patch and split sizes (`conv_nhwc_implicit_f32` of
 * `conv_nhwc_implicit_128x64x16_f32`).
 */
export function classOf(id: string): string {
  return id
    .split('_')
    .filter((token) => !isSize(token))
    .join('_');
}

/** Characters of a text that are constants, bindings and functions of every kernel. */
const COMMON_CHARACTERS = 4000;

/**
 * Nanoseconds that a character of a kernel's text takes where other kernels ran in between: its instructions then come from the
 * L2 cache. Over five networks on an H200, each with products written out five ways, runs took 0.1 to 0.5 us for a thousand
 * characters longer than their steps one by one (docs/performance.md); no measurement of a kernel alone shows it.
 */
const FETCH_NS = 0.2;

/**
 * What a subject does.
 * @param id names its class
 * @param constants buffers of it that hold weights
 * @param foreign whether other kernels run in between, more than the instruction caches hold
 */
export function workOf(id: string, { launches, buffers, constants = [] }: Subject, foreign = false): Work {
  const single = launches.length === 1;
  return {
    kernelClass: classOf(id),
    launches: launches.map(({ source, buffers: bound }) => {
      const held = [...new Set(bound)];
      const total = held.reduce((sum, buffer) => sum + buffers[buffer], 0);
      const constantBytes = held
        .filter((buffer) => constants.includes(buffer))
        .reduce((sum, buffer) => sum + buffers[buffer], 0);
      // A kernel alone knows what it moves (a slice reads a part of its input); with others it also moves scratch memory.
      const moved = single ? Math.min(source.bytes, total) : total;
      return {
        flops: source.flops,
        bytes: Math.max(0, moved - constantBytes),
        constantBytes: Math.min(moved, constantBytes),
        invocations: invocationsOf(source),
        code: foreign ? codeOf(source) : 0,
      };
    }),
  };
}

/** Characters of a text that stand for instructions. Kernels of libraries, and those with loops for a compiler to unroll, tell nothing. */
function codeOf(source: KernelSource): number {
  return Math.max(0, (source.wgsl?.length ?? 0) - COMMON_CHARACTERS);
}

/** How many invocations a launch has. */
export function invocationsOf({ grid, workgroup }: KernelSource): number {
  return [...grid, ...workgroup].reduce((product, extent) => product * extent, 1);
}

/** Parts of a launch's time by the roofline, nanoseconds; memory and arithmetic overlap, the launch does not. */
interface LaunchTimes {
  readonly memory: number;
  readonly arithmetic: number;
}

/**
 * How much faster tensor cores multiply than the f32 units: an H200's reach 790 TFLOP/s in f16 and bf16 and half of that in
 * tf32, beside 64 in f32.
 */
const TENSOR_RATES: Readonly<Record<string, number>> = { f16: 12, bf16: 12, tf32: 6 };

/**
 * Kernels that multiply on tensor cores whatever the size: of CUDA alone. Those of WGSL on subgroup matrices count as if they had
 * the f32 units: so their slowdowns were measured.
 */
const ON_TENSOR_CORES = /(?:[_-]mma(?:-\w\w)?|_cudnn|[_-]cublaslt)_(f16|bf16|tf32)$/;

/** The type that a class multiplies in on tensor cores, if it does. */
function tensorType(kernelClass: string): string | undefined {
  return ON_TENSOR_CORES.exec(kernelClass)?.[1];
}

/** FLOP per second that kernels of a class could do at best. */
function arithmeticRate(kernelClass: string, { f32 }: Roofs): number {
  const type = tensorType(kernelClass);
  return f32.median * (type === undefined ? 1 : TENSOR_RATES[type]);
}

function launchTimes(
  { flops, bytes, constantBytes, invocations }: LaunchWork,
  roofs: Roofs,
  arithmeticRoof: number,
): LaunchTimes {
  const rate = bytes <= roofs.cacheBytes ? roofs.cachedCopy : roofs.copy;
  const busy = Math.min(1, Math.max(invocations, 1) / roofs.saturation);
  return {
    memory: (bytes / rate.median + constantBytes / roofs.copy.median) * 1e9,
    arithmetic: (flops / (arithmeticRoof * busy)) * 1e9,
  };
}

/** Nanoseconds until instructions are there. */
function fetchTime({ launches }: Work): number {
  return launches.reduce((sum, { code }) => sum + FETCH_NS * code, 0);
}

/** What is known of a class of kernels. */
type Behaviour = Pick<Slowdown, 'factor' | 'low' | 'high' | 'latency'>;

/** A measured kernel beside its floor, nanoseconds. */
interface Sample {
  readonly launches: number;
  readonly launch: number;
  readonly beyond: number;
  readonly taken: number;
}

/** Predicts costs, and learns from measured ones how far each class of kernels stays behind the roofline. */
export class Estimator {
  readonly profile: DeviceProfile;
  readonly #samples = new Map<string, Sample[]>();
  /** Samples that do not count yet, each with its class. */
  readonly #pending: [name: string, sample: Sample][] = [];
  /** What the samples say of their classes. */
  #learned: ReadonlyMap<string, Slowdown> = new Map();
  /** By how much classes that were measured here are slower than was known before: others will be too. */
  #bias = 1;

  constructor(profile: DeviceProfile) {
    this.profile = profile;
  }

  /** What was learned, with what the profile knew of other classes. */
  get slowdowns(): Readonly<Record<string, Slowdown>> {
    this.settle();
    const all = new Map([...Object.entries(this.profile.slowdowns), ...this.#learned]);
    return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * Notes that work took so long. Estimates follow when `settle` is called, not before: they must not change while costs
   * are compared.
   * @param nanoseconds the median of its samples
   */
  learn(work: Work, nanoseconds: number): void {
    const { launch, beyond } = this.#floor(work);
    const launches = work.launches.length;
    this.#pending.push([work.kernelClass, { launches, launch, beyond, taken: nanoseconds }]);
  }

  /** Takes what was learned into the estimates. */
  settle(): void {
    if (this.#pending.length === 0) return;
    for (const [name, sample] of this.#pending.splice(0)) {
      const samples = this.#samples.get(name);
      if (samples) samples.push(sample);
      else this.#samples.set(name, [sample]);
    }
    this.#fit();
  }

  estimate(work: Work): Cost {
    const { launch, beyond, bound } = this.#floor(work);
    const { factor, low, high, latency } = this.#behaviour(work.kernelClass);
    const least = launch + latency * work.launches.length + fetchTime(work);
    return {
      origin: 'modelled',
      median: least + beyond * factor,
      low: least + beyond * low,
      high: least + beyond * high,
      bound,
      floor: launch + beyond,
    };
  }

  /** What was measured of a kernel alone, and the fetching of its code where that counts, beside what the roofline allows. */
  judge(work: Work, { median, low, high }: Spread): Cost {
    const { launch, beyond, bound } = this.#floor(work);
    const fetch = fetchTime(work);
    const floor = launch + beyond;
    return { origin: 'measured', median: median + fetch, low: low + fetch, high: high + fetch, bound, floor };
  }

  /**
   * Latencies come from samples that are mostly launch, factors from the others. Both matter: on 983 kernels of eight
   * networks on an H200 the mean error is 16 % with both and 35 % with factors alone.
   */
  #fit(): void {
    const latencies = new Map<string, number>();
    for (const [name, samples] of this.#samples) {
      const short = samples.filter(isShort);
      if (short.length > 0) latencies.set(name, quantile(short.map(latencyOf), 0.5));
    }
    const typical = latencies.size > 0 ? quantile([...latencies.values()], 0.5) : undefined;
    const learned = new Map<string, Slowdown>();
    const ratios: number[] = [];
    for (const [name, samples] of this.#samples) {
      const prior = this.#prior(name);
      const latency = latencies.get(name) ?? typical ?? prior.latency;
      const factors = samples.filter((sample) => !isShort(sample)).map((sample) => factorOf(sample, latency));
      if (factors.length > 0) ratios.push(quantile(factors, 0.5) / prior.factor);
      const { factor, low, high } =
        factors.length > 0
          ? { factor: quantile(factors, 0.5), low: quantile(factors, 0.25), high: quantile(factors, 0.75) }
          : prior;
      learned.set(name, { factor, low, high, latency, samples: samples.length });
    }
    this.#learned = learned;
    this.#bias = ratios.length > 0 ? quantile(ratios, 0.5) : 1;
  }

  #floor({ kernelClass, launches }: Work): { launch: number; beyond: number; bound: Bound } {
    const { roofs } = this.profile;
    const arithmeticRoof = arithmeticRate(kernelClass, roofs);
    let memory = 0;
    let arithmetic = 0;
    let beyond = 0;
    for (const work of launches) {
      const times = launchTimes(work, roofs, arithmeticRoof);
      memory += times.memory;
      arithmetic += times.arithmetic;
      beyond += Math.max(times.memory, times.arithmetic);
    }
    const launch = launches.length * roofs.launch.median;
    const bound = launch >= beyond ? 'launch' : memory >= arithmetic ? 'memory' : 'arithmetic';
    return { launch, beyond, bound };
  }

  #behaviour(name: string): Behaviour {
    const learned = this.#learned.get(name);
    if (learned) return learned;
    const { factor, low, high, latency } = this.#prior(name);
    return { factor: factor * this.#bias, low: low * this.#bias, high: high * this.#bias, latency };
  }

  /** What was known of a class before anything was measured here. */
  #prior(name: string): Behaviour {
    const { slowdowns, roofs } = this.profile;
    const known = likenesses(name).find((other) => slowdowns[other]);
    return known === undefined ? guess(name, roofs.launch.median) : slowdowns[known];
  }
}

/** A class, and those that cope alike: storage in half precision changes the bytes, and little else. */
function likenesses(name: string): string[] {
  // What libraries do in f32 has nothing to do with tensor cores.
  if (tensorType(name) !== undefined)
    return [name, ...['f16', 'bf16', 'tf32'].map((type) => name.replace(/[a-z0-9]+$/, type))];
  return [name, name.replace(/_bf16$/, '_f16'), name.replace(/_b?f16$/, '_f32')];
}

/** Whether a kernel is mostly launch: it says nothing of how its class copes with work. */
function isShort({ launch, beyond }: Sample): boolean {
  return beyond < launch;
}

/** Nanoseconds a launch beyond the floor. */
function latencyOf({ launches, launch, beyond, taken }: Sample): number {
  return Math.max(0, taken - launch - beyond) / launches;
}

/** What nothing beats by more than caches explain: keeps what was mismeasured from looking free. */
const LEAST_FACTOR = 0.3;

function factorOf({ launches, launch, beyond, taken }: Sample, latency: number): number {
  return Math.max(LEAST_FACTOR, (taken - launch - latency * launches) / beyond);
}

/** @param share 0.5 for the median */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))];
}

/**
 * For classes that nobody measured: what they were on an H200, in broad strokes. Latencies are in launches. Those of kernels on
 * tensor cores are from 72 kernels of LeNet and SqueezeNet in f16, batch 64, which they miss by 43 % (cuDNN, of which a first
 * layer of three channels took four times as long as the rest would), 18 % (cuBLASLt) and 24 % (ours) on average.
 */
const GUESSES: readonly (readonly [name: RegExp, factor: number, latency: number])[] = [
  [/_cudnn-grouped/, 6, 2],
  [/_cudnn/, 1.5, 2.75],
  [/[_-]cublaslt/, 1.2, 2.25],
  [/[_-]mma/, 1.5, 3.5],
  [/naive/, 12, 2],
  // Not measured yet: products as slow as others that make each element from nine.
  [/_separable/, 3, 3],
  [/^(?:conv|convtranspose)_\w*direct/, 3.5, 4],
  [/^(?:conv|convtranspose|gemm|matmul)_/, 2.3, 2],
];

function guess(name: string, launch: number): Behaviour {
  const [, factor, latency] = GUESSES.find(([pattern]) => pattern.test(name)) ?? [name, 1.3, 0.5];
  return { factor, low: factor / 1.5, high: factor * 1.5, latency: latency * launch };
}
