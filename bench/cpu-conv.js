// Speed of the CPU device's blocked f32 path: GFLOP/s per layer, median and quartiles over interleaved rounds.
//
//   npm run build && node bench/cpu-conv.js [--rounds 9] [--kernels wasm|js] [--only text] [--networks]
//
// Rounds are interleaved (every layer once, then every layer again), so that a slow phase of a shared machine hits all
// layers alike. --networks adds the sum over all convolutions of ResNet-50 and SqueezeNet 1.0 at batch 1.
import { performance } from 'node:perf_hooks';
import {
  conv2d,
  conv2dMethod,
  conv2dOutputSize,
  createJsKernels,
  createWasmKernels,
  gemm,
} from '../dist/devices/cpu/fast/index.js';
import { choice, commandLine, count, flag, text } from './command-line.js';

const options = commandLine({
  rounds: count(9),
  kernels: choice('wasm', 'js'),
  only: text(''),
  networks: flag(),
});
const kernels = options.kernels === 'js' ? createJsKernels() : createWasmKernels();
if (kernels === undefined) throw new Error('WebAssembly SIMD is not available here; try --kernels js');

const random = (length) => Float32Array.from({ length }, () => Math.random() * 2 - 1);

/** A convolution case: [in channels, size, out channels, window, stride, pad, groups]. */
function conv(channels, size, outChannels, window, stride = 1, pad = (window - 1) >> 1, groups = 1) {
  const shape = {
    batch: 1,
    inChannels: channels,
    inHeight: size,
    inWidth: size,
    outChannels,
    kernelHeight: window,
    kernelWidth: window,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: pad,
    padLeft: pad,
    padBottom: pad,
    padRight: pad,
    groups,
  };
  const { height, width } = conv2dOutputSize(shape);
  const x = random(channels * size * size);
  const weights = random((outChannels * channels * window * window) / groups);
  const bias = random(outChannels);
  const out = new Float32Array(outChannels * height * width);
  const activation = { kind: 'relu' };
  return {
    name: `conv ${channels}x${size}x${size} -> ${outChannels} ${window}x${window} s${stride} g${groups} (${conv2dMethod(shape)})`,
    flops: (2 * outChannels * height * width * channels * window * window) / groups,
    run: () => conv2d({ shape, x, weights, bias, out, activation }, kernels),
  };
}

function product(m, k, n, transposeB = false) {
  const a = random(m * k);
  const b = random(k * n);
  const out = new Float32Array(m * n);
  return {
    name: `gemm ${m}x${k} · ${k}x${n}${transposeB ? ' (B transposed)' : ''}`,
    flops: 2 * m * k * n,
    run: () => gemm({ m, k, n, a, b, out, transposeB }, kernels),
  };
}

const layers = () => [
  conv(64, 56, 64, 3),
  conv(256, 56, 64, 1),
  conv(64, 56, 256, 1),
  conv(128, 28, 128, 3),
  conv(256, 14, 256, 3),
  conv(512, 7, 512, 3),
  conv(2048, 7, 512, 1),
  conv(512, 28, 1024, 1, 2, 0),
  conv(3, 224, 64, 7, 2),
  conv(3, 224, 96, 7, 2, 0),
  conv(16, 54, 64, 3),
  conv(64, 27, 256, 3),
  conv(512, 13, 1000, 1),
  conv(32, 112, 32, 3, 1, 1, 32),
  conv(96, 112, 96, 3, 2, 1, 96),
  conv(384, 14, 384, 3, 1, 1, 384),
  conv(960, 7, 960, 3, 1, 1, 960),
  conv(128, 28, 128, 3, 1, 1, 32),
  conv(64, 112, 3, 5),
  product(1, 2048, 1000),
  product(1, 2048, 1000, true),
  product(8, 4096, 1000),
  product(8, 4096, 1000, true),
  product(1024, 1024, 1024),
  product(1024, 1024, 1024, true),
  product(1000, 2048, 1),
];

