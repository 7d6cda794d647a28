/** A Python process that answers lines of JSON with lines of JSON: see server.py. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('server.py', import.meta.url));

/** What of the process's error output is kept, for messages. */
const KEPT_LINES = 20;

/** The process did not answer as it should, and was ended. */
export class PeerProcessError extends Error {}

/** The Python to use: `LANEWISE_PYTHON`, or `python3`. */
export function pythonCommand() {
  return process.env.LANEWISE_PYTHON || 'python3';
}

/** One process. Requests are answered in their order. */
export class PeerProcess {
  #child;
  /** Of requests that have no answer yet, by number. */
  #waiting = new Map();
  #next = 1;
  /** Why it answers no more. */
  #failure;
  #errors = [];
  #cleanUp;

  /**
   * @param {string} command the Python
   * @param {string[]} args of the server
   * @param {string} server its file
   */
  constructor(command, args = [], server = SERVER) {
    // A group of its own: compilers that it starts end with it.
    this.#child = spawn(command, ['-u', server, ...args], { detached: true, stdio: 'pipe' });
    this.#child.on('error', (error) => this.#fail(`${command} does not start: ${error.message}`));
    this.#child.on('close', (code, signal) =>
      this.#fail(`its process ended with ${signal ?? `code ${code}`}${this.#lastWords()}`),
    );
    // What is written to a process that has ended is told by `close`.
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#errors = [...this.#errors, line].slice(-KEPT_LINES);
    });
    this.#cleanUp = () => this.#kill();
    process.once('exit', this.#cleanUp);
  }

  /** Whether it still answers. */
  get alive() {
    return this.#failure === undefined;
  }

  /**
   * @param {string} what a command
   * @param {object} parameters of it
   * @param {number} limitMs how long to wait; the process is ended then, for it cannot be told to stop
   * @returns what it answers
   * @throws PeerProcessError when it does not answer, or not in time; Error with what it says is wrong
   */
  request(what, parameters = {}, limitMs = 60_000) {
    if (this.#failure) return Promise.reject(new PeerProcessError(this.#failure));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.end(`it did not end within its limit of ${(limitMs / 1e3).toFixed(0)} s`),
        limitMs,
      );
      const settle = (how) => (value) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        how(value);
      };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#child.stdin.write(`${JSON.stringify({ id, do: what, ...parameters })}\n`);
    });
  }

  /** Ends the process, and all that it started. */
  end(reason = 'its process was ended') {
    this.#fail(reason);
    this.#kill();
  }

  #take(line) {
    const answer = parse(line);
    const request = this.#waiting.get(answer?.id);
    if (!request) {
      this.end(`it said what is no answer: ${line.slice(0, 200)}`);
      return;
    }
    const { id: _, ok, error, ...result } = answer;
    if (ok === true) request.resolve(result);
    else request.reject(new Error(String(error ?? 'it gave no reason')));
  }

  #fail(reason) {
    this.#failure ??= reason;
    for (const { reject } of this.#waiting.values()) reject(new PeerProcessError(this.#failure));
  }

  #kill() {
    process.off('exit', this.#cleanUp);
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }

  #lastWords() {
    const last = this.#errors.findLast((line) => line.trim() !== '');
    return last === undefined ? '' : `: ${last.trim().slice(0, 300)}`;
  }
}

/** The object that a line is; undefined for any other line. */
function parse(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
