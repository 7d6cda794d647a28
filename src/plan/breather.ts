/** Long work in pieces, so that a page stays alive meanwhile. */

/** Longest time between two breaths: a frame at 60 Hz leaves little more. */
const BREATH_MS = 10;

export class Breather {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  /** @param signal ends the work at the next breath */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * Lets other work run, if this has run for long.
   * @throws the signal's reason when it is aborted
   */
  async breathe(): Promise<void> {
    if (performance.now() - this.#last >= BREATH_MS) {
      await new Promise((resolve) => {
        setTimeout(resolve);
      });
      this.#last = performance.now();
    }
    this.#signal?.throwIfAborted();
  }
}
