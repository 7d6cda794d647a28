import type { Tensor } from '../tensor/index.js';
import { type NodeProto } from './proto.js';
export declare class Attributes {
    #private;
    /** @throws FormatError when an attribute is given twice */
    constructor(node: NodeProto);
    has(name: string): boolean;
    /** An integer. Values beyond 2^53 are clamped: exporters write INT64_MAX for "to the end". */
    int(name: string, fallback: number): number;
    int(name: string): number | undefined;
    /** A flag: an integer that is 0 or not. */
    flag(name: string, fallback?: boolean): boolean;
    float(name: string, fallback: number): number;
    float(name: string): number | undefined;
    string(name: string, fallback: string): string;
    string(name: string): string | undefined;
    /** One of a few words. @throws UnsupportedError, naming attribute and value, for another */
    choice<T extends string>(name: string, choices: readonly T[], fallback: T): T;
    ints(name: string, fallback: readonly number[]): readonly number[];
    ints(name: string): readonly number[] | undefined;
    floats(name: string): readonly number[] | undefined;
    tensor(name: string): Tensor | undefined;
    /** Marks an attribute as known and without effect here. */
    ignore(...names: string[]): void;
    /** @throws UnsupportedError when an attribute was never read */
    checkAllRead(): void;
}
