/** Flag values that are numbers, lists and shapes. */
import type { ModelPort } from '../graph/index.js';
import { type DimBindings } from '../session/index.js';
/** `--device`, as every command that runs models has it. */
export declare const DEVICE_ARG: {
    type: 'enum';
    options: ("auto" | "cpu" | "cuda" | "webgpu" | "webgpu:software")[];
    default: 'auto';
    description: string;
};
/** `--dims`, repeatable. */
export declare const DIMS_ARG: {
    readonly type: 'string';
    readonly valueHint: 'NAME=N';
    readonly description: 'Fix a symbolic dimension (N=8) or the whole shape of an input (image=8x3x224x224)';
};
/** A whole number of at least 0. */
export declare function wholeNumber(flag: string, text: string): number;
/** A finite number, which may be a fraction: `0.5`, `1/255`. */
export declare function realNumber(flag: string, text: string): number;
/** Numbers separated by commas: one for all channels, or one per channel. */
export declare function numberList(flag: string, text: string | undefined): number[] | undefined;
/** Values of `--dims`: `N=8`, `N=8,H=224` or `image=1x3x224x224`, each a list of dims by name. */
export declare function parseDims(values: readonly string[]): Map<string, readonly number[]>;
/** Parsed dims as a session takes them: a single number is a dimension where the model has one of that name. */
export declare function bindingsFor(ports: readonly ModelPort[], dims: ReadonlyMap<string, readonly number[]>): DimBindings;
