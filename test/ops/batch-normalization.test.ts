import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GraphError, ShapeError } from '../../src/errors.js';
import { BatchNormalization, batchNormalizationAffine } from '../../src/ops/batch-normalization.js';
import { Tensor, difference, sizeOf } from '../../src/tensor/index.js';
import { runNode, runNode1, type NodeCase } from '../support/run-node.js';

const f64 = (dims: readonly number[], values: readonly number[]): Tensor => Tensor.from('f64', dims, values);
const vector = (...values: number[]): Tensor => f64([values.length], values);

/** Scale, bias, mean, variance of two channels: with epsilon 1, y = 2x - 1 and y = -x / 2 + 3. */
const parameters = [vector(4, -1), vector(1, 2.5), vector(1, 1), vector(3, 3)];
const attributes = { epsilon: { float: 1 } };

test.each([2, 3, 4, 5])('of rank %i', async (rank) => {
  const dims = [3, 2, 3, 1, 2].slice(0, rank);
  const x = Array.from({ length: sizeOf(dims) }, (_, i) => i);
  const plane = sizeOf(dims.slice(2));
  const y = await runNode1('BatchNormalization', [f64(dims, x), ...parameters], { attributes });
  const expected = x.map((value, i) => (Math.floor(i / plane) % 2 === 0 ? 2 * value - 1 : 3 - value / 2));
  expect(y).toEqual(f64(dims, expected));
});

test('epsilon is 1e-5 by default', async () => {
  const y = await runNode1('BatchNormalization', [
    f64([1, 1], [1]),
    vector(1),
    vector(0),
    vector(0),
    vector(0),
  ]);
  expect(y.data[0]).toBeCloseTo(Math.sqrt(1e5), 8);
});

test('folds to an affine function per channel', () => {
  const channel = fc.record({
    x: fc.double({ min: -8, max: 8, noNaN: true }),
    scale: fc.double({ min: -4, max: 4, noNaN: true }),
    bias: fc.double({ min: -4, max: 4, noNaN: true }),
    mean: fc.double({ min: -4, max: 4, noNaN: true }),
    variance: fc.double({ min: 0, max: 4, noNaN: true }),
  });
  fc.assert(
    fc.property(channel, ({ x, scale, bias, mean, variance }) => {
      const affine = batchNormalizationAffine(
        { scale: [scale], bias: [bias], mean: [mean], variance: [variance] },
        0.25,
      );
      const expected = ((x - mean) / Math.sqrt(variance + 0.25)) * scale + bias;
      expect(x * affine.scale[0] + affine.shift[0]).toBeCloseTo(expected, 9);
    }),
  );
});

const training = (extra: NodeCase['attributes'] = {}): NodeCase => ({
  attributes: { ...attributes, training_mode: 1, ...extra },
  outputs: 3,
});

test.each([14, 15])(
  'in training uses and averages the statistics of the batch, in operator set %i',
  async (opset) => {
    // Channel 0 holds 1, 3, 5, 7 (mean 4, variance 5); channel 1 holds 2, 2, 2, 2.
    const x = f64([2, 2, 2], [1, 3, 2, 2, 5, 7, 2, 2]);
    const inputs = [x, vector(3, 1), vector(0, 10), vector(1, 1), vector(3, 3)];
    const options = { ...training({ epsilon: { float: 4 }, momentum: 0.75 }), opset };
    const [y, mean, variance] = await runNode('BatchNormalization', inputs, options);
    expect(y).toEqual(f64([2, 2, 2], [-3, -1, 10, 10, 1, 3, 10, 10]));
    expect(mean).toEqual(vector(1.75, 1.25));
    expect(variance).toEqual(vector(3.5, 2.25));
    expect(await runNode('BatchNormalization', inputs, { ...options, outputs: 1 })).toEqual([y]);
  },
);

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

/** Training of one channel, by the definitions: y, running mean, running variance. */
function trained(x: readonly number[], [scale, bias, mean, variance]: readonly number[], momentum: number) {
  const center = average(x);
  const spread = average(x.map((value) => (value - center) ** 2));
  return {
    y: x.map((value) => ((value - center) / Math.sqrt(spread + 1)) * scale + bias),
    mean: mean * momentum + center * (1 - momentum),
    variance: variance * momentum + spread * (1 - momentum),
  };
}

