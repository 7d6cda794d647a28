/** Cases of element-wise ops: every function, every way to broadcast, every layout. */
import { Binary, type BinaryFunction } from '../../../src/ops/binary.js';
import * as binary from '../../../src/ops/binary-functions.js';
import { Cast } from '../../../src/ops/cast.js';
import { ElementwiseChain } from '../../../src/ops/elementwise-chain.js';
import { Unary, type UnaryFunction } from '../../../src/ops/unary.js';
import * as unary from '../../../src/ops/unary-functions.js';
import { Where } from '../../../src/ops/where.js';
import { broadcastDims, isFloat, type DType } from '../../../src/tensor/index.js';
import { randomNumbers, type CaseInput, type OpCase } from '../harness.js';
import { quantizationCases } from './quantization.js';

type Range = readonly [number, number];

/** Of the types a function takes, those it is tried with: all kinds, one of 8 and one of 32 bits among the integers. */
function triedTypes(dtypes: readonly DType[], place: number): DType[] {
  const tried: DType[] = [
    'f32',
    'bool',
    ...(place % 2 === 0 ? (['i32', 'u8'] as const) : (['i8', 'u32'] as const)),
  ];
  return tried.filter((dtype) => dtypes.includes(dtype));
}

/** One type for each way in which GPUs compute: 32 bits stand for 64, 8 for 16. */
const DTYPES: readonly DType[] = ['f32', 'i32', 'i8', 'u32', 'u8', 'bool'];
/** All that GPUs store in another size than the host's, but f16. */
const STORED: readonly DType[] = ['i64', 'i16', 'u16'];

/** Where functions are defined; others from -10 to 10. */
const UNARY_RANGES: Readonly<Record<string, Range>> = {
  Sqrt: [0, 9],
  Log: [1e-3, 9],
  Asin: [-1, 1],
  Acos: [-1, 1],
  Acosh: [1, 9],
  Atanh: [-0.99, 0.99],
};

/** Integers that fill, and overflow, their type in 8 bits, and stay far within 32 bits. */
const WHOLE_RANGES: { readonly [D in DType]?: Range } = {
  i8: [-128, 127],
  u8: [0, 255],
  u16: [0, 60_000],
  u32: [0, 60_000],
  bool: [0, 1],
};

function rangeOf(dtype: DType): Range {
  return WHOLE_RANGES[dtype] ?? (isFloat(dtype) ? [-10, 10] : [-30_000, 30_000]);
}

/** A function with other parameters than those of the table. */
const UNARY_VARIANTS: readonly UnaryFunction[] = [
  unary.leakyRelu(0.2),
  unary.elu(0.5),
  unary.celu(2),
  unary.hardSigmoid(0.1, 0.6),
  unary.swish(1.7),
  unary.thresholdedRelu(-0.5),
  unary.shrink(1, 2),
  unary.clip(0, 6),
  unary.clip(-1.5, 2.5),
  unary.clip(2),
  unary.clip(-Infinity, 3.5),
  unary.clip(3, 1),
  unary.isInf(true, false),
  unary.isInf(false, true),
];

/** Infinities, NaN and numbers. */
const SPECIAL = [Infinity, -Infinity, Number.NaN, 0, -1, 1, 3.4e38];

const unaryCases = [...unary.UNARY_FUNCTIONS, ...UNARY_VARIANTS].flatMap((fn, i) =>
  triedTypes(fn.dtypes, i).map((dtype) => unaryCase(fn, dtype)),
);

function unaryCase(fn: UnaryFunction, dtype: DType): OpCase {
  const range = (isFloat(dtype) ? UNARY_RANGES[fn.name] : undefined) ?? rangeOf(dtype);
  const values = fn.result ? { values: SPECIAL } : {};
  return {
    name: `${callOf(fn)} of ${dtype}`,
    op: new Unary(fn),
    inputs: [{ dtype, dims: [fn.result ? SPECIAL.length : 24], range, ...values }],
  };
}

function callOf({ name, parameters = {} }: UnaryFunction | BinaryFunction): string {
  return `${name}(${Object.values(parameters).join(', ')})`;
}

