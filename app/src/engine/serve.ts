/** The worker's side of the protocol. */
import type { Progress } from 'lanewise';
import type { CallName, Calls, Cancel, Reply, Request } from './protocol.js';

export type Handlers = {
  readonly [K in CallName]?: (
    takes: Calls[K]['takes'],
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ) => Promise<Calls[K]['gives']> | Calls[K]['gives'];
};

/** Messages of progress are thinned to these milliseconds, a stage's first apart: a page need not draw more often. */
const PROGRESS_EVERY = 50;

/** Answers what comes, one after the other. */
export function serve(handlers: Handlers): void {
  let last: Promise<unknown> = Promise.resolve();
  const ends = new Map<number, AbortController>();
  addEventListener('message', ({ data }: MessageEvent<Request | Cancel>) => {
    if ('cancel' in data) {
      ends.get(data.id)?.abort();
      return;
    }
    const end = new AbortController();
    ends.set(data.id, end);
    last = last.then(async () => {
      if (!end.signal.aborted) await answer(handlers, data, end.signal);
      ends.delete(data.id);
    });
  });
}

function reply(message: Reply): void {
  postMessage(message);
}

async function answer(handlers: Handlers, request: Request, signal: AbortSignal): Promise<void> {
  const { id, call, takes } = request;
  let shown = 0;
  try {
    // The request's kinds go together; a union of functions takes no union of arguments.
    const handler = handlers[call] as
      ((takes: unknown, told: (progress: Progress) => void, signal: AbortSignal) => unknown) | undefined;
    if (!handler) throw new TypeError(`this worker does not do "${call}"`);
    const gives = await handler(
      takes,
      (progress) => {
        const now = performance.now();
        if (progress.done > 0 && now - shown < PROGRESS_EVERY) return;
        shown = now;
        reply({ id, progress });
      },
      signal,
    );
    reply({ id, gives });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    reply({ id, error: { name, message } });
  }
}
