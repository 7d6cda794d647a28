/** The paper's layers and sizes (SC 2016, table 1), and what the networks of today add. Dims are logical NCHW. */
import { Unary } from '../dist/ops/unary.js';
import { relu } from '../dist/ops/unary-functions.js';
import { MaxPool } from '../dist/ops/max-pool.js';
import { Softmax } from '../dist/ops/softmax.js';
import { Conv } from '../dist/ops/conv.js';
import { Gemm } from '../dist/ops/gemm.js';

const PAIRS = ['nchw', 'nhwc', 'chwn', 'nchw4c'];

const transforms = [
  [128, 96, 55, 55],
  [64, 96, 110, 110],
  [32, 64, 224, 224],
].flatMap((dims) =>
  PAIRS.flatMap((from) =>
    PAIRS.filter((to) => to !== from).map((to) => ({
      name: `transform ${dims.join('x')} ${from} -> ${to}`,
      dims,
      transform: [from, to],
    })),
  ),
);

/** name, N, C, H = W, window, stride */
const POOLS = [
  ['PL1', 128, 16, 28, 2, 2],
  ['PL2', 128, 16, 14, 2, 2],
  ['PL3', 128, 64, 24, 3, 2],
  ['PL4', 128, 64, 12, 3, 2],
  ['PL5', 128, 96, 55, 3, 2],
  ['PL6', 128, 192, 27, 3, 2],
  ['PL7', 128, 256, 13, 3, 2],
  ['PL8', 64, 96, 110, 3, 2],
  ['PL9', 64, 256, 26, 3, 2],
  ['PL10', 64, 256, 13, 3, 2],
];
const pools = POOLS.map(([name, n, c, h, w, s]) => ({
  name: `pool ${name}`,
  op: new MaxPool({ kernel: [w, w], strides: [s, s] }),
  inputs: [[n, c, h, h]],
}));

const softmaxes = [
  [128, 10],
  [128, 1000],
  [8192, 10000],
  [65536, 1000],
  [1048576, 10],
  [128, 1000000],
].map((dims) => ({ name: `softmax ${dims.join('x')}`, op: new Softmax([1]), inputs: [dims] }));

/** name, N, Co, H = W, F, Ci, stride */
const CONVS = [
  ['CV1', 128, 16, 28, 5, 1, 1],
  ['CV2', 128, 16, 14, 5, 16, 1],
  ['CV3', 128, 64, 24, 5, 3, 1],
  ['CV4', 128, 64, 12, 5, 64, 1],
  ['CV5', 64, 96, 224, 3, 3, 2],
  ['CV6', 64, 256, 55, 5, 96, 2],
  ['CV7', 64, 384, 13, 3, 256, 1],
  ['CV8', 64, 384, 13, 3, 384, 1],
  ['CV9', 32, 64, 224, 3, 3, 1],
  ['CV10', 32, 256, 56, 3, 128, 1],
  ['CV11', 32, 512, 28, 3, 256, 1],
  ['CV12', 32, 512, 14, 3, 512, 1],
];
const convs = CONVS.map(([name, n, co, h, f, ci, s]) => ({
  name: `conv ${name}`,
  op: new Conv({ strides: [s, s] }),
  inputs: [[n, ci, h, h], [co, ci, f, f], [co]],
}));

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
