/** The page's side of the protocol: calls as promises. */
import type { Progress } from 'lanewise';
import type { CallName, Calls, Cancel, Reply, Request } from './protocol.js';

/** What went wrong in a worker. */
export class EngineError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }

  /** Whether it was the person who ended it. */
  get isCancelled(): boolean {
    return this.name === 'Cancelled';
  }
}

interface Waiting {
  readonly resolve: (gives: never) => void;
  readonly reject: (error: EngineError) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

interface CallOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Cancels the call: it rejects at once, and the worker leaves the work at its next step. */
  readonly signal?: AbortSignal;
}

export class Engine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #isClosed = false;

  /** @param worker a fresh one, which is this engine's alone */
  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      this.#receive(data);
    });
    worker.addEventListener('error', (event) => {
      this.#end(new EngineError('Error', event.message || 'the worker failed'));
    });
  }

  call<K extends CallName>(
    call: K,
    takes: Calls[K]['takes'],
    { onProgress, signal }: CallOptions = {},
  ): Promise<Calls[K]['gives']> {
    if (this.#isClosed || signal?.aborted) return Promise.reject(cancelled());
    const id = this.#next++;
    return new Promise<Calls[K]['gives']>((resolve, reject) => {
      const cancel = (): void => {
        if (!this.#waiting.delete(id)) return;
        this.#worker.postMessage({ id, cancel: true } satisfies Cancel, []);
        reject(cancelled());
      };
      signal?.addEventListener('abort', cancel, { once: true });
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, call, takes } satisfies Request, []);
    });
  }

  /** Ends the worker, whatever it is doing. */
  close(): void {
    this.#isClosed = true;
    this.#worker.terminate();
    this.#end(cancelled());
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if ('progress' in reply) {
      waiting.onProgress?.(reply.progress);
      return;
    }
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting.reject(new EngineError(reply.error.name, reply.error.message));
    else waiting.resolve(reply.gives as never);
  }

  #end(error: EngineError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** What work ends with that a person, or newer work, ended. */
export function cancelled(): EngineError {
  return new EngineError('Cancelled', 'cancelled');
}

/** An engine that plans and runs models. */
export function modelEngine(): Engine {
  return new Engine(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'models' }));
}

/** An engine that lays out graphs. */
export function layoutEngine(): Engine {
  return new Engine(
    new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module', name: 'layout' }),
  );
}
