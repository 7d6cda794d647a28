/** How commands end badly: exit code 2 for bad usage, 1 for everything else. */
import { LanewiseError } from '../errors.js';
import { cleanText, formatJson } from '../report/index.js';
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** A command line that cannot be understood: the message names the flag and the remedy. */
export class UsageError extends Error {
}
/** Prints an error and returns the exit code. With `json`, failures also become a document on stdout. */
export function reportError(error, terminal, json) {
    terminal.done();
    if (error instanceof UsageError) {
        terminal.note(`error: ${cleanText(error.message)}`);
        return EXIT_USAGE;
    }
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    if (json)
        terminal.out(formatJson({ error: { name, message } }));
    terminal.note(`error: ${cleanText(message)}`);
    if (error instanceof LanewiseError)
        return EXIT_FAILED;
    const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
    for (const line of frames)
        terminal.note(cleanText(line));
    terminal.note('This is a fault in Lanewise. Please report it with the lines above and, if you can, the model.');
    return EXIT_FAILED;
}
//# sourceMappingURL=errors.js.map