/**
 * What a kernel should take: the roofline (Williams, Waterman and Patterson, CACM 2009) over a device's measured roofs,
 * times how far kernels of its class were measured to stay behind it.
 */
import type { DeviceProfile, Roofs, Slowdown } from './profile.js';
import type { Spread, Subject } from './measure.js';

/** Whether a piece of an id is a size, not a type or a layout. */
function isSize(token: string): boolean {
  return /\d/.test(token) && !/^(?:[fiu]\d+|nchw4c)$/.test(token);
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

/**
 * What a subject does.
 * @param id names its class
 * @param constants buffers of it that hold weights
 */
export function workOf(id: string, { launches, buffers, constants = [] }: Subject): Work {
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
      const [gx, gy, gz] = source.grid;
      const [wx, wy, wz] = source.workgroup;
      return {
        flops: source.flops,
        bytes: Math.max(0, moved - constantBytes),
        constantBytes: Math.min(moved, constantBytes),
        invocations: gx * gy * gz * wx * wy * wz,
      };
    }),
  };
}

/** Parts of a launch's time by the roofline, nanoseconds; memory and arithmetic overlap, the launch does not. */
interface LaunchTimes {
  readonly memory: number;
  readonly arithmetic: number;
}

function launchTimes({ flops, bytes, constantBytes, invocations }: LaunchWork, roofs: Roofs): LaunchTimes {
  const rate = bytes <= roofs.cacheBytes ? roofs.cachedCopy : roofs.copy;
  const busy = Math.min(1, Math.max(invocations, 1) / roofs.saturation);
  return {
    memory: (bytes / rate.median + constantBytes / roofs.copy.median) * 1e9,
    arithmetic: (flops / (roofs.f32.median * busy)) * 1e9,
  };
}

/** Predicts costs, and learns from measured ones how far each class of kernels stays behind the roofline. */
export class Estimator {
  readonly profile: DeviceProfile;
  readonly #slowdowns = new Map<string, Slowdown>();
  readonly #factors = new Map<string, number[]>();
  /** Factors that do not count yet, each with its class. */
  readonly #pending: [name: string, factor: number][] = [];

  constructor(profile: DeviceProfile) {
    this.profile = profile;
    for (const [name, slowdown] of Object.entries(profile.slowdowns)) this.#slowdowns.set(name, slowdown);
  }

  /** What was learned, with what the profile knew of other classes. */
  get slowdowns(): Readonly<Record<string, Slowdown>> {
    this.settle();
    const all = new Map(this.#slowdowns);
    for (const [name, factors] of this.#factors) all.set(name, summary(factors));
    return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * Notes that work took so long. Estimates follow when `settle` is called, not before: they must not change while costs
   * are compared.
   * @param nanoseconds the median of its samples
   */
  learn(work: Work, nanoseconds: number): void {
    const { launch, beyond } = this.#floor(work);
    // What is mostly launch says nothing about the kernel.
    if (beyond < launch || nanoseconds <= launch) return;
    const factor = (nanoseconds - launch) / beyond;
    this.#pending.push([work.kernelClass, factor]);
  }

  /** Takes what was learned into the estimates. */
  settle(): void {
    for (const [name, factor] of this.#pending.splice(0)) {
      const factors = this.#factors.get(name);
      if (factors) factors.push(factor);
      else this.#factors.set(name, [factor]);
    }
  }

  estimate(work: Work): Cost {
    const { launch, beyond, bound } = this.#floor(work);
    const { factor, low, high } = this.#slowdown(work.kernelClass);
    return {
      origin: 'modelled',
      median: launch + beyond * factor,
      low: launch + beyond * low,
      high: launch + beyond * high,
      bound,
      floor: launch + beyond,
    };
  }

  /** A measured time beside what the roofline allows. */
  judge(work: Work, { median, low, high }: Spread): Cost {
    const { launch, beyond, bound } = this.#floor(work);
    return { origin: 'measured', median, low, high, bound, floor: launch + beyond };
  }

  #floor({ launches }: Work): { launch: number; beyond: number; bound: Bound } {
    const { roofs } = this.profile;
    let memory = 0;
    let arithmetic = 0;
    let beyond = 0;
    for (const work of launches) {
      const times = launchTimes(work, roofs);
      memory += times.memory;
      arithmetic += times.arithmetic;
      beyond += Math.max(times.memory, times.arithmetic);
    }
    const launch = launches.length * roofs.launch.median;
    const bound = launch >= beyond ? 'launch' : memory >= arithmetic ? 'memory' : 'arithmetic';
    return { launch, beyond, bound };
  }

  #slowdown(name: string): Pick<Slowdown, 'factor' | 'low' | 'high'> {
    const factors = this.#factors.get(name);
    if (factors) return summary(factors);
    const { factor, low, high } = this.#prior(name);
    const bias = this.#bias();
    return { factor: factor * bias, low: low * bias, high: high * bias };
  }

  /** What was known of a class before anything was measured here. */
  #prior(name: string): Pick<Slowdown, 'factor' | 'low' | 'high'> {
    return this.#slowdowns.get(name) ?? guess(name);
  }

  /** By how much the classes that were measured here are slower than was known before: others will be too. */
  #bias(): number {
    const ratios = Array.from(
      this.#factors,
      ([name, factors]) => summary(factors).factor / this.#prior(name).factor,
    );
    return ratios.length === 0 ? 1 : summary(ratios).factor;
  }
}

function summary(factors: readonly number[]): Slowdown {
  const sorted = [...factors].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
  return { factor: at(0.5), low: at(0.25), high: at(0.75), samples: sorted.length };
}

/** For classes that nobody measured: what they were on the GPUs that were, in broad strokes. */
const GUESSES: readonly (readonly [name: RegExp, factor: number])[] = [
  [/naive/, 12],
  [/^(?:conv|convtranspose)_\w*direct/, 3],
  [/^(?:conv|convtranspose|gemm|matmul)_/, 2.2],
];

function guess(name: string): Pick<Slowdown, 'factor' | 'low' | 'high'> {
  const factor = GUESSES.find(([pattern]) => pattern.test(name))?.[1] ?? 1.3;
  return { factor, low: factor / 1.5, high: factor * 1.5 };
}
