import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { GroupNormalization } from '../../src/ops/group-normalization.js';
import { InstanceNormalization } from '../../src/ops/instance-normalization.js';
import { LayerNormalization, RMSNormalization } from '../../src/ops/layer-normalization.js';
import { LpNormalization } from '../../src/ops/lp-normalization.js';
import { LRN } from '../../src/ops/lrn.js';
import { MeanVarianceNormalization } from '../../src/ops/mean-variance-normalization.js';
import { Tensor, type DType } from '../../src/tensor/index.js';
import { runNode, runNode1 } from '../support/run-node.js';

const f64 = (dims: readonly number[], values: readonly number[]): Tensor => Tensor.from('f64', dims, values);
const vector = (...values: number[]): Tensor => f64([values.length], values);
const near = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 9));

/** Doubles without extremes, `count` of them. */
const doubles = (count: number, min = -8): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min, max: 8, noNaN: true }), { minLength: count, maxLength: count });

/** Mean and population variance by the one-pass formula E[x^2] - E[x]^2. */
function moments(values: readonly number[]): [number, number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, values.reduce((a, b) => a + b * b, 0) / values.length - mean * mean];
}

describe('InstanceNormalization', () => {
  test('by hand', async () => {
    // Planes 1, 3 and 0, 8 and 2, 2: means 2, 4, 2; variances 1, 16, 0; epsilon 9 gives 10, 25, 9.
    const x = f64([1, 3, 2], [1, 3, 0, 8, 2, 2]);
    const y = await runNode1('InstanceNormalization', [x, vector(1, 5, 7), vector(0, 1, 2)], {
      attributes: { epsilon: { float: 9 } },
    });
    expect(y.toNumbers()).toEqual(near([-1 / Math.sqrt(10), 1 / Math.sqrt(10), -3, 5, 2, 2]));
  });

  test('is group normalisation with one channel per group', () => {
    fc.assert(
      fc.property(doubles(24), doubles(3), doubles(3), (values, scale, bias) => {
        const inputs = [f64([2, 3, 2, 2], values), vector(...scale), vector(...bias)];
        const [instance] = new InstanceNormalization(0.5).reference(inputs);
        const [group] = new GroupNormalization({ groups: 3, epsilon: 0.5, affine: 'channel' }).reference(
          inputs,
        );
        expect(instance).toEqual(group);
        for (const i of values.keys()) {
          const plane = Math.floor(i / 4);
          const [mean, variance] = moments(values.slice(plane * 4, plane * 4 + 4));
          const expected =
            ((values[i] - mean) / Math.sqrt(variance + 0.5)) * scale[plane % 3] + bias[plane % 3];
          expect(Number(instance.data[i])).toBeCloseTo(expected, 8);
        }
      }),
    );
  });

  test.each<DType>(['f32', 'f16', 'bf16'])('in %s', (dtype) => {
    const tensors = [f64([1, 1, 2], [-1, 3]), vector(3), vector(1)].map((t) =>
      Tensor.from(dtype, t.dims, t.data),
    );
    const [y] = new InstanceNormalization(0).reference(tensors);
    expect(y).toEqual(Tensor.from(dtype, [1, 1, 2], [-2, 4]));
  });

  test('wrong inputs; describes itself', async () => {
    const x = f64([1, 2, 2], [1, 2, 3, 4]);
    await expect(
      runNode('InstanceNormalization', [f64([1, 2], [1, 2]), vector(1, 1), vector(0, 0)]),
    ).rejects.toThrow(ShapeError);
    await expect(runNode('InstanceNormalization', [x, vector(1), vector(0, 0)])).rejects.toThrow(ShapeError);
    await expect(
      runNode('InstanceNormalization', [x, vector(1, 1), Tensor.from('f32', [2], [0, 0])]),
    ).rejects.toThrow(ShapeError);
    const op = new InstanceNormalization(1e-5);
    expect([op.type, op.attributes, op.flops([x], [x])]).toEqual([
      'InstanceNormalization',
      { epsilon: 1e-5 },
      32,
    ]);
  });
});

