import type { ReduceFunction } from './reduce.js';
export declare const reduceSum: ReduceFunction;
/** The mean of integers is truncated; of no integers it is 0 (ONNX leaves it undefined), of no floats NaN. */
export declare const reduceMean: ReduceFunction;
export declare const reduceMax: ReduceFunction;
export declare const reduceMin: ReduceFunction;
export declare const reduceProd: ReduceFunction;
export declare const reduceL1: ReduceFunction;
export declare const reduceL2: ReduceFunction;
export declare const reduceSumSquare: ReduceFunction;
export declare const reduceLogSum: ReduceFunction;
/** Adds logarithms of numbers, so that exp neither overflows nor underflows whatever the elements. */
export declare const reduceLogSumExp: ReduceFunction;
