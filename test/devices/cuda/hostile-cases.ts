/** Cases whose indices come from data, and cases whose inputs have no elements where their outputs have some. */
import { ArgReduce } from '../../../src/ops/arg-reduce.js';
import { AveragePool } from '../../../src/ops/average-pool.js';
import { ConvInteger } from '../../../src/ops/conv-integer.js';
import { ConvTranspose } from '../../../src/ops/conv-transpose.js';
import { Conv } from '../../../src/ops/conv.js';
import { Gather, GatherElements, GatherND } from '../../../src/ops/gather.js';
import { Gemm } from '../../../src/ops/gemm.js';
import { GridSample } from '../../../src/ops/grid-sample.js';
import { LpPool } from '../../../src/ops/lp-pool.js';
import { MatMulInteger } from '../../../src/ops/matmul-integer.js';
import { MatMul } from '../../../src/ops/matmul.js';
import { MaxPool } from '../../../src/ops/max-pool.js';
import { MaxUnpool } from '../../../src/ops/max-unpool.js';
import { OneHot } from '../../../src/ops/one-hot.js';
import { Pad } from '../../../src/ops/pad.js';
import { Reduce } from '../../../src/ops/reduce.js';
import { reduceMax, reduceSum } from '../../../src/ops/reduce-functions.js';
import { Resize } from '../../../src/ops/resize.js';
import { TopK } from '../../../src/ops/top-k.js';
import type { DType } from '../../../src/tensor/index.js';
import { families } from '../../kernels/families.js';
import type { CaseInput, OpCase } from '../../kernels/harness.js';

const DATA_INDEXED = [
  ArgReduce,
  Gather,
  GatherElements,
  GatherND,
  GridSample,
  MaxUnpool,
  OneHot,
  Pad,
  Resize,
  TopK,
] as const;

/** All cases of ops whose kernels reckon places from numbers that they read, or hold reckoned places inside an axis. */
export const dataIndexedCases: readonly OpCase[] = [...families.values()]
  .flat()
  .filter(({ op }) => DATA_INDEXED.some((kind) => op instanceof kind));

const gridSampling = new GridSample({ mode: 'linear', padding: 'border', alignCorners: false });

const input = (dims: readonly number[], dtype: DType = 'f32'): CaseInput => ({ dtype, dims });

const empty = (name: string, op: OpCase['op'], ...inputs: OpCase['inputs']): OpCase => ({ name, op, inputs });

const window = { strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] };
const wide = { strides: [1, 1], padsBegin: [2, 2], padsEnd: [2, 2] };

const resized = (mode: 'nearest' | 'linear'): Resize =>
  new Resize(
    [2, 3, 4].map((output, axis) => ({
      input: axis === 1 ? 0 : output,
      output,
      scale: 1,
      coordinates: 'half_pixel',
      nearest: 'floor',
      roi: [0, 1],
    })),
    { mode, cubicCoefficient: -0.75, excludeOutside: false, antialias: false, extrapolation: 0 },
  );

/** Outputs of elements out of inputs of none; an op may refuse them. */
export const emptyCases: readonly OpCase[] = [
  ...[
    [2, 4, 0, 5],
    [2, 4, 0, 0],
    [2, 0, 3, 4],
  ].flatMap((dims) => [
    empty(`conv of ${dims.join('x')}`, new Conv(wide), input(dims), input([8, dims[1], 3, 3]), input([8])),
    empty(
      `conv of integers ${dims.join('x')}`,
      new ConvInteger(wide),
      input(dims, 'u8'),
      input([8, dims[1], 3, 3], 'u8'),
    ),
    empty(
      `transposed conv of ${dims.join('x')}`,
      new ConvTranspose({ strides: [1, 1] }),
      input(dims),
      input([dims[1], 8, 3, 3]),
    ),
    empty(`max pool of ${dims.join('x')}`, new MaxPool({ ...window, kernel: [2, 2] }), input(dims)),
    empty(`average pool of ${dims.join('x')}`, new AveragePool({ ...window, kernel: [2, 2] }), input(dims)),
    empty(
      `average pool of ${dims.join('x')} and its border`,
      new AveragePool({ ...window, kernel: [2, 2], countIncludePad: true }),
      input(dims),
    ),
    empty(`lp pool of ${dims.join('x')}`, new LpPool({ ...window, kernel: [2, 2] }), input(dims)),
  ]),
  empty(
    'depthwise conv',
    new Conv({ ...wide, group: 4 }),
    input([2, 4, 0, 5]),
    input([4, 1, 3, 3]),
    input([4]),
  ),
  empty(
    'pointwise conv',
    new Conv({ strides: [1, 1] }),
    input([2, 0, 4, 4]),
    input([8, 0, 1, 1]),
    input([8]),
  ),
  empty('gemm', new Gemm(), input([5, 0]), input([0, 7]), input([7])),
  empty('matmul', new MatMul(), input([2, 5, 0]), input([2, 0, 8])),
  empty('matmul of integers', new MatMulInteger(), input([5, 0], 'u8'), input([0, 8], 'u8')),
  empty('sum', new Reduce(reduceSum, [1, 2], false), input([3, 0, 4])),
  empty('max', new Reduce(reduceMax, [1], true), input([3, 0, 4])),
  empty(
    'arg max',
    new ArgReduce('max', { axis: 1, keepdims: true, selectLastIndex: false }),
    input([3, 0, 4]),
  ),
  empty('top of none', new TopK({ k: 0, axis: 1, largest: true }), input([3, 0, 4])),
  empty('gather', new Gather(1), input([3, 0, 4]), input([5], 'i64')),
  empty('gather rows', new Gather(0), input([0, 8]), input([5], 'i64')),
  empty('gather elements', new GatherElements(1), input([3, 0, 4]), input([3, 2, 4], 'i64')),
  empty('gather nd', new GatherND(0), input([3, 0, 4]), input([5, 2], 'i64')),
  empty('grid sample', gridSampling, input([1, 4, 0, 5]), input([1, 3, 2, 2])),
  empty('nearest resize', resized('nearest'), input([2, 0, 4])),
  empty('linear resize', resized('linear'), input([2, 0, 4])),
  empty('pad', new Pad('constant', [0, 1], [2, 1], 3), input([0, 4])),
  empty('edge pad', new Pad('edge', [0, -4], [0, 3]), input([3, 4])),
];
