/** How a time is taken: samples long enough for the clock that measures them, on a device whose own clock is up. */
import type { GpuDevice, GpuDispatch, GpuRecording } from '../../devices/gpu.js';
import { DeviceError } from '../../errors.js';

/** A recording that repeats a sequence of launches. */
export interface Probe {
  readonly recording: GpuRecording;
  /** How often the recording has the sequence. */
  readonly sequences: number;
}

/** How often a probe's recording runs in one sample, and what was seen while that was found out. */
export interface Calibration {
  readonly turns: number;
  /** Nanoseconds per sequence: a first sample, if it took at least `Sampler.isWhole`. */
  readonly nanoseconds: number;
  /** Nanoseconds in all. */
  readonly total: number;
}

/**
 * Work in one sample. Starting a pass costs 9 µs on an H200, which is 1 % of this; longer samples would only make a
 * race of thousands of kernels longer.
 */
const SAMPLE_NS = 1e6;
/** The same where the host's clock is read, whose time includes a submission's way there and back (some 100 µs). */
const HOST_SAMPLE_NS = 1e7;
/** Steps of a clock that one sample has at least. */
const STEPS = 50;
/** Launches in one submission: beyond, encoding them takes the host longer than a sample is worth. */
const MAX_LAUNCHES = 4096;
/** What clocks are rounded to: Dawn to 2^16 ns, browsers to 100 µs. */
const QUANTA = [100_000, 65_536];
/** Times from which on a clock can be told. */
const LEAST_TIMES = 4;

/**
 * Nanoseconds that all of these times are multiples of: how coarse a clock is. 1 for a fine one, and where there are
 * too few times to tell.
 */
export function quantumOf(times: readonly number[]): number {
  const seen = times.map(Math.round).filter((time) => time > 0);
  if (seen.length < LEAST_TIMES) return 1;
  return QUANTA.find((quantum) => seen.every((time) => time % quantum === 0)) ?? 1;
}

/** Whether the device has a clock of its own; its times then do not see what the host does meanwhile. */
export function hasClock({ interop }: GpuDevice): boolean {
  return interop?.device.features.has('timestamp-query') ?? true;
}

/** Takes samples on one device, until it is told to stop. */
export class Sampler {
  readonly device: GpuDevice;
  readonly #signal: AbortSignal | undefined;
  #sampleNs: number;

  constructor(device: GpuDevice, signal?: AbortSignal) {
    this.device = device;
    this.#signal = signal;
    const least = hasClock(device) ? SAMPLE_NS : HOST_SAMPLE_NS;
    this.#sampleNs = Math.max(least, STEPS * (quanta.get(device) ?? 1));
  }

  /** @throws the signal's reason, when it was aborted */
  check(): void {
    this.#signal?.throwIfAborted();
  }

  /** Makes samples long enough for a clock that shows these times. */
  adjustTo(times: readonly number[]): void {
    const quantum = quantumOf(times);
    if (times.length >= LEAST_TIMES) quanta.set(this.device, quantum);
    this.#sampleNs = Math.max(this.#sampleNs, STEPS * quantum);
  }

  /** Whether so many nanoseconds are as good as a sample. */
  isWhole(nanoseconds: number): boolean {
    return nanoseconds >= this.#sampleNs / 2;
  }

  /** Records sequences of launches. @param dispatches of all the sequences */
  async record(dispatches: readonly GpuDispatch[], sequences: number): Promise<Probe> {
    this.check();
    return { recording: await this.device.record(dispatches), sequences };
  }

  /** Nanoseconds that a probe's recording takes, run so often in a row. */
  async total({ recording }: Probe, turns: number): Promise<number> {
    this.check();
    const passes = [recording.dispatches.length];
    const [nanoseconds] = await this.device.time(recording, { passes, repeats: turns });
    lastWork.set(this.device, performance.now());
    return nanoseconds * turns;
  }

  /** One sample: nanoseconds per sequence. */
  async sample(probe: Probe, turns: number): Promise<number> {
    return (await this.total(probe, turns)) / (turns * probe.sequences);
  }

  /**
   * Finds out how often a recording must run for a sample, from a single run on.
   * @throws DeviceError when the device's clock stands still
   */
  async calibrate(probe: Probe): Promise<Calibration> {
    const length = Math.max(probe.recording.dispatches.length, 1);
    const most = Math.max(1, Math.floor(MAX_LAUNCHES / length));
    let turns = 1;
    for (;;) {
      const total = await this.total(probe, turns);
      if (this.isWhole(total) || turns === most) {
        if (total > 0) return { turns, nanoseconds: total / (turns * probe.sequences), total };
        throw new DeviceError('the device’s clock stands still', {
          remedy: 'Update its driver or the browser, or plan with modelled costs.',
        });
      }
      // A short run is mostly the start of its pass: what it says about more of them is too long, so the step is large.
      const wanted = Math.ceil((turns * this.#sampleNs) / Math.max(total, 1));
      turns = Math.min(most, Math.max(wanted, 2 * turns), 16 * turns);
    }
  }
}

/** When each device last finished work that was timed. */
const lastWork = new WeakMap<GpuDevice, number>();
/** How coarse each device's clock was seen to be. */
const quanta = new WeakMap<GpuDevice, number>();

/** Work in one submission that keeps a device busy: long enough that waiting for the next leaves no gap that counts. */
const BUSY_NS = 20e6;
/** Samples leave a device idle for about half of the time. After so long it is put to work again. */
const IDLE_MS = 250;
/** A device that was at work so recently has kept its clock. */
const WARM_MS = 1000;

/** What is there within this time is not worth starting work for. */
const MOMENT_MS = 2;

async function notYet(): Promise<false> {
  await new Promise((resolve) => {
    setTimeout(resolve, MOMENT_MS);
  });
  return false;
}

/**
 * Keeps a device at work. An idle GPU drops its clock and takes a while to raise it again: without this, a copy on an
 * H200 read 1,650 GB/s in cases that began idle and 4,070 in others.
 */
export class Heater {
  readonly #sampler: Sampler;
  readonly #probe: Probe;
  readonly #times: number[] = [];
  #turns = 1;
  #last = 0;

  /** @param probe the work: a copy, say */
  constructor(sampler: Sampler, probe: Probe) {
    this.#sampler = sampler;
    this.#probe = probe;
  }

  /** Brings the clock up; what was warm a moment ago takes a tenth of the time, and what was at work just now none. */
  async warmUp(milliseconds: number): Promise<void> {
    const { device } = this.#sampler;
    const idle = performance.now() - (lastWork.get(device) ?? -Infinity);
    if (idle < IDLE_MS && quanta.has(device)) return;
    await this.run(idle < WARM_MS ? milliseconds / 10 : milliseconds);
    this.#sampler.adjustTo(this.#times);
  }

  /** Works for so long. */
  async run(milliseconds: number): Promise<void> {
    const start = performance.now();
    while (performance.now() - start < milliseconds) await this.#work();
  }

  /** Between samples: works for a moment, if it is time to. */
  async tick(): Promise<void> {
    if (performance.now() - this.#last > IDLE_MS) await this.#work();
  }

  /** Works until something is there. */
  async during<T>(promise: Promise<T>): Promise<T> {
    const settled = promise.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([settled, notYet()]))) await this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    const nanoseconds = await this.#sampler.total(this.#probe, this.#turns);
    if (this.#times.length < 64) this.#times.push(nanoseconds);
    const perTurn = Math.max(nanoseconds / this.#turns, 1);
    this.#turns = Math.max(1, Math.min(1000, Math.ceil(BUSY_NS / perTurn)));
    this.#last = performance.now();
  }
}
