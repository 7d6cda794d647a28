/** Cases of quantisation and of products of 8-bit integers. */
import { ConvInteger } from '../../../src/ops/conv-integer.js';
import { DequantizeLinear } from '../../../src/ops/dequantize-linear.js';
import { MatMulInteger } from '../../../src/ops/matmul-integer.js';
import { QuantizeLinear } from '../../../src/ops/quantize-linear.js';
import { Requantize } from '../../../src/ops/requantize.js';
import type { DType } from '../../../src/tensor/index.js';
import type { CaseInput, OpCase } from '../harness.js';

type Dims = readonly number[];

const scale = (dims: Dims): CaseInput => ({ dtype: 'f32', dims, range: [0.05, 0.2] });
const eightBit = (dtype: DType, dims: Dims): CaseInput => ({
  dtype,
  dims,
  range: dtype.startsWith('i') ? [-128, 127] : [0, 255],
});
const zero = (dtype: DType, dims: Dims): CaseInput => ({
  dtype,
  dims,
  range: dtype.startsWith('i') ? [-9, 9] : [100, 140],
});

/** Dims, dims of the scale, axis, block size. */
const GRANULARITIES: readonly (readonly [Dims, Dims, number, number])[] = [
  [[2, 5, 3, 4], [], 1, 0],
  [[2, 5, 3, 4], [1], 1, 0],
  [[2, 5, 3, 4], [5], 1, 0],
  [[2, 8, 3, 4], [8], 1, 0],
  [[2, 5, 3, 4], [2], 0, 0],
  [[2, 5, 3, 4], [4], 3, 0],
  [[2, 5, 3, 4], [2, 3, 3, 4], 1, 2],
  [[2, 5, 3, 6], [2, 5, 3, 2], 3, 4],
  [[6, 4], [2, 4], 0, 3],
  [[8], [2], 0, 4],
];

const linearCases = GRANULARITIES.flatMap(([dims, scales, axis, blockSize], i): OpCase[] => {
  const dtype = (['u8', 'i8', 'i16', 'u16'] as const)[i % 4];
  const name = `[${dims.join()}] by [${scales.join()}], axis ${axis}, blocks of ${blockSize}`;
  const points = i % 3 === 0 ? [] : [zero(dtype, scales)];
  const to = { to: dtype, axis, blockSize, precision: 'f32', saturate: true } as const;
  return [
    {
      name: `quantise to ${dtype} ${name}`,
      op: new QuantizeLinear(to),
      inputs: [{ dtype: 'f32', dims, range: [-20, 20] }, scale(scales), ...points],
    },
    {
      name: `dequantise ${dtype} ${name}`,
      op: new DequantizeLinear({ to: 'f32', axis, blockSize }),
      inputs: [eightBit(dtype, dims), scale(scales), ...points],
    },
  ];
});

const sums = (dims: Dims): CaseInput => ({ dtype: 'i32', dims, range: [-5000, 5000] });

const requantizeCases: readonly OpCase[] = [
  {
    name: 'requantise with scalars',
    op: new Requantize({}),
    inputs: [sums([2, 5, 3, 4]), scale([]), scale([1]), { ...scale([]), range: [1, 2] }, zero('u8', [])],
  },
  {
    name: 'requantise with a scale per channel',
    op: new Requantize({ bAxis: 1 }),
    inputs: [sums([2, 5, 3, 4]), scale([]), scale([5]), { ...scale([1]), range: [1, 2] }, zero('i8', [1])],
  },
  {
    name: 'requantise with scales per row and column',
    op: new Requantize({ aAxis: 1, bAxis: 2 }),
    inputs: [sums([2, 6, 8]), scale([6]), scale([8]), { ...scale([]), range: [1, 2] }, zero('u8', [])],
  },
  {
    name: 'requantise with scales that broadcast',
    op: new Requantize({}),
    inputs: [
      sums([2, 6, 8]),
      scale([2, 6, 1]),
      scale([2, 1, 8]),
      { ...scale([]), range: [1, 2] },
      zero('i8', []),
    ],
  },
];

const convolutionCases: readonly OpCase[] = [
  {
    name: 'ConvInteger 1x3x5x5, padded, no zero points',
    op: new ConvInteger({ strides: [1, 1], padsBegin: [1, 0], padsEnd: [1, 2] }),
    inputs: [eightBit('u8', [1, 3, 5, 5]), eightBit('i8', [5, 3, 3, 3])],
  },
  {
    name: 'ConvInteger 2x4x6x7 in groups, strided, dilated, all inputs',
    op: new ConvInteger({ strides: [2, 1], dilations: [1, 2], padsBegin: [1, 1], group: 2 }),
    inputs: [
      eightBit('u8', [2, 4, 6, 7]),
      eightBit('u8', [6, 2, 3, 2]),
      zero('u8', []),
      zero('u8', [6]),
      { dtype: 'i32', dims: [6], range: [-999, 999] },
    ],
  },
  {
    name: 'ConvInteger of rank 3, one zero point',
    op: new ConvInteger({ strides: [1], padsBegin: [2] }),
    inputs: [eightBit('i8', [2, 5, 9]), eightBit('i8', [3, 5, 4]), undefined, zero('i8', [1])],
  },
  {
    name: 'ConvInteger of rank 5',
    op: new ConvInteger({ strides: [1, 2, 1], padsBegin: [1, 0, 1], padsEnd: [0, 0, 1] }),
    inputs: [eightBit('u8', [1, 2, 3, 4, 3]), eightBit('i8', [4, 2, 2, 2, 3]), zero('u8', [1])],
  },
];

const productCases: readonly OpCase[] = [
  [[5, 7], [7, 6], [], []],
  [[5, 7], [7, 6], [5], [6]],
  [
    [3, 1, 4, 5],
    [2, 5, 3],
    [3, 1, 4, 1],
    [2, 1, 3],
  ],
  [
    [2, 4, 5],
    [5, 3],
    [4, 1],
    [1, 3],
  ],
  [[7], [7, 6], [1], undefined],
  [[2, 5, 7], [7], undefined, []],
  [[4], [4], undefined, undefined],
].map(([a, b, aZero, bZero]) => ({
  name: `MatMulInteger [${a?.join()}] [${b?.join()}], zero points [${aZero?.join()}] [${bZero?.join()}]`,
  op: new MatMulInteger(),
  inputs: [
    eightBit('u8', a ?? []),
    eightBit('i8', b ?? []),
    aZero && zero('u8', aZero),
    bZero && zero('i8', bZero),
  ],
}));

export const quantizationCases: readonly OpCase[] = [
  ...linearCases,
  ...requantizeCases,
  ...convolutionCases,
  ...productCases,
];
