/** Results as a study gives them, made up: small, with all that a report shows, the same every time. */
import type { Entry, LayerResult, PolicyResult, StudyResults, SweepPoint } from '../../src/study/index.js';
import { POLICY_NAMES } from '../../src/plan/policies/index.js';
import { randomStream } from '../../src/tensor/random.js';

const ROUNDS = 5;

/** Samples around a time, nanoseconds. */
function samples(time: number, seed: string): number[] {
  const next = randomStream(seed);
  return Array.from({ length: ROUNDS }, () => Math.round(time * (0.98 + 0.04 * next()) * 10) / 10);
}

function entry(method: string, layout: string, time: number): Entry {
  const kernel = `op_${layout.toLowerCase()}_${method}_f32`;
  return {
    kernel,
    method,
    layout,
    launches: method === 'caffe' ? 6 : 1,
    cold: samples(time, `${kernel} cold`),
    warm: samples(time * 0.9, `${kernel} warm`),
    error: 2.5e-7,
    failure: null,
  };
}

function layer(name: string, entries: readonly Entry[]): LayerResult {
  const refused = [{ method: 'fft', reason: 'the window is too small' }];
  return { name, shape: '64x256x13x13', flops: 13.7e9, bytes: 23e6, entries, refused };
}

function point(n: number, c: number, nchw: number, chwn: number): SweepPoint {
  return { n, c, entries: [entry('implicit', 'NCHW', nchw), entry('implicit', 'CHWN', chwn)] };
}

function policy(name: PolicyResult['policy'], time: number): PolicyResult {
  return {
    policy: name,
    samples: samples(time, name),
    predicted: time,
    proved: name !== 'chwn',
    error: name === 'optimal' ? 0 : 1e-7,
    kinds: {
      Conv: samples(time * 0.8, `${name} conv`),
      MaxPool: samples(time * 0.15, `${name} pool`),
      ...(name === 'heuristic' && { Transform: samples(time * 0.05, `${name} transform`) }),
    },
    transforms: name === 'heuristic' ? 2 : 0,
  };
}

const spread = (median: number): { median: number; low: number; high: number } => ({
  median,
  low: median * 0.99,
  high: median * 1.01,
});

const failed: Entry = {
  ...entry('winograd', 'CHWN', 1),
  cold: [],
  warm: [],
  error: null,
  failure: 'no memory',
};

