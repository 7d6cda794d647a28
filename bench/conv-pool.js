/**
 * Times convolutions with the pooling behind them as one kernel against the two best kernels, one after the other.
 *
 *     npm run build && node bench/conv-pool.js [--only TEXT] [--dtype f32|f16] [--rounds 7] [--device webgpu|webgpu:software]
 */
import { candidatesFor, fusionsFor } from '../dist/candidates/index.js';
import { isCandidate } from '../dist/candidates/candidate.js';
import { Conv } from '../dist/ops/conv.js';
import { MaxPool } from '../dist/ops/max-pool.js';
import { relu } from '../dist/ops/unary-functions.js';
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

/** Name, batch, channels, plane, output channels, kernel, pad. */
const layers = [
  ['LeNet 1', 128, 1, 28, 16, 5, 2],
  ['LeNet 2', 128, 16, 14, 16, 5, 2],
  ['VGG 1_2', 32, 64, 224, 64, 3, 1],
  ['VGG 2_2', 32, 128, 112, 128, 3, 1],
  ['VGG 3_3', 32, 256, 56, 256, 3, 1],
  ['VGG 4_3', 32, 512, 28, 512, 3, 1],
  ['VGG 5_3', 32, 512, 14, 512, 3, 1],
  ['tiny', 1, 4, 8, 8, 3, 1],
];
const type = (...dims) => ({ dtype: 'f32', dims });
const pool = new MaxPool({ kernel: [2, 2], strides: [2, 2] });
const best = (rows, layout) =>
  rows.filter(({ name }) => name.split('_')[1] === layout).sort((a, b) => a.median - b.median)[0];

const us = (time) => (time / 1e3).toFixed(2).padStart(9);

for (const [name, n, c, plane, m, k, pad] of layers.filter(([name]) =>
  args.only ? name.includes(args.only) : name !== 'tiny',
)) {
  const conv = new Conv({ strides: [1, 1], padsBegin: [pad, pad], padsEnd: [pad, pad], activation: relu });
  const inputs = [type(n, c, plane, plane), type(m, c, k, k), type(m)];
  const [middle] = conv.infer(inputs);
  const outputs = pool.infer([middle]);
  const subjects = (list, types) =>
    list
      .filter((found) => isCandidate(found) && !found.baseline && !/naive/.test(found.id))
      .filter((found) => found.id.split('_')[2] !== found.outputs[0].name.toLowerCase())
      .map((found) => ({ ...candidateSubject(found, types, context), types }));
  const fused = subjects(fusionsFor(conv, pool, { inputs, middle, outputs }, context), { inputs, outputs });
  const alone = subjects(candidatesFor(conv, { inputs, outputs: [middle] }, context), {
    inputs,
    outputs: [middle],
  });
  const pools = subjects(candidatesFor(pool, { inputs: [middle], outputs }, context), {
    inputs: [middle],
    outputs,
  });
  const rows = await measure(device, [...fused, ...alone, ...pools], { rounds: args.rounds });
  console.log(`\n${name}`);
  for (const row of rows.slice(0, fused.length).sort((a, b) => a.median - b.median)) {
    console.log(`  ${row.name.padEnd(60)} ${us(row.median)} us`);
  }
  for (const layout of ['nhwc', 'nchw', 'chwn', 'nchw4c']) {
    const one = best(rows.slice(0, fused.length), layout);
    const first = best(rows.slice(fused.length, fused.length + alone.length), layout);
    const second = best(rows.slice(fused.length + alone.length), layout);
    if (!one || !first || !second) continue;
    console.log(
      `  ${layout.padEnd(6)} fused ${us(one.median)}, apart ${us(first.median + second.median)} = ` +
        `${first.name} ${us(first.median)} + ${second.name} ${us(second.median)}`,
    );
  }
}
device.destroy();