test('in training, any shape is what the definitions make of each channel', async () => {
  const number = fc.integer({ min: -64, max: 64 }).map((n) => n / 8);
  const cases = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 }).chain((dims) =>
    fc.record({
      dims: fc.constant(dims),
      x: fc.array(number, { minLength: sizeOf(dims), maxLength: sizeOf(dims) }),
      channels: fc.array(fc.tuple(number, number, number, number), {
        minLength: dims[1],
        maxLength: dims[1],
      }),
      momentum: fc.constantFrom(0, 0.25, 0.875, 1),
    }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ({ dims, x, channels, momentum }) => {
      const plane = sizeOf(dims.slice(2));
      const channelOf = (i: number): number => Math.floor(i / plane) % dims[1];
      const inputs = [0, 1, 2, 3].map((k) => vector(...channels.map((channel) => channel[k])));
      const options = training({ momentum: { float: momentum } });
      const found = await runNode('BatchNormalization', [f64(dims, x), ...inputs], options);
      const expected = channels.map((channel, c) =>
        trained(
          x.filter((_, i) => channelOf(i) === c),
          channel,
          momentum,
        ),
      );
      const rest = expected.map(({ y }) => [...y]);
      const y = f64(
        dims,
        x.map((_, i) => rest[channelOf(i)].shift() ?? NaN),
      );
      const mean = vector(...expected.map((channel) => channel.mean));
      const variance = vector(...expected.map((channel) => channel.variance));
      const tolerance = { relative: 1e-12, absolute: 1e-12 };
      expect([y, mean, variance].map((tensor, i) => difference(found[i], tensor, tolerance))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }),
    { numRuns: 50 },
  );
});

test.each([
  // Squares of 10000 are rounded to multiples of 8 in single precision.
  ['f32', 9999.5, 10000.5],
  // The sum of two, and each square of a deviation, is beyond float16.
  ['f16', 58976, 61024],
] as const)('statistics of %s from %d to %d keep their digits', async (dtype, low, high) => {
  const x = Tensor.from(dtype, [4, 1], [low, high, high, low]);
  const inputs = [1, 0, 0, 0].map((value) => Tensor.from('f32', [1], [value]));
  const options = training({ epsilon: { float: 0 }, momentum: { float: 0 } });
  const [y, mean, variance] = await runNode('BatchNormalization', [x, ...inputs], options);
  expect(y).toEqual(Tensor.from(dtype, [4, 1], [-1, 1, 1, -1]));
  expect(mean.toNumbers()).toEqual([(low + high) / 2]);
  expect(variance.toNumbers()).toEqual([((high - low) / 2) ** 2]);
});

test('element types may differ since operator set 15', async () => {
  const x = Tensor.from('f16', [1, 2], [3, 4]);
  const [scale, bias, mean, variance] = parameters.map(({ data }) => data);
  const inputs = [
    x,
    Tensor.from('f32', [2], scale),
    Tensor.from('f32', [2], bias),
    Tensor.from('bf16', [2], mean),
    Tensor.from('f64', [2], variance),
  ];
  const outputs = await runNode('BatchNormalization', inputs, training({ momentum: { float: 1 } }));
  expect(outputs).toEqual([Tensor.from('f16', [1, 2], bias), inputs[3], inputs[4]]);
});

test('can apply an activation', () => {
  const activation = {
    name: 'Relu',
    dtypes: ['f64'] as const,
    flops: 1,
    apply: (x: number): number => Math.max(x, 0),
  };
  const op = new BatchNormalization({ epsilon: 1, activation });
  const x = f64([1, 2], [-3, 8]);
  expect(op.reference([x, ...parameters])[0].toNumbers()).toEqual([0, 0]);
  expect(op.attributes).toEqual({ epsilon: 1, activation: 'Relu' });
  expect(op.flops([x, ...parameters], [x])).toBe(6);
});

test('what it cannot do, it refuses by name', async () => {
  const inputs = [f64([1, 2], [1, 2]), ...parameters];
  const run = (extra: object, opset: number, outputs = 1): Promise<unknown> =>
    runNode('BatchNormalization', inputs, { attributes: { ...attributes, ...extra }, opset, outputs });
  await expect(run({ spatial: 0 }, 7)).rejects.toThrow('attribute spatial=0 of BatchNormalization');
  await expect(run({ spatial: 1 }, 7)).resolves.toHaveLength(1);
  await expect(run({}, 9, 5)).rejects.toThrow('output 1 of BatchNormalization without training_mode=1');
  await expect(run({ training_mode: 1 }, 15, 4)).rejects.toThrow('output 3');
});

test.each([0, 1])('wrong inputs, with training_mode=%i', async (mode) => {
  const x = f64([1, 2], [1, 2]);
  const run = (...inputs: Tensor[]): Promise<unknown> =>
    runNode('BatchNormalization', inputs, { attributes: { training_mode: mode } });
  await expect(run(x, ...parameters.slice(1))).rejects.toThrow(GraphError);
  await expect(run(vector(1, 2), ...parameters)).rejects.toThrow(ShapeError);
  await expect(run(x, vector(1), ...parameters.slice(1))).rejects.toThrow(ShapeError);
  await expect(run(x, f64([1, 2], [1, 1]), ...parameters.slice(1))).rejects.toThrow(ShapeError);
  await expect(run(Tensor.from('i32', [1, 2], [1, 2]), ...parameters)).rejects.toThrow(
    'element type i32 of BatchNormalization is not supported',
  );
});
