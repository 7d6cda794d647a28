import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GraphError, ShapeError } from '../../src/errors.js';
import { BatchNormalization, batchNormalizationAffine } from '../../src/ops/batch-normalization.js';
import { Tensor, sizeOf } from '../../src/tensor/index.js';
import { runNode, runNode1 } from '../support/run-node.js';

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

test('in training uses and averages the statistics of the batch', async () => {
  // Channel 0 holds 1, 3, 5, 7 (mean 4, variance 5); channel 1 holds 2, 2, 2, 2.
  const x = f64([2, 2, 2], [1, 3, 2, 2, 5, 7, 2, 2]);
  const [y, mean, variance] = await runNode(
    'BatchNormalization',
    [x, vector(3, 1), vector(0, 10), vector(1, 1), vector(3, 3)],
    { attributes: { epsilon: { float: 4 }, momentum: 0.75, training_mode: 1 }, opset: 15, outputs: 3 },
  );
  expect(y.toNumbers()).toEqual([-3, -1, 10, 10, 1, 3, 10, 10]);
  expect(mean.toNumbers()).toEqual([1.75, 1.25]);
  expect(variance.toNumbers()).toEqual([3.5, 2.25]);
});

test('element types may differ since operator set 15', async () => {
  const x = Tensor.from('f16', [1, 2], [3, 4]);
  const others = parameters.map(({ data }) => Tensor.from('f32', [2], data));
  const outputs = await runNode('BatchNormalization', [x, ...others], {
    attributes: { ...attributes, training_mode: 1, momentum: { float: 1 } },
    outputs: 3,
  });
  expect(outputs.map(({ dtype }) => dtype)).toEqual(['f16', 'f32', 'f32']);
  expect(outputs[1].toNumbers()).toEqual([1, 1]);
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
  expect(op.attributes).toEqual({ epsilon: 1, momentum: undefined, activation: 'Relu' });
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

test('wrong inputs', async () => {
  const x = f64([1, 2], [1, 2]);
  await expect(runNode('BatchNormalization', [x, ...parameters.slice(1)])).rejects.toThrow(GraphError);
  await expect(runNode('BatchNormalization', [vector(1, 2), ...parameters])).rejects.toThrow(ShapeError);
  await expect(runNode('BatchNormalization', [x, vector(1), ...parameters.slice(1)])).rejects.toThrow(
    ShapeError,
  );
  await expect(
    runNode('BatchNormalization', [x, f64([1, 2], [1, 1]), ...parameters.slice(1)]),
  ).rejects.toThrow(ShapeError);
  await expect(
    runNode('BatchNormalization', [Tensor.from('i32', [1, 2], [1, 2]), ...parameters]),
  ).rejects.toThrow('element type i32 of BatchNormalization is not supported');
});
