/** Cases of reductions, arg-reductions and TopK. */
import { ArgReduce } from '../../../src/ops/arg-reduce.js';
import * as functions from '../../../src/ops/reduce-functions.js';
import { Reduce, type ReduceFunction } from '../../../src/ops/reduce.js';
import { TopK } from '../../../src/ops/top-k.js';
import type { DType } from '../../../src/tensor/index.js';
import { randomNumbers, type CaseInput, type OpCase } from '../harness.js';

type Shape = readonly number[];

interface Options {
  readonly keepdims?: boolean;
  readonly dtype?: DType;
  readonly range?: readonly [number, number];
}

function reduceCase(fn: ReduceFunction, dims: Shape, axes: readonly number[], options: Options = {}): OpCase {
  const { keepdims = false, dtype = 'f32', range } = options;
  return {
    name: `${fn.name} ${dtype} ${dims.join('x')} over ${axes.join(',')}${keepdims ? ' kept' : ''}`,
    op: new Reduce(fn, axes, keepdims),
    inputs: [{ dtype, dims, ...(range ? { range } : {}) }],
  };
}

const ALL = Object.values(functions).filter((fn): fn is ReduceFunction => typeof fn === 'object');
const POSITIVE = [0.5, 2] as const;

/** Every function in every form of team, and the integers. */
const everyFunction = ALL.flatMap((fn) => [
  reduceCase(fn, [3, 37], [1], { range: POSITIVE }),
  reduceCase(fn, [3, 6, 4], [1], { keepdims: true, range: POSITIVE }),
  ...(['i32', 'u8', 'i8'] as const).map((dtype) => reduceCase(fn, [3, 5], [1], { dtype, range: [1, 12] })),
]);

/** Shapes from a fixed seed: any rank, any set of axes. */
function randomCases(count: number): OpCase[] {
  const random = randomNumbers(11);
  const below = (n: number): number => Math.floor(random() * n);
  return Array.from({ length: count }, () => {
    const rank = 1 + below(5);
    const dims = Array.from({ length: rank }, () => 1 + below(7));
    const axes = dims.map((_, axis) => axis).filter(() => random() < 0.5);
    const fn = random() < 0.5 ? functions.reduceSum : functions.reduceMax;
    return reduceCase(fn, dims, axes, { keepdims: random() < 0.5 });
  });
}

/** Few different values, so that there are equal ones. */
function repetitive(dtype: DType, dims: Shape): CaseInput {
  return { dtype, dims, values: few(dims, dtype.startsWith('u') ? 0 : 3) };
}

function few(dims: Shape, below: number): number[] {
  const random = randomNumbers(dims.length + 1);
  return Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => Math.floor(random() * 6) - below);
}

function argCase(
  dims: Shape,
  axis: number,
  extreme: 'max' | 'min',
  last: boolean,
  dtype: DType = 'f32',
): OpCase {
  return {
    name: `arg ${extreme}${last ? ' (last)' : ''} ${dtype} ${dims.join('x')} along ${axis}`,
    op: new ArgReduce(extreme, { axis, keepdims: last, selectLastIndex: last }),
    inputs: [repetitive(dtype, dims)],
  };
}

function topKCase(dims: Shape, axis: number, k: number, largest: boolean, dtype: DType = 'f32'): OpCase {
  return {
    name: `top ${k} ${largest ? 'largest' : 'smallest'} ${dtype} ${dims.join('x')} along ${axis}`,
    op: new TopK({ k, axis, largest }),
    inputs: [repetitive(dtype, dims)],
  };
}

export const reduceCases: readonly OpCase[] = [
  ...everyFunction,
  ...randomCases(10),
  reduceCase(functions.reduceMean, [2, 8, 5, 7], [2, 3], { keepdims: true }),
  reduceCase(functions.reduceMean, [2, 5, 6, 6], [2, 3]),
  reduceCase(functions.reduceSum, [4, 5, 6, 3], [0, 1, 2, 3]),
  reduceCase(functions.reduceSum, [1, 40000], [0, 1]),
  reduceCase(functions.reduceMax, [3000, 3], [0]),
  reduceCase(functions.reduceMax, [2, 5, 3, 3], [1], { keepdims: true, range: [-9, -1] }),
  reduceCase(functions.reduceL2, [4, 3], [0, 1], { dtype: 'i32', range: [-200, 200] }),
  reduceCase(functions.reduceSum, [2, 3, 2, 2], [3], { dtype: 'i8', range: [-128, 127] }),
  reduceCase(functions.reduceMax, [2, 9], [1], { dtype: 'bool', range: [0, 1] }),
  reduceCase(functions.reduceMin, [2, 9], [0], { dtype: 'bool', range: [0, 1] }),
  reduceCase(functions.reduceSumSquare, [2, 3], []),
  reduceCase(functions.reduceSum, [], []),
  reduceCase(functions.reduceSum, [2, 0, 3], [1]),
  reduceCase(functions.reduceMax, [2, 0], [1]),
  reduceCase(functions.reduceMin, [0, 2], [0], { dtype: 'i32' }),
  reduceCase(functions.reduceSum, [0, 2], [1]),
  argCase([3, 50], 1, 'max', false),
  argCase([2, 5, 3, 4], 1, 'min', true),
  argCase([2, 5, 3, 4], 1, 'max', false, 'i32'),
  argCase([2, 5, 3, 4], 3, 'max', true, 'u8'),
  argCase([2, 3, 4, 2, 3], 0, 'min', false),
  argCase([9], 0, 'max', false),
  topKCase([3, 40], 1, 5, true),
  topKCase([3, 7], 1, 7, false),
  topKCase([2, 6, 3, 2], 1, 2, true, 'i32'),
  topKCase([2, 3, 5], 2, 3, false, 'u8'),
  topKCase([1, 5000], 1, 3, true),
  topKCase([4], 0, 1, true),
  topKCase([2, 3], 1, 0, true),
];
