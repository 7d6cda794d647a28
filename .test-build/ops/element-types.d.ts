import type { DType } from '../tensor/index.js';
/** The floating-point types that operators compute with; smaller ones are only stored and converted. */
export declare const FLOATS: readonly DType[];
/** Integers of whole bytes. */
export declare const INTEGERS: readonly DType[];
/** Checks an input's element type. @throws UnsupportedError, naming operator and type, unless it is in the list */
export declare function expectElementType(operator: string, dtype: DType, allowed: readonly DType[]): void;
