/** A device's context with one stream: the thread's state before every call, waiting without blocking, and loss. */
import { DeviceError } from '../../errors.js';
import type { CudaDriver } from './driver.js';
import type { Context, DeviceNumber, Event, Stream } from './handles.js';
import { CudaFailure } from './status.js';

/**
 * How long to ask after every turn of the event loop whether work is done. A question takes less than a microsecond, and
 * an inference seldom longer than this; the alternative, a blocking call on a thread of Node's pool, comes back tens of
 * microseconds late and keeps one of its four threads from files and compilers.
 */
const SPIN_MS = 20;
/** Afterwards the wait between two questions is this share of the time so far, and so is what can be lost. */
const PATIENCE = 1 / 20;

export class CudaContext {
  readonly driver: CudaDriver;
  readonly device: DeviceNumber;
  readonly stream: Stream;
  readonly #context: Context;
  readonly #turn: () => Promise<void>;
  #loss: CudaFailure | undefined;
  #released = false;
  /** Waits under way. */
  #waiting = 0;
  /** What is to be done when nothing is waited for any more. */
  readonly #whenIdle: (() => void)[] = [];

  /** @throws CudaFailure when the driver gives no context: no memory, or a device in exclusive use */
  constructor(driver: CudaDriver, device: DeviceNumber, turn: () => Promise<void>) {
    this.driver = driver;
    this.device = device;
    this.#turn = turn;
    this.#context = driver.retainPrimaryContext(device);
    try {
      driver.setContext(this.#context);
      this.stream = driver.createStream();
    } catch (error) {
      driver.releasePrimaryContext(device);
      throw error;
    }
  }

  get lost(): boolean {
    return this.#loss !== undefined;
  }

  /** Whether submitted work is waited for. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Makes calls in the context.
   * @param work synchronous: another device's calls may come between two turns of the event loop
   * @throws DeviceError for a context that is lost, or is lost by this
   */
  run<T>(work: (driver: CudaDriver) => T): T {
    this.check();
    try {
      this.driver.setContext(this.#context);
      return work(this.driver);
    } catch (error) {
      if (error instanceof CudaFailure && error.sticky) {
        this.#loss = error;
        this.check();
      }
      throw error;
    }
  }

  /** @throws DeviceError when the context is lost or released */
  check(): void {
    if (this.#released)
      throw new DeviceError('the GPU device was destroyed', { remedy: 'Create a new session.' });
    if (!this.#loss) return;
    throw new DeviceError(`the GPU device was lost (${this.#loss.what})`, {
      remedy:
        'Create a new session, in a new process if that fails too; use smaller batches or the CPU if it happens again.',
      cause: this.#loss,
    });
  }

  /** Waits for an event without blocking the event loop. @throws DeviceError for what went wrong before it */
  async wait(event: Event): Promise<void> {
    this.#waiting++;
    try {
      const start = performance.now();
      while (!this.run((driver) => driver.isDone(event))) {
        const elapsed = performance.now() - start;
        await (elapsed < SPIN_MS ? this.#turn() : sleep(elapsed * PATIENCE));
      }
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#beIdle();
    }
  }

  /** Does something now, or, as memory that is in use must not be freed, after the work under way. */
  onceIdle(work: () => void): void {
    if (this.busy) this.#whenIdle.push(work);
    else work();
  }

  /** Blocks until the stream's work is done, and does what waited for that. */
  finish(): void {
    this.free((driver) => {
      driver.synchronise(this.stream);
    });
    this.#beIdle();
  }

  /** Gives the context back; it goes with its last user, and with it what a lost one refuses to free. */
  release(): void {
    if (this.#released) return;
    this.finish();
    this.free((driver) => {
      driver.destroyStream(this.stream);
    });
    this.#released = true;
    this.driver.releasePrimaryContext(this.device);
  }

  /** Calls that free something, which a lost context refuses: its memory goes with it. */
  free(work: (driver: CudaDriver) => void): void {
    if (this.lost || this.#released) return;
    try {
      this.run(work);
    } catch (error) {
      if (!this.lost) throw error;
    }
  }

  #beIdle(): void {
    for (const work of this.#whenIdle.splice(0)) work();
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
