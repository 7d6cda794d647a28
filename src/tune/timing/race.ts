/**
 * Costs of kernels as they are inside a network: contenders for the same places, measured side by side.
 *
 * In a network a step reads what the step before wrote, which is in the cache if it fits, and weights that were last
 * read a whole run ago. So activations are single buffers here, touched again by the next repetition just as far apart
 * as they would be, and constants rotate over copies that no cache holds. Repetitions write the same output, so each
 * waits for the one before, and what a launch costs is part of the time.
 *
 * Rounds are interleaved, slow contenders leave after the first, and near the roof nobody else is looked at
 * (the idea is CubeCL's autotuning). Of a thousand kernels most are measured once, for a millisecond.
 */
import type { Progress } from '../../devices/device.js';
import type { GpuDevice, GpuKernel } from '../../devices/gpu.js';
import { DeviceError, InputError } from '../../errors.js';
import { unite, type Needs } from './buffers.js';
import { CompileAhead } from './compile-ahead.js';
import { Standings } from './elimination.js';
import { COLD_BYTES, WARM_UP_MS, type Samples, type Subject } from './measure.js';
import { hasClock, Heater, Sampler, type Probe } from './sampling.js';
import { formBatches, seatingOf, type Seating } from './seating.js';
import { Track } from './track.js';

export interface Contender {
  readonly subject: Subject;
  /** Competes with others of its group for one place. */
  readonly group: string;
  /** Nanoseconds that no kernel for it can beat (roofline); 0 where that is not known. */
  readonly bound: number;
}

export interface RaceOptions {
  /** Samples of each contender that stays; 5 when left out. */
  readonly rounds?: number;
  /** One slower than this factor of its group's best after the first sample is out; 1.5 when left out. */
  readonly slack?: number;
  /** Within this factor of its bound a contender ends its group: those later in the list are not measured; 1.05. */
  readonly enough?: number;
  /** Least bytes of weights that pass before one is read again; 0 if all of the network fits into the cache. */
  readonly coldBytes?: number;
  /** Milliseconds of uncounted work before the first sample. */
  readonly warmUpMs?: number;
  /** Memory that outlives the race, for others on the same device to come; its own, freed at the end, when left out. */
  readonly track?: Track | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of every contender that does not compile or run. */
  readonly onFailure?: ((contender: Contender, error: DeviceError) => void) | undefined;
  /** Stops between two samples; the race then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Contenders that are measured in turn: a round of them takes under a second, far less than a clock's drift. */
const BATCH = 256;
/** Contenders whose kernels are compiled at a time. */
const COMPILED_AHEAD = 32;

/**
 * Measures contenders against each other.
 * @returns every sample of each contender, nanoseconds; undefined for what was not measured or failed
 * @throws DeviceError when the device itself fails; InputError for numbers that make no sense; the signal's reason
 */
export async function race(
  device: GpuDevice,
  contenders: readonly Contender[],
  options: RaceOptions = {},
): Promise<(Samples | undefined)[]> {
  const settings = settingsOf(device, options);
  checkContenders(contenders);
  settings.signal?.throwIfAborted();
  if (contenders.length === 0) return [];
  const track = options.track ?? new Track(device);
  const course = new Race(device, contenders, track, settings);
  try {
    return await course.run();
  } finally {
    await course.end();
    if (!options.track) track.free();
  }
}

type Settings = ReturnType<typeof settingsOf>;

function settingsOf({ software }: GpuDevice, options: RaceOptions) {
  const settings = {
    rounds: 5,
    slack: 1.5,
    enough: 1.05,
    coldBytes: software ? 0 : COLD_BYTES,
    warmUpMs: software ? 0 : WARM_UP_MS,
    ...options,
  };
  const least = { rounds: 1, slack: 1, enough: 1, coldBytes: 0, warmUpMs: 0 } as const;
  for (const [name, bound] of Object.entries(least)) {
    const value = settings[name as keyof typeof least];
    if (value >= bound && (name !== 'rounds' || Number.isInteger(value))) continue;
    throw new InputError(`the race's option ${name} is ${value}`, {
      remedy: `Give a ${name === 'rounds' ? 'whole ' : ''}number from ${bound} on.`,
    });
  }
  return settings;
}

function checkContenders(contenders: readonly Contender[]): void {
  for (const { subject, bound } of contenders) {
    if (!(bound >= 0)) {
      throw new InputError(`the bound of ${subject.name} is ${bound}`, {
        remedy: 'Give nanoseconds, or 0 where no bound is known.',
      });
    }
    if (subject.launches.length === 0) {
      throw new InputError(`${subject.name} launches nothing`, {
        remedy: 'Leave it out of the race: it takes no time.',
      });
    }
  }
}

/** Contenders by group, in the order in which groups and contenders come. */
function groupsOf(contenders: readonly Contender[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [i, { group }] of contenders.entries()) {
    const members = groups.get(group);
    if (members) members.push(i);
    else groups.set(group, [i]);
  }
  return [...groups.values()];
}

/** A contender that is in the race. */
interface Runner {
  readonly index: number;
  readonly probe: Probe;
  readonly turns: number;
}

class Race {
  readonly #device: GpuDevice;
  readonly #contenders: readonly Contender[];
  readonly #settings: Settings;
  readonly #sampler: Sampler;
  readonly #standings: Standings;
  readonly #track: Track;
  readonly #seatings: readonly Seating[];
  readonly #batches: readonly (readonly number[])[];
  /** Where each contender comes in the order of batches. */
  readonly #positions: ReadonlyMap<number, number>;
  readonly #compiled: CompileAhead;
  readonly #samples: (number[] | undefined)[];
  /** Recordings that were not released yet. */
  readonly #probes = new Set<Probe>();
  /** Samples of each contender that were taken or will not be. */
  readonly #progressed: number[];
  #done = 0;
  #heater: Heater | undefined;

