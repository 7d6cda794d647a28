import { FLOATS, INTEGERS } from './element-types.js';
const NUMERIC = [...FLOATS, ...INTEGERS];
// Arithmetic
export const add = {
    name: 'Add',
    dtypes: NUMERIC,
    apply: (a, b) => a + b,
    applyInteger: (a, b) => a + b,
};
export const sub = {
    name: 'Sub',
    dtypes: NUMERIC,
    apply: (a, b) => a - b,
    applyInteger: (a, b) => a - b,
};
export const mul = {
    name: 'Mul',
    dtypes: NUMERIC,
    apply: (a, b) => a * b,
    applyInteger: (a, b) => a * b,
};
/** Of integers truncated toward zero. An integer over zero is undefined in ONNX; it is 0 here, as in NumPy. */
export const div = {
    name: 'Div',
    dtypes: NUMERIC,
    apply: (a, b) => a / b,
    applyInteger: (a, b) => (b === 0n ? 0n : a / b),
};
/** The inputs' types may differ; the result has the base's. */
export const pow = {
    name: 'Pow',
    dtypes: NUMERIC,
    mixed: true,
    apply: power,
    applyInteger: integerPower,
};
/**
 * The remainder: with the sign of b (fmod = 0: a - floor(a / b) * b), or of a (fmod = 1, as C's fmod).
 * An integer's remainder by zero is undefined in ONNX; it is 0 here, as in NumPy.
 */
export const mod = (fmod) => ({
    name: 'Mod',
    parameters: { fmod: Number(fmod) },
    dtypes: NUMERIC,
    apply: fmod ? (a, b) => a % b : floorMod,
    applyInteger: (a, b) => {
        if (b === 0n)
            return 0n;
        const remainder = a % b;
        return !fmod && remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
    },
});
/** The larger; NaN if either is. */
export const max = {
    name: 'Max',
    dtypes: NUMERIC,
    apply: (a, b) => Math.max(a, b),
    applyInteger: (a, b) => (a > b ? a : b),
};
/** The smaller; NaN if either is. */
export const min = {
    name: 'Min',
    dtypes: NUMERIC,
    apply: (a, b) => Math.min(a, b),
    applyInteger: (a, b) => (a < b ? a : b),
};
/** x for x >= 0, slope * x below: the first input is x, the second the slope. */
export const prelu = {
    name: 'PRelu',
    dtypes: NUMERIC,
    unidirectional: true,
    flops: 2,
    apply: (x, slope) => (x < 0 ? slope * x : x),
    applyInteger: (x, slope) => (x < 0n ? slope * x : x),
};
const comparison = (name, dtypes, compare) => ({
    name,
    dtypes,
    result: 'bool',
    apply: (a, b) => Number(compare(a, b)),
    applyInteger: (a, b) => BigInt(compare(a, b)),
});
export const equal = comparison('Equal', [...NUMERIC, 'bool'], (a, b) => a === b);
export const greater = comparison('Greater', NUMERIC, (a, b) => a > b);
export const less = comparison('Less', NUMERIC, (a, b) => a < b);
export const greaterOrEqual = comparison('GreaterOrEqual', NUMERIC, (a, b) => a >= b);
export const lessOrEqual = comparison('LessOrEqual', NUMERIC, (a, b) => a <= b);
// Logic and bits
export const and = { name: 'And', dtypes: ['bool'], apply: (a, b) => a & b };
export const or = { name: 'Or', dtypes: ['bool'], apply: (a, b) => a | b };
export const xor = { name: 'Xor', dtypes: ['bool'], apply: (a, b) => a ^ b };
const bitwise = (name, f) => ({
    name,
    dtypes: INTEGERS,
    apply: (a, b) => Number(f(BigInt(a), BigInt(b))),
    applyInteger: f,
});
export const bitwiseAnd = bitwise('BitwiseAnd', (a, b) => a & b);
export const bitwiseOr = bitwise('BitwiseOr', (a, b) => a | b);
export const bitwiseXor = bitwise('BitwiseXor', (a, b) => a ^ b);
/**
 * a shifted by b bits; to the right, signed integers keep their sign. A shift by a negative amount, or by the width
 * of the type or more, leaves only copies of the sign when shifting right, 0 when shifting left.
 */
export const bitShift = (direction) => ({
    ...bitwise('BitShift', direction === 'LEFT' ? shiftLeft : shiftRight),
    parameters: { direction },
});
const arithmetic = [add, sub, mul, div, pow, mod(false), mod(true), max, min, prelu];
const comparisons = [equal, greater, less, greaterOrEqual, lessOrEqual];
const logic = [and, or, xor, bitwiseAnd, bitwiseOr, bitwiseXor, bitShift('LEFT'), bitShift('RIGHT')];
/** One of each function: what a table of expressions by name must cover. */
export const BINARY_FUNCTIONS = [...arithmetic, ...comparisons, ...logic];
/** a^b as IEEE 754 and C have it: unlike in JavaScript, 1^b is 1, and so is (-1)^±infinity. */
function power(a, b) {
    if (a === 1 || (a === -1 && Math.abs(b) === Infinity))
        return 1;
    return a ** b;
}
/**
 * a^b modulo 2^64, by squaring: the power itself could fill the memory. Negative exponents give the truncated
 * quotient 1 / a^-b; 0 for a = 0, where ONNX says nothing.
 */
function integerPower(a, b) {
    if (b < 0n)
        return a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n;
    let result = 1n;
    let square = a;
    for (let rest = b; rest > 0n; rest >>= 1n) {
        if (rest & 1n)
            result = BigInt.asIntN(64, result * square);
        square = BigInt.asIntN(64, square * square);
    }
    return result;
}
function floorMod(a, b) {
    const remainder = a % b;
    if (remainder === 0)
        return b < 0 ? -0 : 0;
    return remainder < 0 !== b < 0 ? remainder + b : remainder;
}
/** Past 64 bits nothing of any type is left; shifting a bigint so far would only grow it. */
function shiftLeft(a, b) {
    return b < 0n || b >= 64n ? 0n : a << b;
}
function shiftRight(a, b) {
    return a >> (b < 0n || b >= 64n ? 64n : b);
}
//# sourceMappingURL=binary-functions.js.map