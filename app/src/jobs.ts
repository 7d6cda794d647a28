/** Work that a person waits for: one piece at a time, which can be ended, and which new work replaces. */
import type { Progress } from 'lanewise';
import { cancelled } from './engine/client.js';

/** What is shown of it. */
export interface Busy {
  readonly what: string;
  readonly progress: Progress | undefined;
  readonly cancel: () => void;
}

/** What work gets. */
export interface Job {
  /** Aborted when it is ended: it shall change nothing then. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export class Jobs {
  readonly #onBusy: (busy: Busy | undefined) => void;
  #current: AbortController | undefined;

  /** @param onBusy is told of what is under way, and that nothing is any more */
  constructor(onBusy: (busy: Busy | undefined) => void) {
    this.#onBusy = onBusy;
  }

  /**
   * Does work in place of what is under way.
   * @returns what the work gives; undefined, at once, where it was ended
   * @throws what the work throws, unless it was ended
   */
  async run<T>(what: string, work: (job: Job) => Promise<T>): Promise<T | undefined> {
    this.end();
    const controller = new AbortController();
    const { signal } = controller;
    this.#current = controller;
    const isCurrent = (): boolean => this.#current === controller;
    const cancel = (): void => controller.abort(cancelled());
    const onProgress = (progress?: Progress): void => {
      if (isCurrent() && !signal.aborted) this.#onBusy({ what, progress, cancel });
    };
    onProgress();
    try {
      return await unlessAborted(work({ signal, onProgress }), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    } finally {
      if (isCurrent()) {
        this.#current = undefined;
        this.#onBusy(undefined);
      }
    }
  }

  /** Ends what is under way. */
  end(): void {
    const before = this.#current;
    this.#current = undefined;
    before?.abort(cancelled());
    if (before) this.#onBusy(undefined);
  }
}

/** What a promise gives, unless a signal is aborted before. @throws the signal's reason then */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([promise, aborted]);
}
