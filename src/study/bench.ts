/**
 * Times ways to compute one thing against each other: interleaved rounds, cold and warm.
 *
 * Cold: every sample walks over so many copies of all buffers that no cache holds them when it comes back. Warm: the same
 * buffers again and again. All share the same memory, since they run in turn. Unlike `race`, nobody leaves early, and what
 * is written rotates too: a study wants every number, a tuner the best kernel.
 */
import type { GpuDevice, GpuDispatch, GpuKernel, GpuLimits } from '../devices/gpu.js';
import { DeviceError } from '../errors.js';
import { copyKernel } from '../kernels/roof/copy.js';
import { RandomBuffers, SlotPool, unite, type Needs } from '../tune/timing/buffers.js';
import { COLD_BYTES, WARM_UP_MS, type Samples, type Subject } from '../tune/timing/measure.js';
import { Heater, Sampler, type Probe } from '../tune/timing/sampling.js';

/** What became of a subject. */
export type Timing = { readonly cold: Samples; readonly warm: Samples } | { readonly failure: string };

export interface BenchOptions {
  /** Samples of each subject, cold and warm. */
  readonly rounds: number;
  readonly signal?: AbortSignal | undefined;
}

/** Told of what is done, as a part of the whole, 0 to 1. */
export type Tell = (what: string, share: number) => void;

/** What has its turn after each round: a program beside this one that measures on the same device, say. */
export type AfterRound = (round: number) => Promise<void>;

/** Copies of a subject's buffers: beyond, each is so small that reading it from memory takes no time that counts. */
const MAX_COPIES = 256;
/** Memory that slots share. */
const MEMORY_BYTES = 16e9;
const SOFTWARE_MEMORY_BYTES = 256e6;
/** A sample of what is slow walks over fewer copies: it takes long enough for caches not to matter. */
const LONG_NS = 50e6;
/** Read and written by the copy that keeps the device busy. */
const HEAT_BYTES = 64e6;

/** Where a subject's buffers lie, by number. */
interface Seat {
  readonly slots: readonly string[];
  readonly strides: readonly number[];
  readonly copies: number;
  readonly needs: Needs;
}

/** A subject with its recordings. */
interface Runner {
  readonly index: number;
  readonly cold: Probe;
  readonly coldTurns: number;
  readonly warm: { readonly probe: Probe; readonly turns: number } | undefined;
}

export class Bench {
  readonly #device: GpuDevice;
  readonly #rounds: number;
  readonly #sampler: Sampler;
  readonly #pool: SlotPool;
  readonly #heat: RandomBuffers;
  readonly #probes = new Set<Probe>();
  #heater: Heater | undefined;
  #heatProbe: Probe | undefined;

  constructor(device: GpuDevice, { rounds, signal }: BenchOptions) {
    this.#device = device;
    this.#rounds = rounds;
    this.#sampler = new Sampler(device, signal);
    this.#pool = new SlotPool(device, device.software ? SOFTWARE_MEMORY_BYTES : MEMORY_BYTES);
    this.#heat = new RandomBuffers(device);
  }

  /**
   * Times subjects in turn.
   * @param afterRound called more often than there are rounds where memory is too short for all subjects at once
   * @returns samples of each, or why there are none
   * @throws DeviceError when the device itself fails; the signal's reason when it is aborted
   */
  async time(
    subjects: readonly Subject[],
    tell: Tell = () => undefined,
    afterRound: AfterRound = () => Promise.resolve(),
  ): Promise<Timing[]> {
    if (subjects.length === 0) return [];
    const compiling = subjects.map(({ launches }) =>
      this.#device.compile(launches.map(({ source }) => source)),
    );
    // Each is awaited below, perhaps long after it has failed.
    for (const one of compiling) one.catch(() => undefined);
    await this.#warmUp();
    const timings = new Array<Timing>(subjects.length);
    await this.#timeThose([...subjects.keys()], { subjects, compiling, timings, tell, afterRound });
    return timings;
  }

