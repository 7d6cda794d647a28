/** The command line as a function: arguments in, exit code out. */
import { createRequire } from 'node:module';
import type { Command } from './command.js';
import { EXIT_OK, EXIT_USAGE, UsageError, reportError } from './errors.js';
import { explain } from './explain.js';
import { commandHelp, overview } from './help.js';
import { info } from './info.js';
import { run } from './run.js';
import type { Terminal } from './terminal.js';
import { tune } from './tune.js';
import { verify } from './verify.js';

const COMMANDS: readonly Command[] = [run, verify, info, explain, tune];

const DESCRIPTION = 'Lanewise runs convolutional networks (ONNX), fast because memory-efficient.';

/**
 * Runs a command line.
 * @param args as in `process.argv.slice(2)`
 * @returns the exit code: 0 all well, 1 something failed, 2 bad usage
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  const asks = (flag: string, short: string): boolean =>
    flagsOf(rest).some((arg) => arg === flag || arg === short);
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      for (const line of overview(DESCRIPTION, COMMANDS)) terminal.out(line);
      return name === undefined ? EXIT_USAGE : EXIT_OK;
    }
    if (name === '--version' || name === '-v') {
      terminal.out(version());
      return EXIT_OK;
    }
    const command = commandNamed(name);
    if (asks('--help', '-h')) {
      for (const line of commandHelp(command)) terminal.out(line);
      return EXIT_OK;
    }
    return await command.execute(rest, terminal);
  } catch (error) {
    return reportError(error, terminal, asks('--json', '--json'));
  }
}

/** Arguments before a `--`, behind which nothing is a flag. */
function flagsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return command;
  const names = COMMANDS.map((candidate) => candidate.name).join(', ');
  const kind = name.startsWith('-') ? 'flag' : 'command';
  throw new UsageError(`there is no ${kind} "${name}": the commands are ${names}. See lanewise --help.`);
}

/** The package's version: by its own name, so that it is found from the sources and from the build alike. */
function version(): string {
  const manifest = createRequire(import.meta.url)('lanewise/package.json') as { version: string };
  return manifest.version;
}