describe('GroupNormalization', () => {
  const x = f64([1, 4, 1], [1, 3, 0, 8]);
  const attributes = { num_groups: 2, epsilon: { float: 0 } };

  test('parameters per channel since operator set 21, per group before', async () => {
    const bias = [vector(0, 0, 1, 1), vector(0, 1)];
    const perChannel = await runNode1('GroupNormalization', [x, vector(1, 2, 3, 4), bias[0]], {
      attributes: { ...attributes, stash_type: 1 },
      opset: 21,
    });
    expect(perChannel).toEqual(f64([1, 4, 1], [-1, 2, -2, 5]));
    const perGroup = await runNode1('GroupNormalization', [x, vector(5, 3), bias[1]], {
      attributes,
      opset: 18,
    });
    expect(perGroup).toEqual(f64([1, 4, 1], [-5, 5, -2, 4]));
    await expect(runNode('GroupNormalization', [x, vector(5, 3), bias[1]], { attributes })).rejects.toThrow(
      ShapeError,
    );
  });

  test('wrong groups', async () => {
    for (const groups of [0, -1, 3, 8]) {
      const op = new GroupNormalization({ groups, epsilon: 0, affine: 'channel' });
      expect(() => op.infer([x, vector(1, 1, 1, 1), vector(1, 1, 1, 1)])).toThrow(ShapeError);
    }
    await expect(runNode('GroupNormalization', [x, x, x])).rejects.toThrow(GraphError);
  });

  test('describes itself', () => {
    const op = new GroupNormalization({ groups: 2, epsilon: 0, affine: 'group' });
    expect([op.type, op.attributes]).toEqual([
      'GroupNormalization',
      { groups: 2, epsilon: 0, affine: 'group' },
    ]);
    expect(op.flops([x], [x])).toBe(32);
  });
});

