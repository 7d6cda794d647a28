/** What checks count and print: a line for what is wrong, one for each part, one for the family. */

export class Tally {
  readonly family: string;
  passed = 0;
  failed = 0;
  readonly #start = performance.now();
  #partStart = this.#start;

  constructor(family: string) {
    this.family = family;
  }

  /** Counts one check. @param wrong what is wrong with it, or undefined */
  count(what: string, wrong: string | undefined): void {
    if (wrong === undefined) {
      this.passed++;
      return;
    }
    this.failed++;
    // A device that does everything wrong would fill the screen.
    if (this.failed <= 40) this.#print(`  WRONG ${what}: ${wrong}`);
  }

  /** What is being done, where somebody watches. */
  doing(what: string): void {
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${this.family}: ${what} ...`);
  }

  /** Says what a part came to. */
  part(what: string): void {
    const now = performance.now();
    this.#print(`  ${what} (${((now - this.#partStart) / 1e3).toFixed(1)} s)`);
    this.#partStart = now;
  }

  end(): void {
    const seconds = ((performance.now() - this.#start) / 1e3).toFixed(1);
    this.#print(`${this.family}: ${this.passed} right, ${this.failed} wrong (${seconds} s)`);
  }

  #print(line: string): void {
    console.log(process.stdout.isTTY ? `\r\x1b[K${line}` : line);
  }
}

/** The index of the first number that is not what it should be, in words. NaN is what NaN should be. */
export function difference(got: ArrayLike<number>, want: ArrayLike<number>): string | undefined {
  for (let i = 0; i < want.length; i++) {
    const same = got[i] === want[i] || (Number.isNaN(want[i]) && Number.isNaN(got[i]));
    if (!same) return `[${i}] is ${got[i]}, not ${want[i]}`;
  }
  return undefined;
}
