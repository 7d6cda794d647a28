#!/usr/bin/env node
/** The `lanewise` program. */
import { main } from './program.js';
import { Terminal } from './terminal.js';
// A reader that has seen enough (`lanewise verify DIR | head`) is no failure.
process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE')
        throw error;
    process.exit();
});
process.exitCode = await main(process.argv.slice(2), new Terminal(process.stdout, process.stderr));
//# sourceMappingURL=main.js.map