/** All convolutions of ResNet-50 (He et al. 2015, the 3x3 carrying the stride). */
function resnet50() {
  const cases = [conv(3, 224, 64, 7, 2)];
  let channels = 64;
  let size = 56;
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const middle = 64 << stage;
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      cases.push(conv(channels, size, middle, 1), conv(middle, size, middle, 3, stride));
      if (block === 0) cases.push(conv(channels, size, 4 * middle, 1, stride, 0));
      size /= stride;
      cases.push(conv(middle, size, 4 * middle, 1));
      channels = 4 * middle;
    }
  });
  return cases;
}

/** All convolutions of SqueezeNet 1.0 (Iandola et al. 2016). */
function squeezenet() {
  const cases = [conv(3, 224, 96, 7, 2, 0)];
  const fires = [
    [96, 16, 64, 54],
    [128, 16, 64, 54],
    [128, 32, 128, 54],
    [256, 32, 128, 27],
    [256, 48, 192, 27],
    [384, 48, 192, 27],
    [384, 64, 256, 27],
    [512, 64, 256, 13],
  ];
  for (const [channels, squeeze, expand, size] of fires) {
    cases.push(
      conv(channels, size, squeeze, 1),
      conv(squeeze, size, expand, 1),
      conv(squeeze, size, expand, 3),
    );
  }
  cases.push(conv(512, 13, 1000, 1));
  return cases;
}

/** All convolutions of MobileNet-v2 1.0 (Sandler et al. 2018). */
function mobilenet2() {
  const cases = [conv(3, 224, 32, 3, 2), conv(32, 112, 32, 3, 1, 1, 32), conv(32, 112, 16, 1)];
  let channels = 16;
  let size = 112;
  const stages = [
    [24, 2, 2],
    [32, 3, 2],
    [64, 4, 2],
    [96, 3, 1],
    [160, 3, 2],
    [320, 1, 1],
  ];
  for (const [outChannels, repeats, firstStride] of stages) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? firstStride : 1;
      const wide = 6 * channels;
      cases.push(conv(channels, size, wide, 1), conv(wide, size, wide, 3, stride, 1, wide));
      size /= stride;
      cases.push(conv(wide, size, outChannels, 1));
      channels = outChannels;
    }
  }
  cases.push(conv(320, 7, 1280, 1));
  return cases;
}

function network(name, cases) {
  return {
    name: `${name}: ${cases.length} convolutions`,
    flops: cases.reduce((sum, { flops }) => sum + flops, 0),
    run: () => cases.forEach(({ run }) => run()),
  };
}

const all = layers();
if (options.networks) {
  all.push(
    network('ResNet-50', resnet50()),
    network('SqueezeNet 1.0', squeezenet()),
    network('MobileNet-v2', mobilenet2()),
  );
}
const cases = all.filter(({ name }) => name.includes(options.only));
const times = cases.map(() => []);
for (const { run } of cases) run(); // lets the engine optimise before anything counts
for (let round = 0; round < options.rounds; round++) {
  cases.forEach(({ run, flops }, i) => {
    const repeats = Math.max(Math.ceil(2e8 / flops), 1); // about 10 ms and more, so that the clock's grain is nothing
    const start = performance.now();
    for (let r = 0; r < repeats; r++) run();
    times[i].push((performance.now() - start) / repeats);
  });
}
const quantile = (sorted, q) => sorted[Math.round((sorted.length - 1) * q)];
console.log(
  `kernels: ${kernels.name}; median of ${options.rounds} interleaved rounds, quartiles in brackets`,
);
cases.forEach(({ name, flops }, i) => {
  const sorted = times[i].toSorted((p, q) => p - q);
  const [fast, median, slow] = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q));
  const rate = (ms) => (flops / ms / 1e6).toFixed(1);
  const line = [
    `${median.toFixed(3)} ms`.padStart(12),
    `${rate(median)} GFLOP/s`.padStart(14),
    `[${rate(slow)}, ${rate(fast)}]`,
  ];
  console.log(name.padEnd(56), line.join('  '));
});