/** Ranges of both arguments. */
function binaryRanges({ name, parameters }: BinaryFunction, dtype: DType): readonly [Range, Range] {
  const range = rangeOf(dtype);
  if (name === 'Pow') {
    if (isFloat(dtype))
      return [
        [0.1, 3],
        [-3, 3],
      ];
    return dtype.startsWith('u')
      ? [
          [0, 7],
          [0, 5],
        ]
      : [
          [-5, 5],
          [-3, 6],
        ];
  }
  // A shift past 32 bits to the left leaves nothing of the 32 that i64 is stored in.
  if (name === 'BitShift' && dtype === 'i64' && parameters?.['direction'] === 'LEFT') return [range, [0, 15]];
  if (name === 'BitShift') return [range, dtype.startsWith('u') ? [0, 40] : [-2, 40]];
  // Divisors of 0 among them.
  if ((name === 'Div' || name === 'Mod') && !isFloat(dtype)) {
    return [range, dtype.startsWith('u') ? [0, 9] : [-4, 4]];
  }
  if (name === 'Mul' || name === 'PRelu') return [range, isFloat(dtype) ? range : [0, 100]];
  return [range, range];
}

const binaryCases = binary.BINARY_FUNCTIONS.flatMap((fn, i) =>
  triedTypes(fn.dtypes, i).map((dtype): OpCase => {
    const ranges = binaryRanges(fn, dtype);
    const inputs = ranges.map((range): CaseInput => ({ dtype, dims: [40], range }));
    return { name: `${callOf(fn)} of ${dtype}`, op: new Binary(fn), inputs };
  }),
);

/** Comparisons of what is equal now and then, powers of what is whole, mixed types. */
const specialBinaryCases: readonly OpCase[] = [
  ...[binary.equal, binary.greater, binary.greaterOrEqual, binary.less, binary.lessOrEqual].map(
    (fn): OpCase => ({
      name: `${fn.name} of few numbers`,
      op: new Binary(fn),
      inputs: [
        { dtype: 'f32', dims: [9], values: [0, 0, 0, 1, 1, 1, -0.5, -0.5, -0.5] },
        { dtype: 'f32', dims: [9], values: [0, 1, -0.5, 0, 1, -0.5, 0, 1, -0.5] },
      ],
    }),
  ),
  ...(['i32', 'i8', 'u32', 'u8'] as const).flatMap((dtype) =>
    (['LEFT', 'RIGHT'] as const).map((direction): OpCase => ({
      name: `${dtype} shifted ${direction}`,
      op: new Binary(binary.bitShift(direction)),
      inputs: [
        { dtype, dims: [7], values: [1, 5, 100, 77, 127, dtype.startsWith('u') ? 200 : -100, 3] },
        { dtype, dims: [7], values: [0, 1, 7, 31, 32, 2, dtype.startsWith('u') ? 33 : -1] },
      ],
    })),
  ),
  {
    name: 'powers of whole exponents',
    op: new Binary(binary.pow),
    inputs: [
      { dtype: 'f32', dims: [10], values: [-3, -3, -2, 0, 5, 1.1, -1.5, 1.01, -1.01, 9] },
      { dtype: 'f32', dims: [10], values: [2, 3, -3, 0, 0, 40, 7, 200, 201, 0.5] },
    ],
  },
  ...(
    [
      ['f32', 'i32'],
      ['f32', 'i64'],
      ['f32', 'u8'],
      ['i32', 'f32'],
      ['i64', 'i32'],
      ['u8', 'i8'],
      ['i32', 'u32'],
    ] as const
  ).map(([a, b]): OpCase => ({
    name: `${a} to the power of ${b}`,
    op: new Binary(binary.pow),
    inputs: [
      { dtype: a, dims: [3, 7], range: [1, 4] },
      { dtype: b, dims: [7], range: [0, 4] },
    ],
  })),
  {
    name: 'remainders of near multiples',
    op: new Binary(binary.mod(true)),
    inputs: [
      { dtype: 'f32', dims: [6], values: [6, -6, 5.9999995, 0.3, 1e7, 2] },
      { dtype: 'f32', dims: [6], values: [0.1, 0.1, 3, 0.1, 0.7, 5] },
    ],
  },
];

/** `2x3` as [2, 3]; `scalar` as []. */
const dimsOf = (text: string): number[] => (text === 'scalar' ? [] : text.split('x').map(Number));

