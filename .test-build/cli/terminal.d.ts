/** Where a command prints: results to stdout, everything else to stderr. */
/** What is needed of `process.stdout` and `process.stderr`. */
export interface Output {
    write(text: string): unknown;
    readonly isTTY?: boolean;
    readonly columns?: number;
}
export declare class Terminal {
    #private;
    constructor(stdout: Output, stderr: Output);
    /** A line of the result. */
    out(line: string): void;
    /** A line beside the result: errors and notes. */
    note(line: string): void;
    /**
     * Says on one line, overwritten by what comes next, what is being done. Only on a TTY, and only when the work
     * has lasted a while. Plain writes, without a library: prompts' spinners hold the terminal in raw mode, in which
     * Ctrl-C does not end a program that is busy computing.
     * @param text free of control characters
     */
    status(text: string): void;
    /** Ends the status of a piece of work. */
    done(): void;
}
