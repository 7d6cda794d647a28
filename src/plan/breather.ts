/** Long work in pieces, so that a page stays alive meanwhile. */

/** Longest time between two breaths: a frame at 60 Hz leaves little more. */
const BREATH_MS = 10;

export class Breather {
  #last = performance.now();

  /** Lets other work run, if this has run for long. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#last < BREATH_MS) return;
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    this.#last = performance.now();
  }
}