export const SAMPLE: StudyResults = {
  format: 'lanewise-study',
  version: 1,
  started: '2026-11-23T12:00:00.000Z',
  seconds: 432.1,
  command: 'lanewise study --device webgpu --dtype f32 --out DIR',
  versions: { lanewise: '0.1.0', node: 'v20.20.2' },
  device: {
    description: 'A GPU (WebGPU, Vulkan)',
    software: false,
    identity: {
      kind: 'webgpu',
      vendor: 'v',
      architecture: 'a',
      name: 'A GPU',
      driver: '1.2',
      runtime: 'r 3',
    },
  },
  dtype: 'f32',
  quick: false,
  roofs: {
    copy: spread(4.1e12),
    cachedCopy: spread(9e12),
    cacheBytes: 40e6,
    f32: spread(31e12),
    f16: null,
    launch: spread(1900),
    saturation: 270_000,
  },
  convolution: {
    layers: [
      layer('CV1', [
        entry('direct', 'CHWN', 9e3),
        entry('implicit', 'NCHW', 2e4),
        entry('im2col', 'NCHW', 8e4),
      ]),
      layer('CV7', [entry('direct', 'CHWN', 9e5), entry('implicit', 'NCHW', 3e5), failed]),
    ],
    sweepShape: '384 filters of 3x3 on images of 13x13',
    batches: [point(16, 256, 1e5, 4e5), point(64, 256, 3e5, 4e5), point(128, 256, 6e5, 5e5)],
    channels: [point(64, 1, 5e4, 2e4), point(64, 16, 6e4, 5e4), point(64, 64, 9e4, 2e5)],
  },
  transforms: [
    layer('128x96x55x55', [
      entry('naive', 'CHWN → NCHW', 9e4),
      entry('tiled', 'CHWN → NCHW', 2e4),
      entry('tiled, vectors', 'CHWN → NCHW', 1.2e4),
    ]),
  ],
  pooling: {
    layers: [
      layer('PL5', [
        entry('caffe', 'NCHW', 9e4),
        entry('direct', 'NCHW', 8e4),
        entry('direct', 'CHWN', 6e4),
        entry('patch', 'CHWN', 5e4),
        entry('patch, climbed', 'CHWN', 4.6e4),
      ]),
    ],
    climbs: [
      {
        layer: 'PL5',
        layout: 'CHWN',
        rows: [1, 2, 4],
        columns: [1, 2, 3],
        points: [
          { row: 0, column: 0, samples: samples(6e4, '1x1') },
          { row: 1, column: 0, samples: samples(5e4, '2x1') },
          { row: 1, column: 1, samples: samples(4.6e4, '2x2') },
          { row: 0, column: 1, samples: samples(7e4, '1x2') },
        ],
        path: [0, 1, 2],
      },
    ],
  },
  softmax: [
    layer('128x1000', [
      entry('caffe', 'NC', 6e4),
      entry('fused-row', 'NC', 3e4),
      entry('resident', 'NC', 3e3),
    ]),
  ],
  networks: [
    {
      name: 'lenet',
      batch: 128,
      policies: POLICY_NAMES.map((name, i) => policy(name, 6.5e4 * (1 + i / 10))),
      failures: ['nhwc: no memory'],
    },
  ],
  memory: [
    {
      name: 'lenet',
      batch: 128,
      policies: POLICY_NAMES.map((name, i) => ({
        policy: name,
        arenaBytes: 1e6 * (1 + i / 20),
        liveBytes: 1e6,
        constantBytes: 4e5,
        movedBytes: 3e6 + i * 1e5,
        idealBytes: 3e6,
      })),
    },
  ],
};

/** What the peers' benchmark writes. */
export const PEERS = {
  versions: { webgpu: '0.6.2', 'onnxruntime-web': '1.30.0' },
  options: { rounds: 5 },
  reports: [
    {
      name: 'lenet',
      batch: 128,
      description: 'A GPU',
      entries: [
        {
          engine: 'Lanewise',
          setting: 'optimal',
          dtype: 'f32',
          samples: samples(70, 'ours'),
          deviation: 1e-7,
        },
        {
          engine: 'ONNX Runtime Web',
          setting: 'NHWC',
          dtype: 'f32',
          samples: samples(374, 'ort'),
          deviation: 2e-7,
        },
        { engine: 'TensorFlow.js', setting: '', dtype: 'f32', samples: [], error: 'its answers are wrong' },
      ],
    },
    { name: 'vgg16', batch: 32, failure: 'its process ended with code 1' },
  ],
};

/** What it writes with `--layers`. */
export const PEER_LAYERS = {
  versions: { koffi: '3.3.4', torch: '2.11.0' },
  options: { rounds: 5 },
  layers: [
    {
      kind: 'pool',
      name: 'PL5',
      shape: '128x96x55x55, 3x3, stride 2',
      dtype: 'f32',
      flops: 3e8,
      bytes: 1.85e8,
      copy: samples(4.1e12, 'peer copy'),
      entries: [
        {
          engine: 'Lanewise',
          setting: 'maxpool_chwn_patch2x1_f32, CHWN',
          dtype: 'f32',
          samples: samples(47.5, 'ours pooled'),
          deviation: 0,
        },
        {
          engine: 'PyTorch',
          setting: 'CUDA graph, NCHW',
          dtype: 'f32',
          samples: samples(143, 'torch'),
          deviation: 0,
        },
        {
          engine: 'PyTorch',
          setting: 'CUDA graph, channels_last',
          dtype: 'f32',
          samples: [],
          error: 'no memory',
        },
      ],
    },
    {
      kind: 'conv',
      name: 'CV1',
      shape: 'small',
      dtype: 'tf32',
      flops: 6e7,
      bytes: 5e6,
      copy: [],
      entries: [],
    },
  ],
};