/** Shapes, and what is broadcast to them. */
const BROADCASTS: Readonly<Record<string, string>> = {
  scalar: 'scalar',
  '8': 'scalar 1 8',
  '7': 'scalar 1 7',
  '4x6': 'scalar 6 1x6 4x1 4x6',
  '3x5': '5 1x5 3x1',
  '2x5x7': '7 5x1 1x5x1 2x1x1',
  '2x5x3x4': 'scalar 1 4 3x1 5x1x1 5x3x4 1x5x1x1 2x1x1x1 2x5x1x1 1x1x3x4 2x1x3x1 1x5x3x1 2x5x3x4 1x1x1x1',
  '4x8x2x6': '6 8x1x1 1x8x1x1 4x1x2x6 4x8x1x1 4x1x1x1 4x8x2x6',
  '1x6x3x3': '1x6x1x1 6x1x1 1x1x3x3',
  '3x1x5x5': '1 3x1x1x1 1x1x5x5',
  '2x4x3x2x5': '1x4x1x1x1 4x1x1x1 2x1x3x1x5 2x4x3x2x5',
  '2x3x2x1x3x4': '4 3x1x1x1x4 2x1x2x1x1x1 2x3x2x1x3x4',
  '2x2x2x2x2x2x2': '2x1x2x1x2x1',
};

const f32 = (dims: readonly number[]): CaseInput => ({ dtype: 'f32', dims });
const bool = (dims: readonly number[]): CaseInput => ({ dtype: 'bool', dims, range: [0, 1] });

/** Subtraction tells its operands apart. */
const difference = (a: string, b: string): OpCase => ({
  name: `${a} minus ${b}`,
  op: new Binary(binary.sub),
  inputs: [f32(dimsOf(a)), f32(dimsOf(b))],
});

const broadcastCases: readonly OpCase[] = [
  ...Object.entries(BROADCASTS).flatMap(([whole, parts]) =>
    // The smaller one is now the second, now the first.
    parts.split(' ').map((part, i) => (i % 2 === 0 ? difference(whole, part) : difference(part, whole))),
  ),
  difference('2x1x3x1', '1x5x1x4'),
  difference('4x1x1x8', '6x2x1'),
  difference('5x1', '2x1x1x3'),
];

const layoutCases: readonly OpCase[] = [
  // e^0 is not 0: what is written to the padding of blocks shows.
  ...'2x3x5x7 2x4x8x4 1x1x1x1 4x5x1x1 3x5 1x6x9 2x3x2x3x2 5 2x1x2x1x2x3'.split(' ').map((dims): OpCase => ({
    name: `exp of ${dims}`,
    op: new Unary(unary.exp),
    inputs: [f32(dimsOf(dims))],
  })),
  {
    name: 'slopes per channel',
    op: new Binary(binary.prelu),
    inputs: [f32([2, 5, 3, 3]), f32([5, 1, 1])],
  },
  {
    name: 'a comparison with a scalar',
    op: new Binary(binary.greater),
    inputs: [f32([2, 5, 3, 3]), f32([])],
  },
  ...STORED.map((dtype): OpCase => ({
    name: `sums of ${dtype}`,
    op: new Binary(binary.add),
    inputs: [
      { dtype, dims: [3, 5], range: dtype === 'i64' ? [-9e8, 9e8] : [0, 60_000] },
      { dtype, dims: [5], range: dtype === 'i64' ? [-9e8, 9e8] : [0, 60_000] },
    ],
  })),
  {
    name: 'integers per channel',
    op: new Binary(binary.add),
    inputs: [
      { dtype: 'i8', dims: [2, 6, 3, 3], range: [-128, 127] },
      { dtype: 'i8', dims: [1, 6, 1, 1], range: [-128, 127] },
    ],
  },
];

const whereCases: readonly OpCase[] = [
  ...[...DTYPES, ...STORED].map((dtype): OpCase => whereCase(dtype, [6, 4], [6, 4], [6, 4])),
  whereCase('f32', [2, 5, 3, 4], [], [2, 5, 3, 4]),
  whereCase('f32', [5, 1, 1], [2, 5, 3, 4], [4]),
  whereCase('i64', [2, 1, 3, 1], [1, 8, 1, 4], [1]),
  whereCase('f32', [2, 1, 1, 1], [8, 1, 4], [1, 8, 2, 4]),
];

