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
  /** Numbers of the waits under way, in the order in which they began. */
  readonly #waits = new Set<number>();
  #begun = 0;
  /** What is to be done when all waits below a number have ended. */
  readonly #deferred: { readonly below: number; readonly work: () => void }[] = [];
  readonly #events = new Set<Event>();

  /**
   * @throws CudaFailure when the driver gives no context: no memory, or a device in exclusive use; DeviceError where sessions of
   *   this process still hold one that is lost
   */
  constructor(driver: CudaDriver, device: DeviceNumber, turn: () => Promise<void>) {
    this.driver = driver;
    this.device = device;
    this.#turn = turn;
    this.#context = driver.retainPrimaryContext(device);
    try {
      driver.setContext(this.#context);
      this.stream = driver.createStream();
    } catch (error) {
      this.#giveBack();
      if (!(error instanceof CudaFailure && error.sticky)) throw error;
      throw new DeviceError(`the GPU device was lost before (${error.what})`, {
        remedy:
          'Start a new process: CUDA gives one in which a kernel faulted no working context on that GPU.',
        cause: error,
      });
    }
  }

  get lost(): boolean {
    return this.#loss !== undefined;
  }

  /** Whether submitted work is waited for. */
  get busy(): boolean {
    return this.#waits.size > 0;
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
      this.#noteLoss(error);
      throw error;
    }
  }

  /** Asks the driver how the context is. @throws DeviceError when it is lost */
  probe(): void {
    this.run((driver) => driver.isIdle(this.stream));
  }

  /** @throws DeviceError when the context is lost or released */
  check(): void {
    if (this.#released)
      throw new DeviceError('the GPU device was destroyed', { remedy: 'Create a new session.' });
    if (!this.#loss) return;
    throw new DeviceError(`the GPU device was lost (${this.#loss.what})`, {
      remedy: 'Create a new session in a new process; use smaller batches or the CPU if it happens again.',
      cause: this.#loss,
    });
  }

  /**
   * Waits for an event without blocking the event loop.
   * @param read what comes of it, taken before anybody can free where it lies
   * @throws DeviceError for what went wrong before it
   */
  async wait<T>(event: Event, read: () => T): Promise<T> {
    const number = this.#begun++;
    this.#waits.add(number);
    try {
      const start = performance.now();
      while (!this.run((driver) => driver.isDone(event))) {
        const elapsed = performance.now() - start;
        await (elapsed < SPIN_MS ? this.#turn() : sleep(elapsed * PATIENCE));
      }
      return read();
    } finally {
      this.#waits.delete(number);
      this.#doDeferred();
    }
  }

  /**
   * Does something now, or, as memory that is in use must not be freed, after the work under way. What others begin meanwhile
   * is not waited for: of a busy GPU nothing would ever be freed.
   */
  onceDone(work: () => void): void {
    if (this.busy) this.#deferred.push({ below: this.#begun, work });
    else work();
  }

  /** An event, which is destroyed with the context at the latest. */
  createEvent(timing: boolean): Event {
    const event = this.run((driver) => driver.createEvent(timing));
    this.#events.add(event);
    return event;
  }

  /** An event behind everything that is on the stream by now. */
  mark(): Event {
    const event = this.createEvent(false);
    this.run((driver) => {
      driver.recordEvent(event, this.stream);
    });
    return event;
  }

  destroyEvents(events: Iterable<Event>): void {
    this.free((driver) => {
      for (const event of events) if (this.#events.delete(event)) driver.destroyEvent(event);
    });
  }

  /** Blocks until the stream's work is done, and does what waited for that. */
  finish(): void {
    this.free((driver) => {
      driver.synchronise(this.stream);
    });
    this.#waits.clear();
    this.#doDeferred();
  }

  /** Gives the context back; it goes with its last user, and with it what a lost one refuses to free. */
  release(): void {
    if (this.#released) return;
    this.finish();
    this.destroyEvents(this.#events);
    this.free((driver) => {
      driver.destroyStream(this.stream);
    });
    this.#released = true;
    this.#giveBack();
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

  /** The driver gives a lost context back too, and answers with why it was lost. */
  #giveBack(): void {
    try {
      this.driver.releasePrimaryContext(this.device);
    } catch (error) {
      if (!(error instanceof CudaFailure && error.sticky)) throw error;
    }
  }

  /** @throws DeviceError when the context is lost: that is then what went wrong */
  #noteLoss(error: unknown): void {
    if (!(error instanceof DeviceError)) return;
    const failure = error instanceof CudaFailure ? error : this.#asked();
    if (failure?.sticky) this.#loss ??= failure;
    this.check();
  }

  /** What the driver says: a library that fails does not tell whether the context is lost. */
  #asked(): CudaFailure | undefined {
    try {
      this.driver.isIdle(this.stream);
      return undefined;
    } catch (error) {
      return error instanceof CudaFailure ? error : undefined;
    }
  }

  #doDeferred(): void {
    const [oldest = Infinity] = this.#waits;
    while (this.#deferred.length > 0 && this.#deferred[0].below <= oldest) this.#deferred.shift()?.work();
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
