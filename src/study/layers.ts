/** The paper's layers and sizes (SC 2016, table 1), once: the study and the benchmarks take them from here. */
import { Conv } from '../ops/conv.js';
import { MaxPool } from '../ops/max-pool.js';
import type { Op } from '../ops/op.js';
import { Softmax } from '../ops/softmax.js';
import { formatDims, type Dims } from '../tensor/index.js';

/** A convolution without padding: images [n, channels, size, size], filters [filters, channels, kernel, kernel]. */
export interface ConvLayer {
  /** `CV1` to `CV12`. */
  readonly name: string;
  readonly network: string;
  readonly n: number;
  readonly filters: number;
  readonly size: number;
  readonly kernel: number;
  readonly channels: number;
  readonly stride: number;
}

/** Max pooling without padding: images [n, channels, size, size]. */
export interface PoolLayer {
  /** `PL1` to `PL10`. */
  readonly name: string;
  readonly network: string;
  readonly n: number;
  readonly channels: number;
  readonly size: number;
  readonly window: number;
  readonly stride: number;
}

/** Softmax over the classes of each row. */
export interface SoftmaxSize {
  readonly rows: number;
  readonly classes: number;
}

/** An op and the dims of its inputs, all of them f32 in the model. */
export interface OpCase {
  readonly name: string;
  readonly shape: string;
  readonly op: Op;
  readonly inputs: readonly Dims[];
}

type ConvRow = readonly [
  name: string,
  network: string,
  n: number,
  filters: number,
  size: number,
  kernel: number,
  channels: number,
  stride: number,
];

const CONV_ROWS: readonly ConvRow[] = [
  ['CV1', 'LeNet', 128, 16, 28, 5, 1, 1],
  ['CV2', 'LeNet', 128, 16, 14, 5, 16, 1],
  ['CV3', 'CIFAR-10', 128, 64, 24, 5, 3, 1],
  ['CV4', 'CIFAR-10', 128, 64, 12, 5, 64, 1],
  ['CV5', 'ZFNet', 64, 96, 224, 3, 3, 2],
  ['CV6', 'ZFNet', 64, 256, 55, 5, 96, 2],
  ['CV7', 'ZFNet', 64, 384, 13, 3, 256, 1],
  ['CV8', 'ZFNet', 64, 384, 13, 3, 384, 1],
  ['CV9', 'VGG', 32, 64, 224, 3, 3, 1],
  ['CV10', 'VGG', 32, 256, 56, 3, 128, 1],
  ['CV11', 'VGG', 32, 512, 28, 3, 256, 1],
  ['CV12', 'VGG', 32, 512, 14, 3, 512, 1],
];

export const CONV_LAYERS: readonly ConvLayer[] = CONV_ROWS.map(
  ([name, network, n, filters, size, kernel, channels, stride]) => ({
    name,
    network,
    n,
    filters,
    size,
    kernel,
    channels,
    stride,
  }),
);

type PoolRow = readonly [
  name: string,
  network: string,
  n: number,
  channels: number,
  size: number,
  window: number,
  stride: number,
];

const POOL_ROWS: readonly PoolRow[] = [
  ['PL1', 'LeNet', 128, 16, 28, 2, 2],
  ['PL2', 'LeNet', 128, 16, 14, 2, 2],
  ['PL3', 'CIFAR-10', 128, 64, 24, 3, 2],
  ['PL4', 'CIFAR-10', 128, 64, 12, 3, 2],
  ['PL5', 'AlexNet', 128, 96, 55, 3, 2],
  ['PL6', 'AlexNet', 128, 192, 27, 3, 2],
  ['PL7', 'AlexNet', 128, 256, 13, 3, 2],
  ['PL8', 'ZFNet', 64, 96, 110, 3, 2],
  ['PL9', 'ZFNet', 64, 256, 26, 3, 2],
  ['PL10', 'ZFNet', 64, 256, 13, 3, 2],
];

export const POOL_LAYERS: readonly PoolLayer[] = POOL_ROWS.map(
  ([name, network, n, channels, size, window, stride]) => ({
    name,
    network,
    n,
    channels,
    size,
    window,
    stride,
  }),
);

/** The twelve sizes of the paper. */
export const SOFTMAX_SIZES: readonly SoftmaxSize[] = [10, 100, 1000, 10000].flatMap((classes) =>
  [32, 64, 128].map((rows) => ({ rows, classes })),
);

/** The paper's fit into today's caches: these do not. */
export const LARGE_SOFTMAX_SIZES: readonly SoftmaxSize[] = [
  { rows: 8192, classes: 10000 },
  { rows: 65536, classes: 1000 },
  { rows: 1048576, classes: 10 },
];

/** Activations of AlexNet, ZFNet and VGG, on which the paper shows its transform. */
export const TRANSFORM_DIMS: readonly Dims[] = [
  [128, 96, 55, 55],
  [64, 96, 110, 110],
  [32, 64, 224, 224],
];

/** The convolution with its bias. */
export function convCase({ name, n, filters, size, kernel, channels, stride }: ConvLayer): OpCase {
  return {
    name,
    shape: `${formatDims([n, channels, size, size])}, ${filters} of ${kernel}x${kernel}, stride ${stride}`,
    op: new Conv({ strides: [stride, stride] }),
    inputs: [[n, channels, size, size], [filters, channels, kernel, kernel], [filters]],
  };
}

export function poolCase({ name, n, channels, size, window, stride }: PoolLayer): OpCase {
  return {
    name,
    shape: `${formatDims([n, channels, size, size])}, ${window}x${window}, stride ${stride}`,
    op: new MaxPool({ kernel: [window, window], strides: [stride, stride] }),
    inputs: [[n, channels, size, size]],
  };
}

export function softmaxCase({ rows, classes }: SoftmaxSize): OpCase {
  const shape = formatDims([rows, classes]);
  return {
    name: shape,
    shape: `${rows} rows of ${classes}`,
    op: new Softmax([1]),
    inputs: [[rows, classes]],
  };
}
