import type { Terminal } from './terminal.js';
export declare const EXIT_OK = 0;
export declare const EXIT_FAILED = 1;
export declare const EXIT_USAGE = 2;
/** A command line that cannot be understood: the message names the flag and the remedy. */
export declare class UsageError extends Error {
}
/** Prints an error and returns the exit code. With `json`, failures also become a document on stdout. */
export declare function reportError(error: unknown, terminal: Terminal, json: boolean): number;
