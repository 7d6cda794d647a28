/** Measures costs on a device and writes them into a book. */
import type { Candidate } from '../../candidates/candidate.js';
import type { Progress } from '../../devices/device.js';
import type { GpuDevice } from '../../devices/gpu.js';
import type { DeviceError } from '../../errors.js';
import type { Node } from '../../graph/index.js';
import type { CostRecord } from '../../tune/store/cost-store.js';
import { spreadOf } from '../../tune/timing/measure.js';
import { race, type Contender } from '../../tune/timing/race.js';
import { Track } from '../../tune/timing/track.js';
import { layoutsOf, type CostBook, type CostQuery } from './costs.js';

export interface BenchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many kernels of a batch have been measured. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of kernels that fail on this device: they are not chosen. */
  readonly onFailure?: ((id: string, error: DeviceError) => void) | undefined;
}

/** A query, and what it competes with. */
export interface Entrant {
  readonly query: CostQuery;
  readonly group: string;
}

/**
 * A node's candidate as an entrant, none if it launches nothing. Candidates with the same layouts compete with each other
 * alone, of equal nodes all together.
 * @param candidates all of the node's
 */
export function entrantsOf(
  book: CostBook,
  node: Node,
  candidates: readonly Candidate[],
  candidate: Candidate,
): Entrant[] {
  const query = book.candidateQuery(node, candidate);
  // Equal nodes have equal first candidates.
  const first = book.candidateQuery(node, candidates.find(({ alias }) => alias === undefined) ?? candidate);
  return query ? [{ query, group: `${first?.key ?? ''} ${layoutsOf(candidate)}` }] : [];
}

export class CostBench {
  readonly book: CostBook;
  readonly #device: GpuDevice;
  readonly #options: BenchOptions;
  readonly #records: CostRecord[] = [];
  readonly #track: Track;

  constructor(device: GpuDevice, book: CostBook, options: BenchOptions) {
    this.#device = device;
    this.#track = new Track(device);
    this.book = book;
    this.#options = options;
  }

  /** What was measured so far. */
  get records(): readonly CostRecord[] {
    return this.#records;
  }

  /**
   * Measures entrants whose cost is open.
   * @returns how many are settled now: measured, failed, or not worth it beside others
   * @throws DeviceError when the device fails; the signal's reason when it is aborted
   */
  async measure(entrants: readonly Entrant[]): Promise<number> {
    const fresh = new Map<string, Entrant>();
    for (const one of entrants) if (!this.book.isSettled(one.query)) fresh.set(one.query.key, one);
    const list = [...fresh.values()];
    if (list.length === 0) return 0;
    const contenders = list.map(({ query, group }): Contender => ({
      subject: query.subject,
      group,
      bound: this.book.floorOf(query),
    }));
    const failed = new Set<Contender>();
    const { signal, onProgress, onFailure } = this.#options;
    const samples = await race(this.#device, contenders, {
      ...(this.book.cold ? {} : { coldBytes: 0 }),
      track: this.#track,
      signal,
      onProgress,
      onFailure: (contender, error) => {
        failed.add(contender);
        onFailure?.(contender.subject.name, error);
      },
    });
    const best = this.#enter(list, samples);
    for (const [i, { query, group }] of list.entries()) {
      if (failed.has(contenders[i])) this.book.fail(query);
      else if (!samples[i]) this.book.dismiss(query, best.get(group) ?? 0);
    }
    this.book.settle();
    return list.length;
  }

  /** Gives the memory back that was measured in. */
  end(): void {
    this.#track.free();
  }

  /** Records what was measured. @returns the best time of each group, nanoseconds */
  #enter(
    entrants: readonly Entrant[],
    samples: readonly (readonly number[] | undefined)[],
  ): Map<string, number> {
    const day = new Date().toISOString().slice(0, 10);
    const best = new Map<string, number>();
    for (const [i, { query, group }] of entrants.entries()) {
      // A clock that stands still has measured nothing.
      const own = samples[i]?.filter((nanoseconds) => nanoseconds > 0) ?? [];
      if (own.length === 0) continue;
      const record = recordOf(query, own, day);
      this.book.add(query, record);
      this.#records.push(record);
      best.set(group, Math.min(best.get(group) ?? Infinity, spreadOf(own).median));
    }
    return best;
  }
}

function recordOf(
  { key, subject, work, what }: CostQuery,
  samples: readonly number[],
  day: string,
): CostRecord {
  const { launches, kernelClass } = work;
  return {
    key,
    id: subject.name,
    what,
    kernelClass,
    samples,
    bytes: launches.reduce((sum, { bytes, constantBytes }) => sum + bytes + constantBytes, 0),
    flops: launches.reduce((sum, { flops }) => sum + flops, 0),
    launches: launches.length,
    invocations: Math.max(...launches.map(({ invocations }) => invocations)),
    measured: day,
  };
}
