/** Where a command prints: results to stdout, everything else to stderr. */
/** Work shorter than this shows no status. */
const STATUS_AFTER_MS = 500;
const STATUS_EVERY_MS = 80;
export class Terminal {
    #stdout;
    #stderr;
    #waitingSince;
    #shownAt;
    constructor(stdout, stderr) {
        this.#stdout = stdout;
        this.#stderr = stderr;
    }
    /** A line of the result. */
    out(line) {
        this.#clear();
        this.#stdout.write(`${line}\n`);
    }
    /** A line beside the result: errors and notes. */
    note(line) {
        this.#clear();
        this.#stderr.write(`${line}\n`);
    }
    /**
     * Says on one line, overwritten by what comes next, what is being done. Only on a TTY, and only when the work
     * has lasted a while. Plain writes, without a library: prompts' spinners hold the terminal in raw mode, in which
     * Ctrl-C does not end a program that is busy computing.
     * @param text free of control characters
     */
    status(text) {
        if (!this.#stderr.isTTY)
            return;
        const now = performance.now();
        this.#waitingSince ??= now;
        if (now - this.#waitingSince < STATUS_AFTER_MS)
            return;
        if (this.#shownAt !== undefined && now - this.#shownAt < STATUS_EVERY_MS)
            return;
        this.#shownAt = now;
        const columns = this.#stderr.columns ?? 80;
        this.#stderr.write(`\r\u001B[2K${text.slice(0, columns - 1)}`);
    }
    /** Ends the status of a piece of work. */
    done() {
        this.#clear();
        this.#waitingSince = undefined;
    }
    #clear() {
        if (this.#shownAt === undefined)
            return;
        this.#stderr.write('\r\u001B[2K');
        this.#shownAt = undefined;
    }
}
//# sourceMappingURL=terminal.js.map