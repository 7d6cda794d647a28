/** The status line of work that takes its time. */
import type { Terminal } from './terminal.js';

const TICK_MS = 200;

/**
 * Does work with a status line that shows how long it has taken, and what it says that it is doing.
 * @param work is given a function that changes the text
 */
export async function withClock<T>(
  terminal: Terminal,
  work: (say: (text: string) => void) => Promise<T>,
): Promise<T> {
  const start = performance.now();
  let doing = '';
  const show = (): void => {
    terminal.status(`${Math.floor((performance.now() - start) / 1000)} s  ${doing}`);
  };
  const timer = setInterval(show, TICK_MS);
  try {
    return await work((text) => {
      doing = text;
      show();
    });
  } finally {
    clearInterval(timer);
    terminal.done();
  }
}
