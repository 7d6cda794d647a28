/** Times of passes on the device's own clock: events around graphs. */
import type { CudaContext } from './context.js';
import { captureLaunches, type BoundLaunch } from './graphs.js';
import type { Event, GraphExec } from './handles.js';

/**
 * Launches in one graph of a pass that is repeated: so many that what lies between two graphs (some microseconds) does not
 * count, so few that capturing them (about 3 µs each) does not either.
 */
const MAX_LAUNCHES = 512;
/** Graphs that a recording keeps for its next timing. */
const KEPT = 8;
/** Passes in one submission: each has two events. */
const MAX_PASSES = 256;

/** Where the timing may be ended, passes are submitted for about so long at once: who ends it waits no longer. */
const PIECE_MS = 200;

/** A pass as graphs: one that has it `copies` times, launched `rounds` times. */
interface PassGraph {
  readonly exec: GraphExec;
  readonly copies: number;
  readonly rounds: number;
}

/** Launches of a recording. */
interface Range {
  readonly first: number;
  readonly length: number;
}

export interface PassOptions {
  /** How often each pass runs in a row, at least; its time is divided by how often it did. */
  readonly repeats: number;
  /**
   * Puts work on the stream that keeps the device busy while what is to be timed is queued behind it: without it the first
   * kernels of a pass would wait for the host to launch them, and be counted so.
   */
  readonly delay: (passes: number) => void;
  /** Throws where the recording may not be launched any more; asked before every submission. */
  readonly check: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** Times passes of one recording. */
export class PassTimer {
  readonly #context: CudaContext;
  readonly #launches: readonly BoundLaunch[];
  readonly #workspace: bigint;
  /** By first launch, length and copies, in the order of their last use. */
  readonly #graphs = new Map<string, GraphExec>();

  constructor(context: CudaContext, launches: readonly BoundLaunch[], workspace: bigint) {
    this.#context = context;
    this.#launches = launches;
    this.#workspace = workspace;
  }

  /**
   * Nanoseconds per pass.
   * @param lengths launches of each pass
   * @throws the signal's reason; what `check` throws
   */
  async time(lengths: readonly number[], options: PassOptions): Promise<number[]> {
    let first = 0;
    const ranges = lengths.map((length) => ({ first: (first += length) - length, length }));
    const { signal } = options;
    const times: number[] = [];
    // Nothing is known of the first.
    let count = signal ? 1 : MAX_PASSES;
    while (times.length < ranges.length) {
      signal?.throwIfAborted();
      const start = performance.now();
      const piece = ranges.slice(times.length, times.length + count);
      times.push(...(await this.#timePiece(piece, options)));
      if (!signal) continue;
      const each = (performance.now() - start) / piece.length;
      count = Math.min(MAX_PASSES, 2 * count, Math.max(1, Math.floor(PIECE_MS / each)));
    }
    this.#trim(KEPT);
    return times;
  }

  release(): void {
    this.#trim(0);
  }

  async #timePiece(ranges: readonly Range[], { repeats, delay, check }: PassOptions): Promise<number[]> {
    // Between two pieces a recording may have been released, and its graphs with it.
    check();
    const passes = ranges.map(({ first, length }) => this.#graphOf(first, length, repeats));
    const { stream } = this.#context;
    const events: Event[] = [];
    try {
      this.#context.run((driver) => {
        for (let i = 0; i < 2 * passes.length; i++) events.push(this.#context.createEvent(true));
        delay(passes.length);
        for (const [i, pass] of passes.entries()) {
          driver.recordEvent(events[2 * i], stream);
          if (pass) this.#launch(pass);
          driver.recordEvent(events[2 * i + 1], stream);
        }
      });
      const last = events.at(-1);
      if (last === undefined) return [];
      return await this.#context.wait(last, () =>
        this.#context.run((driver) =>
          passes.map((pass, i) => {
            const total = driver.nanosecondsBetween(events[2 * i], events[2 * i + 1]);
            return total / (pass ? pass.copies * pass.rounds : repeats);
          }),
        ),
      );
    } finally {
      this.#context.destroyEvents(events);
    }
  }

  #launch({ exec, rounds }: PassGraph): void {
    const { driver, stream } = this.#context;
    for (let round = 0; round < rounds; round++) driver.launchGraph(exec, stream);
  }

  /** Undefined for a pass without launches. */
  #graphOf(first: number, length: number, repeats: number): PassGraph | undefined {
    if (length === 0) return undefined;
    const rounds = Math.ceil(repeats / Math.max(1, Math.floor(MAX_LAUNCHES / length)));
    const copies = Math.ceil(repeats / rounds);
    const key = [first, length, copies].join();
    const launches = this.#launches.slice(first, first + length);
    const exec = this.#graphs.get(key) ?? captureLaunches(this.#context, launches, copies, this.#workspace);
    this.#graphs.delete(key);
    this.#graphs.set(key, exec);
    return { exec, copies, rounds };
  }

  /** Keeps the graphs that were used last; those of all steps of a network would take more than they are worth. */
  #trim(count: number): void {
    for (const [key, exec] of this.#graphs) {
      if (this.#graphs.size <= count) return;
      this.#graphs.delete(key);
      this.#context.free((driver) => {
        driver.destroyGraphExec(exec);
      });
    }
  }
}
