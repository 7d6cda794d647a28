/** The reductions of ONNX. What each gives for an empty row is what the specification says of it. */
import { DTYPES } from '../tensor/index.js';
import { FLOATS, INTEGERS } from './element-types.js';
/** What operators compute with. */
const NUMERIC = [...FLOATS, ...INTEGERS];
/** What has an order. */
const ORDERED = [...NUMERIC, 'bool'];
const sum = { identity: () => 0, combine: (a, b) => a + b };
const sumOfIntegers = { identity: () => 0n, combine: (a, b) => a + b };
export const reduceSum = {
    name: 'ReduceSum',
    dtypes: NUMERIC,
    float: sum,
    integer: sumOfIntegers,
    flops: 1,
};
/** The mean of integers is truncated; of no integers it is 0 (ONNX leaves it undefined), of no floats NaN. */
export const reduceMean = {
    name: 'ReduceMean',
    dtypes: NUMERIC,
    float: { ...sum, finish: (total, count) => total / count },
    integer: { ...sumOfIntegers, finish: (total, count) => (count === 0 ? 0n : total / BigInt(count)) },
    flops: 1,
};
export const reduceMax = {
    name: 'ReduceMax',
    dtypes: ORDERED,
    float: { identity: () => -Infinity, combine: (a, b) => Math.max(a, b) },
    integer: { identity: lowest, combine: (a, b) => (a > b ? a : b) },
    flops: 1,
};
export const reduceMin = {
    name: 'ReduceMin',
    dtypes: ORDERED,
    float: { identity: () => Infinity, combine: (a, b) => Math.min(a, b) },
    integer: { identity: highest, combine: (a, b) => (a < b ? a : b) },
    flops: 1,
};
export const reduceProd = {
    name: 'ReduceProd',
    dtypes: NUMERIC,
    float: { identity: () => 1, combine: (a, b) => a * b },
    // Cut to 64 bits at once, as the result would be in the end: a bigint product grows without bound.
    integer: { identity: () => 1n, combine: (a, b) => BigInt.asIntN(64, a * b) },
    flops: 1,
};
export const reduceL1 = {
    name: 'ReduceL1',
    dtypes: NUMERIC,
    float: { ...sum, map: (x) => Math.abs(x) },
    integer: { ...sumOfIntegers, map: (x) => (x < 0n ? -x : x) },
    flops: 2,
};
export const reduceL2 = {
    name: 'ReduceL2',
    dtypes: NUMERIC,
    float: { ...sum, map: (x) => x * x, finish: (total) => Math.sqrt(total) },
    flops: 2,
};
export const reduceSumSquare = {
    name: 'ReduceSumSquare',
    dtypes: NUMERIC,
    float: { ...sum, map: (x) => x * x },
    integer: { ...sumOfIntegers, map: (x) => x * x },
    flops: 2,
};
export const reduceLogSum = {
    name: 'ReduceLogSum',
    dtypes: NUMERIC,
    float: { ...sum, finish: (total) => Math.log(total) },
    flops: 1,
};
/** Adds logarithms of numbers, so that exp neither overflows nor underflows whatever the elements. */
export const reduceLogSumExp = {
    name: 'ReduceLogSumExp',
    dtypes: NUMERIC,
    float: { identity: () => -Infinity, combine: addLogarithms },
    flops: 2,
};
/** log(exp(a) + exp(b)). */
function addLogarithms(a, b) {
    // Equal infinities have no difference.
    if (a === b)
        return a + Math.LN2;
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}
/** Smallest value of an integer type or bool. */
function lowest(dtype) {
    const { kind, bits } = DTYPES[dtype];
    return kind === 'int' ? -(1n << BigInt(bits - 1)) : 0n;
}
/** Largest value of an integer type or bool. */
function highest(dtype) {
    const { kind, bits } = DTYPES[dtype];
    if (kind === 'bool')
        return 1n;
    return (1n << BigInt(kind === 'int' ? bits - 1 : bits)) - 1n;
}
//# sourceMappingURL=reduce-functions.js.map