/** Where a command prints: results to stdout, everything else to stderr. */

/** What is needed of `process.stdout` and `process.stderr`. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Work shorter than this shows no status. */
const STATUS_AFTER_MS = 500;
const STATUS_EVERY_MS = 80;

export class Terminal {
  readonly #stdout: Output;
  readonly #stderr: Output;
  #waitingSince: number | undefined;
  #shownAt: number | undefined;

  constructor(stdout: Output, stderr: Output) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** Characters per line of results; undefined where they go to a file or another program. */
  get width(): number | undefined {
    const { isTTY, columns } = this.#stdout;
    return isTTY && columns ? columns : undefined;
  }

  /** A line of the result. */
  out(line: string): void {
    this.#clear();
    this.#stdout.write(`${line}\n`);
  }

  /** A line beside the result: errors and notes. */
  note(line: string): void {
    this.#clear();
    this.#stderr.write(`${line}\n`);
  }

  /**
   * Says on one line, overwritten by what comes next, what is being done. Only on a TTY, and only when the work
   * has lasted a while. Plain writes, without a library: prompts' spinners hold the terminal in raw mode, in which
   * Ctrl-C does not end a program that is busy computing.
   * @param text free of control characters
   */
  status(text: string): void {
    if (!this.#stderr.isTTY) return;
    const now = performance.now();
    this.#waitingSince ??= now;
    if (now - this.#waitingSince < STATUS_AFTER_MS) return;
    if (this.#shownAt !== undefined && now - this.#shownAt < STATUS_EVERY_MS) return;
    this.#shownAt = now;
    const columns = this.#stderr.columns || 80;
    this.#stderr.write(`\r\u001B[2K${text.slice(0, columns - 1)}`);
  }

  /** Ends the status of a piece of work. */
  done(): void {
    this.#clear();
    this.#waitingSince = undefined;
  }

  #clear(): void {
    if (this.#shownAt === undefined) return;
    this.#stderr.write('\r\u001B[2K');
    this.#shownAt = undefined;
  }
}
