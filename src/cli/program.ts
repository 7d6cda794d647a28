/** The command line as a function: arguments in, exit code out. */
import type { Command } from './command.js';
import { EXIT_OK, EXIT_USAGE, UsageError, reportError } from './errors.js';
import { devices } from './devices.js';
import { explain } from './explain.js';
import { commandHelp, overview } from './help.js';
import { info } from './info.js';
import { inspect } from './inspect.js';
import { report } from './report.js';
import { run } from './run.js';
import { study } from './study.js';
import type { Terminal } from './terminal.js';
import { tune } from './tune.js';
import { verify } from './verify.js';
import { packageVersion } from './version.js';

const COMMANDS: readonly Command[] = [run, verify, info, explain, tune, study, devices, inspect, report];

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
      terminal.out(packageVersion());
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
