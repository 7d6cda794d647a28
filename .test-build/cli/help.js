import { LINE_WIDTH, wrap } from '../report/index.js';
import { shortOf } from './command.js';
/** Lines of `lanewise COMMAND --help`. */
export function commandHelp(command) {
    const args = Object.entries(command.args);
    const positional = args.filter(([, { type }]) => type === 'positional');
    const flags = args.filter(([, { type }]) => type !== 'positional');
    const places = positional.map(([name, arg]) => placeName(name, arg) + (command.variadic ? '...' : ''));
    return [
        ...wrap(command.description, LINE_WIDTH),
        '',
        `Usage: lanewise ${[command.name, ...places].join(' ')} [flags]`,
        '',
        ...definitions([
            ...positional.map(([name, arg], i) => [places[i] ?? name, arg.description ?? '']),
            ...flags.map(([name, arg]) => [flagName(name, arg, command), flagText(arg)]),
        ]),
        ...(command.notes ?? []).flatMap((note) => ['', ...wrap(note, LINE_WIDTH)]),
        '',
        'Examples:',
        ...command.examples.map((example) => `  ${example}`),
    ];
}
/** Lines of `lanewise --help`. */
export function overview(description, commands) {
    return [
        ...wrap(description, LINE_WIDTH),
        '',
        'Usage: lanewise COMMAND [arguments] [flags]',
        '',
        ...definitions([
            ...commands.map(({ name, description: text }) => [name, text]),
            ['--version', 'Print the version'],
            ['--help', 'Show this help; after a command, that of the command'],
        ]),
        '',
        'Exit codes: 0 all well, 1 something failed, 2 the command line was not understood.',
    ];
}
function placeName(name, { valueHint }) {
    return valueHint ?? name.toUpperCase();
}
function flagName(name, arg, command) {
    const short = shortOf(arg);
    const value = arg.type === 'boolean' ? '' : ` ${arg.type === 'enum' ? arg.options?.join('|') : arg.valueHint}`;
    return `${short ? `-${short}, ` : ''}--${name}${value}${command.repeatable?.includes(name) ? ' ...' : ''}`;
}
function flagText(arg) {
    const fallback = arg.default === undefined || arg.type === 'boolean' ? '' : ` (default: ${String(arg.default)})`;
    return `${arg.description}${fallback}`;
}
/** A list of terms with their meanings beside them; below them where the term is long. */
function definitions(entries) {
    const column = Math.min(Math.max(...entries.map(([term]) => term.length)), 30) + 4;
    return entries.flatMap(([term, text]) => {
        const lines = wrap(text, LINE_WIDTH - column).map((line) => ' '.repeat(column) + line);
        const head = `  ${term}`;
        if (head.length > column - 2)
            return [head, ...lines];
        return [head.padEnd(column) + lines[0].slice(column), ...lines.slice(1)];
    });
}
//# sourceMappingURL=help.js.map