/**
 * Times two layers as one kernel against the two best kernels, one after the other: convolutions with the pooling behind
 * them, and depthwise convolutions with the pointwise ones behind them.
 *
 *     npm run build && node bench/fused-pairs.js [--only TEXT] [--dtype f32|f16] [--rounds 7] [--device webgpu|webgpu:software|cuda]
 */
import { candidatesFor, fusionsFor } from '../dist/candidates/index.js';
import { isCandidate } from '../dist/candidates/candidate.js';
import { Conv } from '../dist/ops/conv.js';
import { MaxPool } from '../dist/ops/max-pool.js';
import { clip, relu } from '../dist/ops/unary-functions.js';
import { candidateSubject } from '../dist/tune/timing/subject.js';
import { measure } from '../dist/tune/timing/measure.js';
import { choice, commandLine, count, deviceName, openDevice, text } from './command-line.js';

const args = commandLine({
  only: text(''),
  dtype: choice('f32', 'f16'),
  rounds: count(7),
  device: deviceName(),
});
const device = await openDevice(args.device);
const context = { limits: device.limits, features: device.features, storage: args.dtype };

const type = (...dims) => ({ dtype: 'f32', dims });

/** A convolution and a pooling of 2x2. */
function pooled(name, n, c, plane, m, k, pad) {
  const first = new Conv({
    strides: [1, 1],
    padsBegin: [pad, pad],
    padsEnd: [pad, pad],
    activation: relu,
  });
  const second = new MaxPool({ kernel: [2, 2], strides: [2, 2] });
  return { name, first, second, inputs: [type(n, c, plane, plane), type(m, c, k, k), type(m)], others: [] };
}

/** A depthwise convolution of 3x3 and the pointwise one behind it. */
function separable(name, n, c, plane, stride, m) {
  const first = new Conv({
    strides: [stride, stride],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
    group: c,
    activation: clip(0, 6),
  });
  const inputs = [type(n, c, plane, plane), type(c, 1, 3, 3), type(c)];
  return { name, first, second: new Conv({ strides: [1, 1] }), inputs, others: [type(m, c, 1, 1), type(m)] };
}

const pairs = [
  pooled('LeNet 1', 128, 1, 28, 16, 5, 2),
  pooled('LeNet 2', 128, 16, 14, 16, 5, 2),
  pooled('VGG 1_2', 32, 64, 224, 64, 3, 1),
  pooled('VGG 2_2', 32, 128, 112, 128, 3, 1),
  pooled('VGG 3_3', 32, 256, 56, 256, 3, 1),
  pooled('VGG 4_3', 32, 512, 28, 512, 3, 1),
  pooled('VGG 5_3', 32, 512, 14, 512, 3, 1),
  separable('MobileNet 2+3', 64, 32, 112, 1, 16),
  separable('MobileNet 5+6', 64, 96, 112, 2, 24),
  separable('MobileNet 8+9', 64, 144, 56, 1, 24),
  separable('MobileNet 11+12', 64, 144, 56, 2, 32),
  separable('MobileNet 14+15', 64, 192, 28, 1, 32),
  separable('MobileNet 23+24', 64, 384, 14, 1, 64),
  separable('MobileNet 35+36', 64, 576, 14, 1, 96),
  separable('MobileNet 44+45', 64, 960, 7, 1, 160),
  pooled('tiny pool', 1, 4, 8, 8, 3, 1),
  separable('tiny separable', 4, 8, 8, 1, 8),
].filter(({ name }) => (args.only ? name.includes(args.only) : !name.startsWith('tiny')));

const best = (rows, layout) =>
  rows.filter(({ name }) => name.split('_')[1] === layout).sort((a, b) => a.median - b.median)[0];
const us = (time) => (time / 1e3).toFixed(2).padStart(9);

for (const { name, first, second, inputs, others } of pairs) {
  const [middle] = first.infer(inputs);
  const outputs = second.infer([middle, ...others]);
  const subjects = (list, types) =>
    list
      .filter((found) => isCandidate(found) && !found.baseline && !/naive/.test(found.id))
      .filter((found) => found.id.split('_')[2] !== found.outputs[0].name.toLowerCase())
      .map((found) => ({ ...candidateSubject(found, types, context, weights(types)), types }));
  const both = { inputs: [...inputs, ...others], outputs };
  const alone = { inputs, outputs: [middle] };
  const behind = { inputs: [middle, ...others], outputs };
  const groups = [
    subjects(fusionsFor(first, second, { inputs, middle, others, outputs }, context), both),
    subjects(candidatesFor(first, alone, context), alone),
    subjects(candidatesFor(second, behind, context), behind),
  ];
  const rows = await measure(device, groups.flat(), { rounds: args.rounds });
  const [fused, firsts, seconds] = groups.map(({ length }) => rows.splice(0, length));
  console.log(`\n${name} ${args.dtype}`);
  for (const row of fused.toSorted((a, b) => a.median - b.median)) {
    console.log(`  ${row.name.padEnd(60)} ${us(row.median)} us`);
  }
  for (const layout of ['nhwc', 'nchw', 'chwn', 'nchw4c']) {
    const [one, former, latter] = [fused, firsts, seconds].map((some) => best(some, layout));
    if (!one || !former || !latter) continue;
    console.log(
      `  ${layout.padEnd(6)} fused ${us(one.median)}, apart ${us(former.median + latter.median)} = ` +
        `${former.name} ${us(former.median)} + ${latter.name} ${us(latter.median)}`,
    );
  }
}
device.destroy();

/** Which inputs are weights: all but images. */
function weights({ inputs }) {
  return new Set([...inputs.keys()].filter((i) => i > 0));
}
