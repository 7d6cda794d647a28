/** How much is measured: everything on a GPU, a part of it for a quick look, small sizes where a CPU does the work. */
import type { NetworkName } from '../networks/index.js';
import type { Dims } from '../tensor/index.js';
import { PAPER_SWEEP, QUICK_SWEEP, type Sweep } from '../tune/profile/thresholds.js';
import {
  CONV_LAYERS,
  LARGE_SOFTMAX_SIZES,
  POOL_LAYERS,
  SOFTMAX_SIZES,
  TRANSFORM_DIMS,
  type ConvLayer,
  type PoolLayer,
  type SoftmaxSize,
} from './layers.js';

export interface NetworkScale {
  readonly name: NetworkName;
  readonly batch: number;
}

export interface Scale {
  /** Samples of each kernel. */
  readonly rounds: number;
  readonly convolutions: readonly ConvLayer[];
  readonly sweep: Sweep;
  readonly transforms: readonly Dims[];
  readonly pools: readonly PoolLayer[];
  /** Patch sizes that one climb may measure. */
  readonly climb: number;
  readonly softmaxes: readonly SoftmaxSize[];
  readonly networks: readonly NetworkScale[];
  /** Samples of each network. */
  readonly networkRounds: number;
  /** Networks whose memory is planned; their weights are never made. */
  readonly memory: readonly NetworkScale[];
}

/** The batches at which others have published times. */
const NETWORKS: readonly NetworkScale[] = [
  { name: 'lenet', batch: 128 },
  { name: 'cifar10', batch: 128 },
  { name: 'alexnet', batch: 128 },
  { name: 'zfnet', batch: 64 },
  { name: 'vgg16', batch: 32 },
  { name: 'resnet50', batch: 64 },
  { name: 'mobilenet_v2', batch: 64 },
  { name: 'squeezenet1_1', batch: 64 },
];

const FULL: Scale = {
  rounds: 7,
  convolutions: CONV_LAYERS,
  sweep: PAPER_SWEEP,
  // The inputs of the paper's convolutions but for the first, whose one channel is the same in both layouts or nearly.
  transforms: [
    ...CONV_LAYERS.slice(1).map(({ n, channels, size }): Dims => [n, channels, size, size]),
    ...TRANSFORM_DIMS,
  ],
  pools: POOL_LAYERS,
  climb: 24,
  softmaxes: [...SOFTMAX_SIZES, ...LARGE_SOFTMAX_SIZES],
  networks: NETWORKS,
  networkRounds: 7,
  memory: NETWORKS,
};

const QUICK: Scale = {
  rounds: 5,
  convolutions: named(CONV_LAYERS, ['CV1', 'CV4', 'CV7']),
  sweep: QUICK_SWEEP,
  transforms: TRANSFORM_DIMS.slice(0, 1),
  pools: named(POOL_LAYERS, ['PL1', 'PL5']),
  climb: 8,
  softmaxes: SOFTMAX_SIZES.filter(({ rows }) => rows === 128),
  networks: NETWORKS.slice(0, 2),
  networkRounds: 5,
  memory: NETWORKS.slice(0, 3),
};

/** What a CPU computes in seconds. Sizes keep what is odd about them, as far as they can. */
const SMALL = { batch: 2, channels: 8, filters: 8, size: 14, rows: 8, classes: 100 } as const;

/** @param software whether a CPU does the work */
export function scaleFor({
  quick,
  software,
}: {
  readonly quick: boolean;
  readonly software: boolean;
}): Scale {
  const scale = quick ? QUICK : FULL;
  return software ? shrunk(scale, quick) : scale;
}

function shrunk(scale: Scale, quick: boolean): Scale {
  const small = <T extends { readonly n: number; readonly channels: number; readonly size: number }>(
    layer: T,
  ): T => ({
    ...layer,
    n: Math.min(layer.n, SMALL.batch),
    channels: Math.min(layer.channels, SMALL.channels),
    size: Math.min(layer.size, SMALL.size),
  });
  const one = (networks: readonly NetworkScale[]): NetworkScale[] =>
    networks.slice(0, quick ? 1 : 2).map((network) => ({ ...network, batch: 1 }));
  return {
    rounds: 3,
    convolutions: scale.convolutions.map((layer) => ({
      ...small(layer),
      filters: Math.min(layer.filters, SMALL.filters),
    })),
    sweep: {
      ...scale.sweep,
      outChannels: SMALL.filters,
      size: 7,
      batches: [1, 2, 4],
      fixedChannels: SMALL.channels,
      channels: [1, 4, 8],
      largestBatch: 2,
    },
    transforms: distinct(scale.transforms.map((dims) => dims.map((dim) => Math.min(dim, SMALL.size)))),
    pools: scale.pools.map(small),
    climb: quick ? 4 : 8,
    softmaxes: distinct(
      scale.softmaxes.map(({ rows, classes }) => ({
        rows: Math.min(rows, SMALL.rows),
        classes: Math.min(classes, SMALL.classes),
      })),
    ),
    networks: one(scale.networks),
    networkRounds: quick ? 2 : 3,
    memory: one(scale.memory),
  };
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function named<T extends { readonly name: string }>(all: readonly T[], names: readonly string[]): T[] {
  return all.filter(({ name }) => names.includes(name));
}
