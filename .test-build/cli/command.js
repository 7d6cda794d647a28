/** What a command is: its definition gives the parser, the checks and the help. */
import { parseArgs as splitArgs, stripVTControlCharacters } from 'node:util';
import { parseArgs } from 'citty';
import { UsageError } from './errors.js';
/** Flags that every command has. */
const COMMON = {
    json: { type: 'boolean', description: 'Print one JSON document instead (see docs/cli.md)' },
    help: { type: 'boolean', alias: 'h', description: 'Show this help' },
};
/** Makes a command of its definition, `--json` and `--help` added. */
export function defineCommand(spec) {
    const args = { ...spec.args, ...COMMON };
    return {
        ...spec,
        args,
        execute: (rawArgs, terminal) => {
            const { positionals, all } = split({ ...spec, args }, rawArgs);
            return spec.run({
                args: parseTyped(rawArgs, args),
                all: (flag) => all.get(flag) ?? [],
                positionals,
                terminal,
            });
        },
    };
}
/** citty's parser: types, choices and required arguments. It lets unknown flags through: see `split`. */
function parseTyped(rawArgs, args) {
    try {
        return parseArgs([...rawArgs], args);
    }
    catch (error) {
        throw new UsageError(`${stripVTControlCharacters(error.message)} See --help.`);
    }
}
/** Separates flags from positional arguments. @throws UsageError for unknown, incomplete and repeated ones */
function split(spec, rawArgs) {
    const flags = Object.entries(spec.args).filter(([, { type }]) => type !== 'positional');
    const options = Object.fromEntries(flags.map(([name, arg]) => {
        const short = shortOf(arg);
        const type = arg.type === 'boolean' ? 'boolean' : 'string';
        return [name, { type, multiple: true, ...(short && { short }) }];
    }));
    const { values, positionals } = strictly(() => splitArgs({ args: [...rawArgs], options, allowPositionals: true }));
    const all = new Map();
    for (const [name, given] of Object.entries(values)) {
        const list = given;
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
export function shortOf(arg) {
    return 'alias' in arg && typeof arg.alias === 'string' ? arg.alias : undefined;
}
/** Node's parser names the flag in its errors, with a code per kind. */
function strictly(parse) {
    try {
        return parse();
    }
    catch (error) {
        const [what] = error.message.split('. ');
        const code = error.code;
        if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
            throw new UsageError(`${what}. See --help for the flags there are.`);
        throw new UsageError(error.message.replaceAll('\n', ' '));
    }
}
//# sourceMappingURL=command.js.map