  constructor(device: GpuDevice, contenders: readonly Contender[], track: Track, settings: Settings) {
    this.#device = device;
    this.#contenders = contenders;
    this.#track = track;
    this.#settings = settings;
    this.#sampler = new Sampler(device, settings.signal);
    this.#standings = new Standings(settings);
    const { limits } = device;
    const { coldBytes } = settings;
    const { budget } = track;
    this.#seatings = contenders.map(({ subject }) => seatingOf(subject, { limits, coldBytes, budget }));
    const needs = this.#seatings.map((seating) => seating.needs);
    this.#batches = formBatches(groupsOf(contenders), needs, { budget, most: BATCH });
    const order = this.#batches.flat();
    this.#positions = new Map(order.map((index, position) => [index, position]));
    const lists = order.map((index) => contenders[index].subject.launches.map(({ source }) => source));
    this.#compiled = new CompileAhead(device, lists, {
      width: COMPILED_AHEAD,
      overlap: hasClock(device),
      isWanted: (position) => !this.#standings.isSettled(contenders[order[position]].group),
    });
    this.#samples = contenders.map(() => undefined);
    this.#progressed = contenders.map(() => 0);
  }

  async run(): Promise<(Samples | undefined)[]> {
    this.#compiled.begin();
    await this.#warmUp();
    for (const batch of this.#batches) await this.#runBatch(batch);
    return this.#samples;
  }

  /** Releases what was recorded, and waits for what is under way. */
  async end(): Promise<void> {
    for (const probe of this.#probes) this.#device.release(probe.recording);
    await this.#compiled.end();
  }

  async #warmUp(): Promise<void> {
    const { warmUpMs, onProgress, rounds } = this.#settings;
    if (warmUpMs === 0) return;
    onProgress?.({ what: 'warming up', done: 0, total: this.#contenders.length * rounds });
    this.#heater = new Heater(this.#sampler, await this.#track.heatProbe());
    await this.#heater.warmUp(warmUpMs);
  }

  /** Measures contenders in turn; in halves, where memory is short. */
  async #runBatch(batch: readonly number[]): Promise<void> {
    const needs = batch.reduce<Needs>((sum, i) => unite(sum, this.#seatings[i].needs), new Map());
    try {
      await this.#track.pool.reserve(needs);
    } catch (error) {
      if (batch.length === 1) {
        this.#fail(batch[0], error);
        return;
      }
      if (!(error instanceof DeviceError) || this.#device.lost) throw error;
      const middle = Math.ceil(batch.length / 2);
      await this.#runBatch(batch.slice(0, middle));
      await this.#runBatch(batch.slice(middle));
      return;
    }
    const entered: Runner[] = [];
    for (const index of batch) {
      const runner = await this.#enter(index);
      if (runner) entered.push(runner);
    }
    await this.#runRounds(entered.filter((runner) => this.#staysIn(runner)));
  }

  /** A contender's first sample; undefined where it is out by then. */
  async #enter(index: number): Promise<Runner | undefined> {
    this.#sampler.check();
    if (this.#standings.isSettled(this.#contenders[index].group)) {
      this.#progress(index, this.#settings.rounds);
      return undefined;
    }
    try {
      const compiled = this.#compiled.take(this.#positions.get(index) ?? 0);
      const kernels = await (this.#heater ? this.#heater.during(compiled) : compiled);
      await this.#heater?.tick();
      const runner = await this.#sampleFirst(index, kernels);
      this.#progress(index, 1);
      return this.#staysIn(runner) ? runner : undefined;
    } catch (error) {
      this.#fail(index, error);
      return undefined;
    }
  }

  /**
   * Finds out how long one sequence takes, then walks over copies of the constants. A sample has no more sequences than
   * fill it: if their constants fit into a cache after all, then reading them from beyond it is under 50 MB in a
   * millisecond, and 1 % of that time on an H200.
   */
  async #sampleFirst(index: number, kernels: readonly GpuKernel[]): Promise<Runner> {
    const contender = this.#contenders[index];
    const single = await this.#record(index, kernels, 1);
    const look = await this.#sampler.calibrate(single);
    const sequences = Math.min(this.#seatings[index].copies, look.turns);
    let runner: Runner = { index, probe: single, turns: look.turns };
    let { nanoseconds } = look;
    if (sequences > 1 && !this.#standings.isOut(contender.group, nanoseconds)) {
      this.#release(single);
      const probe = await this.#record(index, kernels, sequences);
      runner = { index, probe, turns: Math.ceil(look.turns / sequences) };
      nanoseconds = (await this.#sampler.sample(probe, runner.turns)) || nanoseconds;
    }
    this.#samples[index] = [nanoseconds];
    this.#standings.note(contender, nanoseconds);
    return runner;
  }

  /** Whether a contender has more samples to come; if not, its recording is released. */
  #staysIn({ index, probe }: Runner): boolean {
    const [first] = this.#samples[index] ?? [];
    if (first !== undefined && !this.#standings.isOut(this.#contenders[index].group, first)) return true;
    this.#release(probe);
    this.#progress(index, this.#settings.rounds);
    return false;
  }

  async #runRounds(runners: readonly Runner[]): Promise<void> {
    const failed = new Set<Runner>();
    for (let round = 1; round < this.#settings.rounds; round++) {
      for (const runner of runners) {
        if (failed.has(runner)) continue;
        await this.#heater?.tick();
        try {
          const nanoseconds = await this.#sampler.sample(runner.probe, runner.turns);
          this.#samples[runner.index]?.push(nanoseconds);
          this.#progress(runner.index, round + 1);
        } catch (error) {
          failed.add(runner);
          this.#fail(runner.index, error);
        }
      }
    }
    for (const { probe } of runners) this.#release(probe);
  }

  async #record(index: number, kernels: readonly GpuKernel[], sequences: number): Promise<Probe> {
    const { places, copies } = this.#seatings[index];
    const { launches } = this.#contenders[index].subject;
    const dispatches = Array.from({ length: sequences }, (_, turn) =>
      launches.map(({ buffers }, i) => ({
        kernel: kernels[i],
        slices: buffers.map((number) => {
          const place = places[number];
          if (!place) throw new TypeError(`buffer ${number} has no place`);
          const { slot, bytes, stride } = place;
          return { buffer: this.#track.pool.buffer(slot), offset: (turn % copies) * stride, bytes };
        }),
      })),
    ).flat();
    const probe = await this.#sampler.record(dispatches, sequences);
    this.#probes.add(probe);
    return probe;
  }

  #release(probe: Probe): void {
    if (this.#probes.delete(probe)) this.#device.release(probe.recording);
  }

  /** Notes a contender's failure. @throws what is not its own: errors of the device, of the program, or the abort */
  #fail(index: number, error: unknown): void {
    if (!(error instanceof DeviceError) || this.#device.lost) throw error;
    this.#sampler.check();
    this.#samples[index] = undefined;
    this.#progress(index, this.#settings.rounds);
    this.#settings.onFailure?.(this.#contenders[index], error);
  }

  /** @param samples of the contender that were taken or will not be */
  #progress(index: number, samples: number): void {
    this.#done += samples - this.#progressed[index];
    this.#progressed[index] = samples;
    this.#settings.onProgress?.({
      what: this.#contenders[index].subject.name,
      done: this.#done,
      total: this.#contenders.length * this.#settings.rounds,
    });
  }
}