  /** Frees everything. */
  end(): void {
    if (this.#heatProbe) this.#device.release(this.#heatProbe.recording);
    for (const { recording } of this.#probes) this.#device.release(recording);
    this.#probes.clear();
    this.#pool.free();
    this.#heat.freeAll();
  }

  async #warmUp(): Promise<void> {
    if (this.#device.software) return;
    if (!this.#heater) {
      const { limits } = this.#device;
      const most = Math.floor(Math.min(HEAT_BYTES, limits.maxBindingBytes) / 256) * 256;
      const x = await this.#heat.allocateUpTo(most, 1 << 20, 'warm-up input');
      const y = await this.#heat.allocateUpTo(x.bytes, 1 << 20, 'warm-up output');
      const [kernel] = await this.#device.compile([copyKernel(y.bytes, limits.maxGrid)]);
      const slices = [x, y].map((buffer) => ({ buffer, offset: 0, bytes: y.bytes }));
      this.#heatProbe = await this.#sampler.record([{ kernel, slices }], 1);
      this.#heater = new Heater(this.#sampler, this.#heatProbe);
    }
    await this.#heater.warmUp(WARM_UP_MS);
  }

  /** Times some of the subjects; in halves, where memory is short. */
  async #timeThose(indices: readonly number[], task: Task): Promise<void> {
    const seats = new Map(indices.map((i) => [i, seatOf(task.subjects[i], this.#device)]));
    try {
      const needs = [...seats.values()].reduce<Needs>((sum, seat) => unite(sum, seat.needs), new Map());
      await this.#pool.reserve(needs);
    } catch (error) {
      if (indices.length === 1) {
        this.#fail(indices[0], task, error);
        return;
      }
      if (!(error instanceof DeviceError) || this.#device.lost) throw error;
      const middle = Math.ceil(indices.length / 2);
      await this.#timeThose(indices.slice(0, middle), task);
      await this.#timeThose(indices.slice(middle), task);
      return;
    }
    const runners: Runner[] = [];
    for (const [i, seat] of seats) {
      task.tell(task.subjects[i].name, (0.5 * (i + 1)) / task.subjects.length);
      try {
        const kernels = await (this.#heater?.during(task.compiling[i]) ?? task.compiling[i]);
        runners.push(await this.#enter(i, task.subjects[i], seat, kernels));
        task.timings[i] = { cold: [], warm: [] };
      } catch (error) {
        this.#fail(i, task, error);
      }
    }
    await this.#runRounds(runners, task);
  }

  async #enter(index: number, subject: Subject, seat: Seat, kernels: readonly GpuKernel[]): Promise<Runner> {
    await this.#heater?.tick();
    const single = await this.#record(subject, seat, kernels, 1);
    const look = await this.#sampler.calibrate(single);
    const sequences = Math.min(seat.copies, Math.max(1, Math.ceil(LONG_NS / look.nanoseconds)));
    const warm = this.#device.software ? undefined : { probe: single, turns: look.turns };
    if (sequences === 1) return { index, cold: single, coldTurns: look.turns, warm };
    const cold = await this.#record(subject, seat, kernels, sequences);
    const { turns } = await this.#sampler.calibrate(cold);
    return { index, cold, coldTurns: turns, warm };
  }

  async #runRounds(runners: readonly Runner[], task: Task): Promise<void> {
    const failed = new Set<Runner>();
    for (let round = 0; round < this.#rounds; round++) {
      for (const runner of runners) {
        if (failed.has(runner)) continue;
        const { index, cold, coldTurns, warm } = runner;
        task.tell(`${task.subjects[index].name}, round ${round + 1}`, 0.5 + (0.5 * round) / this.#rounds);
        await this.#heater?.tick();
        try {
          const coldSample = await this.#sampler.sample(cold, coldTurns);
          const warmSample = warm && (await this.#sampler.sample(warm.probe, warm.turns));
          const so = task.timings[index];
          if ('failure' in so) continue;
          task.timings[index] = {
            cold: [...so.cold, coldSample],
            warm: warmSample === undefined ? so.warm : [...so.warm, warmSample],
          };
        } catch (error) {
          failed.add(runner);
          this.#fail(index, task, error);
        }
      }
      await task.afterRound(round);
    }
    for (const { cold, warm } of runners) {
      this.#release(cold);
      if (warm) this.#release(warm.probe);
    }
  }

  async #record(
    { launches, buffers: sizes }: Subject,
    { slots, strides, copies }: Seat,
    kernels: readonly GpuKernel[],
    sequences: number,
  ): Promise<Probe> {
    const dispatches = Array.from({ length: sequences }, (_, turn) =>
      launches.map(({ buffers }, i): GpuDispatch => ({
        kernel: kernels[i],
        slices: buffers.map((number) => ({
          buffer: this.#pool.buffer(slots[number]),
          offset: (turn % copies) * strides[number],
          bytes: sizes[number],
        })),
      })),
    ).flat();
    const probe = await this.#sampler.record(dispatches, sequences);
    this.#probes.add(probe);
    return probe;
  }

  #release(probe: Probe): void {
    if (this.#probes.delete(probe)) this.#device.release(probe.recording);
  }

  /** Notes a subject's failure. @throws what is not its own: errors of the device, of the program, or the abort */
  #fail(index: number, { timings }: Task, error: unknown): void {
    if (!(error instanceof DeviceError) || this.#device.lost) throw error;
    this.#sampler.check();
    timings[index] = { failure: error.message };
  }
}

/** One call of `time`. */
interface Task {
  readonly subjects: readonly Subject[];
  readonly compiling: readonly Promise<GpuKernel[]>[];
  readonly timings: Timing[];
  readonly tell: Tell;
  readonly afterRound: AfterRound;
}

/** What is written lies apart from what is read, so that inputs stay random and no launch binds one buffer as both. */
function seatOf(subject: Subject, { limits, software }: GpuDevice): Seat {
  const { buffers, launches } = subject;
  const written = new Set(
    launches.flatMap(({ source, buffers: bound }) =>
      bound.filter((_, i) => source.bindings[i].access === 'read_write'),
    ),
  );
  const strides = buffers.map((bytes) => alignedTo(bytes, limits));
  const copies = copiesOf(strides, limits, software);
  const rank = (index: number): number =>
    buffers.filter((bytes, i) => {
      const isAlike = written.has(i) === written.has(index);
      return isAlike && (bytes > buffers[index] || (bytes === buffers[index] && i < index));
    }).length;
  const slots = buffers.map((_, i) => `${written.has(i) ? 'written' : 'read'} ${rank(i)}`);
  return { slots, strides, copies, needs: new Map(slots.map((slot, i) => [slot, copies * strides[i]])) };
}

function alignedTo(bytes: number, { offsetAlignment }: GpuLimits): number {
  return Math.ceil(bytes / offsetAlignment) * offsetAlignment;
}

function copiesOf(strides: readonly number[], { maxBufferBytes }: GpuLimits, software: boolean): number {
  if (software) return 1;
  const set = strides.reduce((sum, stride) => sum + stride, 0);
  const perBuffer = Math.floor(maxBufferBytes / Math.max(...strides));
  return Math.max(1, Math.min(Math.ceil(COLD_BYTES / set), perBuffer, MAX_COPIES));
}