function whereCase(dtype: DType, ...dims: (readonly number[])[]): OpCase {
  const range = rangeOf(dtype);
  const inputs = dims.map((d, i) => (i === 0 ? bool(d) : { dtype, dims: d, range }));
  return { name: `where of ${dtype} [${dims.map((d) => d.join()).join('] [')}]`, op: new Where(), inputs };
}

/** What does not fit other types, as far as its conversion is defined: not 2^31 and more as 64-bit integers. */
const EDGES = [-129, 0.5, -0.5, -1.5, 255.9, 256, 0, 60_000.5, 1, -3e9, 3e9, 2 ** 31];

const castCases: readonly OpCase[] = [...DTYPES, ...STORED].flatMap((from) =>
  [...DTYPES, ...STORED]
    // Of integers, those that differ most.
    .filter((to) => to !== from && (from === 'f32' || to === 'f32' || to === 'i8' || to === 'bool'))
    .map((to): OpCase => {
      const values = from === 'f32' ? { values: to === 'i64' ? EDGES.slice(0, 9) : EDGES } : {};
      const dims = [3, from === 'f32' && to === 'i64' ? 3 : 4];
      return {
        name: `cast ${from} to ${to}`,
        op: new Cast(to),
        inputs: [{ dtype: from, dims, range: rangeOf(from), ...values }],
      };
    }),
);

const chainCases: readonly OpCase[] = [
  {
    name: 'chain: a residual and its activation',
    op: new ElementwiseChain(2, [
      { fn: binary.add, args: [0, 1] },
      { fn: unary.relu, args: [2] },
    ]),
    inputs: [f32([2, 5, 4, 3]), f32([2, 5, 4, 3])],
  },
  {
    name: 'chain: scale, shift, hard swish by its parts',
    op: new ElementwiseChain(5, [
      { fn: binary.mul, args: [0, 1] },
      { fn: binary.add, args: [5, 2] },
      { fn: binary.add, args: [6, 3] },
      { fn: unary.clip(0, 6), args: [7] },
      { fn: binary.mul, args: [6, 8] },
      { fn: binary.div, args: [9, 4] },
    ]),
    inputs: [f32([2, 6, 3, 4]), f32([1, 6, 1, 1]), f32([6, 1, 1]), f32([]), { ...f32([1]), range: [6, 6] }],
  },
  {
    name: 'chain: six inputs, one function twice',
    op: new ElementwiseChain(6, [
      { fn: binary.mul, args: [0, 1] },
      { fn: binary.mul, args: [2, 3] },
      { fn: binary.mul, args: [4, 5] },
      { fn: unary.tanh, args: [6] },
      { fn: unary.tanh, args: [7] },
      { fn: binary.max, args: [9, 10] },
      { fn: binary.sub, args: [11, 8] },
    ]),
    inputs: [f32([4, 8]), f32([8]), f32([4, 1]), f32([4, 8]), f32([]), f32([1, 8])],
  },
];

/** Shapes of up to six axes, of which each input has some: deterministic, so that a failure can be run again. */
const randomCases: readonly OpCase[] = Array.from({ length: 16 }, (_, seed): OpCase => {
  const random = randomNumbers(seed + 100);
  const pick = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const rank = pick(0, 6);
  const dims = Array.from({ length: rank }, () => pick(1, rank > 4 ? 4 : 6));
  const part = (): number[] => dims.slice(pick(0, 2)).map((dim) => (random() < 0.4 ? 1 : dim));
  const inputs = [part(), part(), part()].map(f32);
  const fn = [binary.add, binary.sub, binary.mul, binary.min][seed % 4];
  const op = new ElementwiseChain(3, [
    { fn, args: [0, 1] },
    { fn: binary.sub, args: [2, 3] },
  ]);
  const all = broadcastDims(...inputs.map((input) => input.dims));
  return { name: `random ${seed}: [${all.join()}]`, op, inputs };
});

export const elementwiseCases: readonly OpCase[] = [
  ...unaryCases,
  ...binaryCases,
  ...specialBinaryCases,
  ...broadcastCases,
  ...layoutCases,
  ...whereCases,
  ...castCases,
  ...chainCases,
  ...randomCases,
  ...quantizationCases,
];
