/** Networks by name, as graph builders with seeded random weights: for planning and measuring without a file. */
import { UnsupportedError } from '../errors.js';
import {
  DEFAULT_LIMITS,
  Graph,
  type Binding,
  type Limits,
  type Model,
  type ModelPort,
  type Value,
} from '../graph/index.js';
import { NetworkBuilder } from './builder.js';
import { mobilenetV2, resnet50, squeezenet } from './modern.js';
import { alexnet, cifar10, lenet, vgg16, zfnet } from './paper.js';

interface Definition {
  /** Channels, height and width of an image. */
  readonly image: readonly [number, number, number];
  readonly build: (builder: NetworkBuilder, image: Value) => Value;
}

const NETWORKS = {
  lenet: { image: [1, 28, 28], build: lenet },
  cifar10: { image: [3, 24, 24], build: cifar10 },
  alexnet: { image: [3, 224, 224], build: alexnet },
  zfnet: { image: [3, 224, 224], build: zfnet },
  vgg16: { image: [3, 224, 224], build: vgg16 },
  resnet50: { image: [3, 224, 224], build: resnet50 },
  mobilenet_v2: { image: [3, 224, 224], build: mobilenetV2 },
  squeezenet1_1: { image: [3, 224, 224], build: squeezenet },
} as const satisfies Record<string, Definition>;

export type NetworkName = keyof typeof NETWORKS;

/** Names that `network` takes. */
export const NETWORK_NAMES = Object.keys(NETWORKS) as readonly NetworkName[];

/** Whether a text is a network's name. */
export function isNetworkName(text: string): text is NetworkName {
  return Object.hasOwn(NETWORKS, text);
}

/**
 * A network by name: input `image` [N, C, H, W], output `probabilities` [N, classes].
 * @throws UnsupportedError for another name
 */
export function network(name: string, limits: Limits = DEFAULT_LIMITS): Model {
  if (!isNetworkName(name)) {
    throw new UnsupportedError(`network "${name}"`, { remedy: `Use one of ${NETWORK_NAMES.join(', ')}.` });
  }
  const { image, build }: Definition = NETWORKS[name];
  const input: ModelPort = { name: 'image', dtype: 'f32', dims: ['N', ...image] };
  return {
    name,
    inputs: [input],
    outputs: [
      {
        name: 'probabilities',
        dtype: 'f32',
        dims: ['N', name === 'lenet' || name === 'cifar10' ? 10 : 1000],
      },
    ],
    build: ({ dims, values }: Binding): Graph => {
      const graph = new Graph(name, limits);
      const bound = values?.get('image');
      const type = { dtype: 'f32', dims: dims.get('image') ?? [1, ...image] } as const;
      const x = bound ? graph.constant('image', bound) : graph.input('image', type);
      graph.output('probabilities', build(new NetworkBuilder(graph), x));
      return graph;
    },
  };
}
