import { DEVICE_NAMES } from '../session/index.js';
import { UsageError } from './errors.js';
/** `--device`, as every command that runs models has it. */
export const DEVICE_ARG = {
    type: 'enum',
    options: [...DEVICE_NAMES],
    default: 'auto',
    description: 'Where to run; auto takes the best that is there',
};
/** `--dims`, repeatable. */
export const DIMS_ARG = {
    type: 'string',
    valueHint: 'NAME=N',
    description: 'Fix a symbolic dimension (N=8) or the whole shape of an input (image=8x3x224x224)',
};
/** A whole number of at least 0. */
export function wholeNumber(flag, text) {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
        throw new UsageError(`--${flag} is "${text}": give a whole number, such as 5.`);
    }
    return value;
}
/** A finite number, which may be a fraction: `0.5`, `1/255`. */
export function realNumber(flag, text) {
    const parts = text.split('/').map((part) => (part.trim() === '' ? NaN : Number(part)));
    const value = parts.length === 2 ? parts[0] / parts[1] : parts[0];
    if (parts.length > 2 || !Number.isFinite(value)) {
        throw new UsageError(`--${flag} is "${text}": give a number or a fraction, such as 0.5 or 1/255.`);
    }
    return value;
}
/** Numbers separated by commas: one for all channels, or one per channel. */
export function numberList(flag, text) {
    return text?.split(',').map((part) => realNumber(flag, part));
}
/** Values of `--dims`: `N=8`, `N=8,H=224` or `image=1x3x224x224`, each a list of dims by name. */
export function parseDims(values) {
    const dims = new Map();
    for (const part of values.flatMap((value) => value.split(','))) {
        const [, name, list] = /^(.+)=(\d+(?:x\d+)*)$/.exec(part.trim()) ?? [];
        const numbers = list?.split('x').map(Number) ?? [];
        if (name === undefined || !numbers.every(Number.isSafeInteger)) {
            throw new UsageError(`--dims is "${part}": write NAME=8 for a dimension or NAME=1x3x224x224 for an input.`);
        }
        dims.set(name, numbers);
    }
    return dims;
}
/** Parsed dims as a session takes them: a single number is a dimension where the model has one of that name. */
export function bindingsFor(ports, dims) {
    const symbols = new Set(ports.flatMap((port) => port.dims ?? []).filter((dim) => typeof dim === 'string'));
    const isInput = (name) => ports.some((port) => port.name === name);
    return Object.fromEntries(Array.from(dims, ([name, list]) => {
        const single = list.length === 1 && (symbols.has(name) || !isInput(name));
        return [name, single ? list[0] : list];
    }));
}
//# sourceMappingURL=options.js.map