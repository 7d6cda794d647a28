import type { Terminal } from './terminal.js';
/**
 * Runs a command line.
 * @param args as in `process.argv.slice(2)`
 * @returns the exit code: 0 all well, 1 something failed, 2 bad usage
 */
export declare function main(args: readonly string[], terminal: Terminal): Promise<number>;
