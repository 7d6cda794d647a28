import type { BinaryFunction } from './binary.js';
export declare const add: BinaryFunction;
export declare const sub: BinaryFunction;
export declare const mul: BinaryFunction;
/** Of integers truncated toward zero. An integer over zero is undefined in ONNX; it is 0 here, as in NumPy. */
export declare const div: BinaryFunction;
/** The inputs' types may differ; the result has the base's. */
export declare const pow: BinaryFunction;
/**
 * The remainder: with the sign of b (fmod = 0: a - floor(a / b) * b), or of a (fmod = 1, as C's fmod).
 * An integer's remainder by zero is undefined in ONNX; it is 0 here, as in NumPy.
 */
export declare const mod: (fmod: boolean) => BinaryFunction;
/** The larger; NaN if either is. */
export declare const max: BinaryFunction;
/** The smaller; NaN if either is. */
export declare const min: BinaryFunction;
/** x for x >= 0, slope * x below: the first input is x, the second the slope. */
export declare const prelu: BinaryFunction;
export declare const equal: BinaryFunction;
export declare const greater: BinaryFunction;
export declare const less: BinaryFunction;
export declare const greaterOrEqual: BinaryFunction;
export declare const lessOrEqual: BinaryFunction;
export declare const and: BinaryFunction;
export declare const or: BinaryFunction;
export declare const xor: BinaryFunction;
export declare const bitwiseAnd: BinaryFunction;
export declare const bitwiseOr: BinaryFunction;
export declare const bitwiseXor: BinaryFunction;
/**
 * a shifted by b bits; to the right, signed integers keep their sign. A shift by a negative amount, or by the width
 * of the type or more, leaves only copies of the sign when shifting right, 0 when shifting left.
 */
export declare const bitShift: (direction: 'LEFT' | 'RIGHT') => BinaryFunction;
/** One of each function: what a table of expressions by name must cover. */
export declare const BINARY_FUNCTIONS: readonly BinaryFunction[];
