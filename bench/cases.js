/** The paper's layers (src/study/layers.ts), and what the networks of today add. Dims are logical NCHW. */
import { Unary } from '../dist/ops/unary.js';
import { relu } from '../dist/ops/unary-functions.js';
import { Softmax } from '../dist/ops/softmax.js';
import { Conv } from '../dist/ops/conv.js';
import { Gemm } from '../dist/ops/gemm.js';
import { CONV_LAYERS, POOL_LAYERS, TRANSFORM_DIMS, convCase, poolCase } from '../dist/study/layers.js';

const PAIRS = ['nchw', 'nhwc', 'chwn', 'nchw4c'];

const transforms = TRANSFORM_DIMS.flatMap((dims) =>
  PAIRS.flatMap((from) =>
    PAIRS.filter((to) => to !== from).map((to) => ({
      name: `transform ${dims.join('x')} ${from} -> ${to}`,
      dims,
      transform: [from, to],
    })),
  ),
);

/** A layer of the paper as a case. */
const cased = (kind, { name, op, inputs }) => ({ name: `${kind} ${name}`, op, inputs });
const pools = POOL_LAYERS.map((layer) => cased('pool', poolCase(layer)));

const softmaxes = [
  [128, 10],
  [128, 1000],
  [8192, 10000],
  [65536, 1000],
  [1048576, 10],
  [128, 1000000],
].map((dims) => ({ name: `softmax ${dims.join('x')}`, op: new Softmax([1]), inputs: [dims] }));

const convs = CONV_LAYERS.map((layer) => cased('conv', convCase(layer)));

/** Windows large enough for Fourier transforms, at stride 1 with the plane kept. */
const wide = [5, 9, 11].map((f) => ({
  name: `conv 64x64x27x27 ${f}x${f}`,
  op: new Conv({ strides: [1, 1], padsBegin: [f >> 1, f >> 1], padsEnd: [f >> 1, f >> 1] }),
  inputs: [[64, 64, 27, 27], [64, 64, f, f], [64]],
}));

/** Channels, H = W, stride of MobileNet-v2's distinct depthwise layers; 64 images, 3x3. */
const DEPTHWISE = [
  [32, 112, 1],
  [96, 112, 2],
  [144, 56, 1],
  [144, 56, 2],
  [192, 28, 1],
  [192, 28, 2],
  [384, 14, 1],
  [576, 14, 1],
  [576, 14, 2],
  [960, 7, 1],
];
const depthwise = DEPTHWISE.map(([c, h, s]) => ({
  name: `depthwise ${c}x${h}x${h} stride ${s}`,
  op: new Conv({ group: c, strides: [s, s], padsBegin: [1, 1], padsEnd: [1, 1] }),
  inputs: [[64, c, h, h], [c, 1, 3, 3], [c]],
}));

/** Batch, inputs, outputs of fully connected layers. */
const CONNECTED = [
  [1, 9216, 4096],
  [1, 4096, 1000],
  [8, 9216, 4096],
  [8, 25088, 4096],
  [32, 25088, 4096],
  [64, 9216, 4096],
  [128, 9216, 4096],
];
const connected = CONNECTED.map(([n, k, m]) => ({
  name: `gemm ${n}x${k}x${m}`,
  op: new Gemm(),
  inputs: [
    [n, k],
    [k, m],
  ],
}));

export const cases = [
  { name: 'relu 64x96x110x110', op: new Unary(relu), inputs: [[64, 96, 110, 110]] },
  ...transforms,
  ...pools,
  ...softmaxes,
  ...convs,
  {
    name: 'gemm 4096',
    op: new Gemm(),
    inputs: [
      [4096, 4096],
      [4096, 4096],
    ],
  },
  ...wide,
  ...depthwise,
  ...connected,
];