describe('LayerNormalization', () => {
  test('with its statistics', async () => {
    const x = f64([2, 2], [1, 3, 0, 8]);
    const [y, mean, inverse] = await runNode('LayerNormalization', [x, vector(1, 2), vector(0, 1)], {
      attributes: { epsilon: { float: 0 } },
      outputs: 3,
    });
    expect(y).toEqual(f64([2, 2], [-1, 3, -1, 3]));
    expect(mean).toEqual(Tensor.from('f32', [2, 1], [2, 4]));
    expect(inverse).toEqual(Tensor.from('f32', [2, 1], [1, 0.25]));
    const stashed = await runNode('LayerNormalization', [x, vector(1, 2)], {
      attributes: { stash_type: 16 },
      outputs: 2,
    });
    expect(stashed[1]).toEqual(Tensor.from('bf16', [2, 1], [2, 4]));
  });

  test('from any axis on, with parameters that broadcast', () => {
    const cases = fc.record({
      values: doubles(12),
      scale: doubles(2),
      bias: doubles(3),
      axis: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(cases, ({ values, scale, bias, axis }) => {
        const op = new LayerNormalization({ axis, epsilon: 0.5 });
        const [y] = op.reference([f64([2, 3, 2], values), vector(...scale), f64([3, 1], bias)]);
        const row = [12, 6, 2][axis];
        for (const [i, x] of values.entries()) {
          const first = i - (i % row);
          const [mean, variance] = moments(values.slice(first, first + row));
          const expected =
            ((x - mean) / Math.sqrt(variance + 0.5)) * scale[i % 2] + bias[Math.floor(i / 2) % 3];
          expect(Number(y.data[i])).toBeCloseTo(expected, 8);
        }
      }),
    );
  });

  test('wrong inputs', async () => {
    const x = f64([2, 2], [1, 3, 0, 8]);
    await expect(runNode('LayerNormalization', [x, vector(1, 2, 3)])).rejects.toThrow(ShapeError);
    await expect(runNode('LayerNormalization', [x, f64([2, 1, 2], [1, 1, 1, 1])])).rejects.toThrow(
      ShapeError,
    );
    await expect(runNode('LayerNormalization', [f64([1, 1], [1]), vector(1, 2)])).rejects.toThrow(ShapeError);
    await expect(runNode('LayerNormalization', [x, vector(1), f64([3], [1, 1, 1])])).rejects.toThrow(
      ShapeError,
    );
    await expect(runNode('LayerNormalization', [x, vector(1)], { attributes: { axis: -3 } })).rejects.toThrow(
      ShapeError,
    );
    await expect(
      runNode('LayerNormalization', [x, vector(1)], { attributes: { stash_type: 10 } }),
    ).rejects.toThrow('attribute stash_type=10 of LayerNormalization is not supported');
    await expect(runNode('LayerNormalization', [x])).rejects.toThrow(GraphError);
    expect(() => new LayerNormalization({ axis: 2, epsilon: 0 }).infer([x, vector(1)])).toThrow(ShapeError);
  });

  test('describes itself', () => {
    const x = f64([2, 2], [1, 3, 0, 8]);
    const op = new LayerNormalization({ axis: 1, epsilon: 0 });
    expect([op.type, op.attributes]).toEqual([
      'LayerNormalization',
      { axis: 1, epsilon: 0, statistics: undefined },
    ]);
    expect([op.flops([x, x], [x]), op.flops([x, x, x], [x])]).toEqual([28, 32]);
  });
});

describe('RMSNormalization', () => {
  test('by hand, in the type of the scale', async () => {
    const x = Tensor.from('f32', [2, 2], [1, 7, 3, 3]);
    const y = await runNode1('RMSNormalization', [x, Tensor.from('f16', [2], [5, 10])], {
      attributes: { epsilon: { float: 0 }, stash_type: 1 },
      opset: 23,
    });
    expect(y).toEqual(Tensor.from('f16', [2, 2], [1, 14, 5, 10]));
  });

  test('is homogeneous: without epsilon, a factor cancels', () => {
    fc.assert(
      fc.property(doubles(6, 0.5), fc.double({ min: 0.5, max: 9, noNaN: true }), (values, factor) => {
        const op = new RMSNormalization(1, 0);
        const scale = vector(1, 1, 1);
        const [plain] = op.reference([f64([2, 3], values), scale]);
        const [scaled] = op.reference([
          f64(
            [2, 3],
            values.map((x) => x * factor),
          ),
          scale,
        ]);
        expect(scaled.toNumbers()).toEqual(near(plain.toNumbers()));
      }),
    );
  });

  test('describes itself; wrong inputs', () => {
    const x = f64([2, 2], [1, 3, 0, 8]);
    const op = new RMSNormalization(1, 0);
    expect([op.type, op.attributes, op.flops([x, x], [x])]).toEqual([
      'RMSNormalization',
      { axis: 1, epsilon: 0 },
      16,
    ]);
    expect(() => op.infer([x, vector(1, 2, 3)])).toThrow(ShapeError);
    expect(() => op.infer([x, Tensor.from('i8', [2], [1, 1])])).toThrow(UnsupportedError);
    expect(() => new RMSNormalization(-1, 0).infer([x, vector(1, 2)])).toThrow(ShapeError);
  });
});

describe('LRN', () => {
  const x = f64([1, 4, 1, 1], [1, 2, 3, 4]);

  test('windows of odd and even sizes: an even one reaches further up', async () => {
    // beta = 1, bias = 0 and alpha = size leave x divided by the sum of squares in its window.
    const cases: [number, number[]][] = [
      [1, [1, 1 / 2, 1 / 3, 1 / 4]],
      [2, [1 / 5, 2 / 13, 3 / 25, 4 / 16]],
      [3, [1 / 5, 2 / 14, 3 / 29, 4 / 25]],
      [4, [1 / 14, 2 / 30, 3 / 29, 4 / 25]],
      [1000, [1 / 30, 2 / 30, 3 / 30, 4 / 30]],
    ];
    for (const [size, expected] of cases) {
      const attributes = { size, alpha: { float: size }, beta: { float: 1 }, bias: { float: 0 } };
      const y = await runNode1('LRN', [x], { attributes });
      expect(y.toNumbers()).toEqual(near(expected));
    }
  });

  test('defaults: alpha 1e-4, beta 3/4, bias 1', async () => {
    const y = await runNode1('LRN', [f64([1, 1], [100])], { attributes: { size: 1 } });
    expect(y.data[0]).toBeCloseTo(100 / 2 ** 0.75, 8);
  });

  test('wrong attributes and inputs', async () => {
    await expect(runNode('LRN', [x])).rejects.toThrow(GraphError);
    await expect(runNode('LRN', [x], { attributes: { size: 0 } })).rejects.toThrow(ShapeError);
    await expect(runNode('LRN', [vector(1)], { attributes: { size: 1 } })).rejects.toThrow(ShapeError);
    await expect(
      runNode('LRN', [Tensor.from('u8', [1, 1], [1])], { attributes: { size: 1 } }),
    ).rejects.toThrow(UnsupportedError);
    const huge = new LRN({ size: Number.MAX_SAFE_INTEGER, alpha: 1, beta: 1, bias: 1 });
    expect(huge.reference([x])[0].toNumbers().every(Number.isFinite)).toBe(true);
  });

  test('describes itself', () => {
    const op = new LRN({ size: 3, alpha: 1, beta: 0.5, bias: 2 });
    expect([op.type, op.attributes]).toEqual(['LRN', { size: 3, alpha: 1, beta: 0.5, bias: 2 }]);
    expect(op.flops([x])).toBe(40);
  });
});

describe('MeanVarianceNormalization', () => {
  test('over batch and space by default', async () => {
    const x = f64([2, 2, 1, 1], [1, 5, 3, 5]);
    expect((await runNode1('MeanVarianceNormalization', [x])).toNumbers()).toEqual(
      near([-1, 0, 1, 0].map((value) => value / (1 + 1e-9))),
    );
  });

  test('over given axes every row gets mean 0 and variance 1', async () => {
    await fc.assert(
      fc.asyncProperty(doubles(12), async (values) => {
        fc.pre(moments(values.slice(0, 6))[1] > 0.1 && moments(values.slice(6))[1] > 0.1);
        const y = await runNode1('MeanVarianceNormalization', [f64([2, 3, 2], values)], {
          attributes: { axes: [-1, 1] },
        });
        for (const first of [0, 6]) {
          const [mean, variance] = moments(y.toNumbers().slice(first, first + 6));
          expect(mean).toBeCloseTo(0, 9);
          expect(variance).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  test('wrong axes; describes itself', async () => {
    const x = f64([2, 2], [1, 2, 3, 4]);
    await expect(runNode('MeanVarianceNormalization', [x])).rejects.toThrow(ShapeError);
    await expect(
      runNode('MeanVarianceNormalization', [x], { attributes: { axes: [1, -1] } }),
    ).rejects.toThrow(ShapeError);
    await expect(runNode('MeanVarianceNormalization', [x], { opset: 8 })).rejects.toThrow(UnsupportedError);
    const op = new MeanVarianceNormalization([0]);
    expect([op.type, op.attributes, op.flops([x], op.infer([x]))]).toEqual([
      'MeanVarianceNormalization',
      { axes: [0] },
      24,
    ]);
  });
});

describe('LpNormalization', () => {
  const x = f64([2, 2], [3, -4, 0, 0]);

  test('by the sum of magnitudes or the Euclidean norm; zeros stay zeros', async () => {
    expect((await runNode1('LpNormalization', [x])).toNumbers()).toEqual(near([0.6, -0.8, 0, 0]));
    const l1 = await runNode1('LpNormalization', [x], { attributes: { p: 1 } });
    expect(l1.toNumbers()).toEqual(near([3 / 7, -4 / 7, 0, 0]));
    const columns = await runNode1('LpNormalization', [x], { attributes: { axis: 0 } });
    expect(columns.toNumbers()).toEqual([1, -1, 0, 0]);
  });

  test('wrong attributes; describes itself', async () => {
    await expect(runNode('LpNormalization', [x], { attributes: { p: 3 } })).rejects.toThrow(
      'attribute p=3 of LpNormalization is not supported',
    );
    await expect(runNode('LpNormalization', [x], { attributes: { axis: 2 } })).rejects.toThrow(ShapeError);
    const op = new LpNormalization(1, 2);
    expect([op.type, op.attributes, op.flops([x], op.infer([x]))]).toEqual([
      'LpNormalization',
      { axis: 1, p: 2 },
      12,
    ]);
  });
});
