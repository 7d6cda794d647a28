/** What a command is: its definition gives the parser, the checks and the help. */
import { parseArgs as splitArgs, stripVTControlCharacters } from 'node:util';
import { parseArgs, type ArgDef, type ArgsDef, type ParsedArgs } from 'citty';
import { UsageError } from './errors.js';
import type { Terminal } from './terminal.js';

export interface CommandSpec<T extends ArgsDef> {
  readonly name: string;
  readonly description: string;
  /** Positional arguments and flags, in the order in which the help lists them. */
  readonly args: T;
  /** Flags that may be given several times. */
  readonly repeatable?: readonly string[];
  /** Whether the last positional argument may be given several times. */
  readonly variadic?: boolean;
  /** Paragraphs at the end of the help. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** @returns the exit code */
  readonly run: (invocation: Invocation<T>) => Promise<number>;
}

/** One call of a command. */
export interface Invocation<T extends ArgsDef> {
  readonly args: ParsedArgs<T & typeof COMMON>;
  /** All values of a repeatable flag. */
  readonly all: (flag: string & keyof T) => readonly string[];
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

/** A command whose argument types are settled. */
export interface Command extends Omit<CommandSpec<ArgsDef>, 'run'> {
  /** @throws UsageError for flags and arguments that the command does not have */
  execute(rawArgs: readonly string[], terminal: Terminal): Promise<number>;
}

/** Flags that every command has. */
const COMMON = {
  json: { type: 'boolean', description: 'Print one JSON document instead (see docs/cli.md)' },
  help: { type: 'boolean', alias: 'h', description: 'Show this help' },
} as const satisfies ArgsDef;

/** Makes a command of its definition, `--json` and `--help` added. */
export function defineCommand<const T extends ArgsDef>(spec: CommandSpec<T>): Command {
  const args = { ...spec.args, ...COMMON };
  return {
    ...spec,
    args,
    execute: (rawArgs, terminal) => {
      const { positionals, all } = split({ ...spec, args }, rawArgs);
      return spec.run({
        args: parseTyped<T & typeof COMMON>(rawArgs, args),
        all: (flag) => all.get(flag) ?? [],
        positionals,
        terminal,
      });
    },
  };
}

/** citty's parser: types, choices and required arguments. It lets unknown flags through: see `split`. */
function parseTyped<T extends ArgsDef>(rawArgs: readonly string[], args: ArgsDef): ParsedArgs<T> {
  try {
    return parseArgs<T>([...rawArgs], args);
  } catch (error) {
    throw new UsageError(`${stripVTControlCharacters((error as Error).message)} See --help.`);
  }
}

interface SplitArgs {
  readonly positionals: readonly string[];
  readonly all: ReadonlyMap<string, readonly string[]>;
}

/** Separates flags from positional arguments. @throws UsageError for unknown, incomplete and repeated ones */
function split(
  spec: Pick<CommandSpec<ArgsDef>, 'args' | 'repeatable' | 'variadic'>,
  rawArgs: readonly string[],
): SplitArgs {
  const flags = Object.entries(spec.args).filter(([, { type }]) => type !== 'positional');
  const options = Object.fromEntries(
    flags.map(([name, arg]) => {
      const short = shortOf(arg);
      const type = arg.type === 'boolean' ? ('boolean' as const) : ('string' as const);
      return [name, { type, multiple: true, ...(short && { short }) }];
    }),
  );
  const { values, positionals } = strictly(() =>
    splitArgs({ args: [...rawArgs], options, allowPositionals: true }),
  );
  const all = new Map<string, readonly string[]>();
  for (const [name, given] of Object.entries(values)) {
    const list = given as readonly (string | boolean)[];
    if (list.length > 1 && !spec.repeatable?.includes(name)) {
      throw new UsageError(`--${name} is given ${list.length} times: give it once.`);
    }
    all.set(name, list.map(String));
  }
  const places = Object.values(spec.args).filter(({ type }) => type === 'positional').length;
  if (positionals.length > places && !spec.variadic) {
    throw new UsageError(`"${positionals[places]}" is one argument too many. See --help.`);
  }
  return { positionals, all };
}

/** The one-letter form of a flag: `h` for `-h`. */
export function shortOf(arg: ArgDef): string | undefined {
  return 'alias' in arg && typeof arg.alias === 'string' ? arg.alias : undefined;
}

/** Node's parser names the flag in its errors, with a code per kind. */
function strictly<R>(parse: () => R): R {
  try {
    return parse();
  } catch (error) {
    const [what] = (error as Error).message.split('. ');
    const code = (error as { code?: string }).code;
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
      throw new UsageError(`${what}. See --help for the flags there are.`);
    throw new UsageError((error as Error).message.replaceAll('\n', ' '));
  }
}
