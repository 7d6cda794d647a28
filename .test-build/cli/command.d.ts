import { type ArgDef, type ArgsDef, type ParsedArgs } from 'citty';
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
declare const COMMON: {
    readonly json: {
        readonly type: 'boolean';
        readonly description: 'Print one JSON document instead (see docs/cli.md)';
    };
    readonly help: {
        readonly type: 'boolean';
        readonly alias: 'h';
        readonly description: 'Show this help';
    };
};
/** Makes a command of its definition, `--json` and `--help` added. */
export declare function defineCommand<const T extends ArgsDef>(spec: CommandSpec<T>): Command;
/** The one-letter form of a flag: `h` for `-h`. */
export declare function shortOf(arg: ArgDef): string | undefined;
export {};
