import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { OnnxModel } from '../../src/onnx/index.js';
import { Unary } from '../../src/ops/unary.js';
import { UNARY_FUNCTIONS, clip } from '../../src/ops/unary-functions.js';
import { Tensor, type DType, type TensorType } from '../../src/tensor/index.js';
import { makeModel, makeNode, port, type AttributeInput } from '../support/onnx-builder.js';
import { importNode, runNode1 } from '../support/run-node.js';

type Attributes = Readonly<Record<string, AttributeInput>>;

/** The operator on a vector of doubles. */
async function apply(opType: string, x: readonly number[], attributes: Attributes = {}): Promise<number[]> {
  const y = await runNode1(opType, [Tensor.from('f64', [x.length], x)], { attributes, opset: 25 });
  expect(y.dtype).toBe('f64');
  return y.toNumbers();
}

/** Numbers to six decimals, -0 as 0. */
function rounded(values: readonly number[]): number[] {
  return values.map((x) => Number(x.toFixed(6)) + 0);
}

const { E } = Math;

/** Input, attributes, and the result worked out by hand from the formula in ONNX's specification. */
const cases: readonly [op: string, x: number[], attributes: Attributes, y: number[]][] = [
  ['Relu', [-1.5, 0, 2], {}, [0, 0, 2]],
  ['LeakyRelu', [-100, 0, 3], {}, [-1, 0, 3]],
  ['LeakyRelu', [-4, 4], { alpha: 0.25 }, [-1, 4]],
  ['Elu', [-1, 0, 2], {}, [1 / E - 1, 0, 2]],
  ['Elu', [-1, 2], { alpha: { float: 2 } }, [2 / E - 2, 2]],
  ['Selu', [1, 0, -1], {}, [1.05070098, 0, 1.05070098 * 1.67326324 * (1 / E - 1)]],
  ['Selu', [1, -1], { alpha: { float: 2 }, gamma: { float: 3 } }, [3, 6 / E - 6]],
  ['Celu', [-2, 0, 2], { alpha: { float: 2 } }, [2 / E - 2, 0, 2]],
  ['Sigmoid', [0, Math.log(3), -Math.log(3)], {}, [0.5, 0.75, 0.25]],
  ['HardSigmoid', [-3, -1, 0, 1, 3], {}, [0, 0.3, 0.5, 0.7, 1]],
  ['HardSigmoid', [-1, 0.5, 1], { alpha: 0.5, beta: 0.25 }, [0, 0.5, 0.75]],
  ['HardSwish', [-4, -3, -1, 0, 1, 3, 5], {}, [0, 0, -1 / 3, 0, 2 / 3, 3, 5]],
  ['Swish', [0, Math.log(3)], {}, [0, 0.75 * Math.log(3)]],
  ['Swish', [Math.log(3)], { alpha: { float: -1 } }, [0.25 * Math.log(3)]],
  // tanh(ln(1 + e^0)) = tanh(ln 2) = (4 - 1) / (4 + 1)
  ['Mish', [0, Math.log(3)], {}, [0, (Math.log(3) * 15) / 17]],
  ['Softplus', [0, Math.log(3), 1000, -1000], {}, [Math.log(2), Math.log(4), 1000, 0]],
  ['Softsign', [-1, 0, 3], {}, [-0.5, 0, 0.75]],
  ['ThresholdedRelu', [0.5, 1, 1.5], {}, [0, 0, 1.5]],
  ['ThresholdedRelu', [2, 2.5], { alpha: { float: 2 } }, [0, 2.5]],
  ['Shrink', [-1, -0.5, 0, 0.5, 1], {}, [-1, 0, 0, 0, 1]],
  ['Shrink', [-2, -1.5, 1.5, 2], { lambd: 1.5, bias: 1.5 }, [-0.5, 0, 0, 0.5]],
  ['Tanh', [0, Math.log(2)], {}, [0, 0.6]],
  // x * Phi(x), Phi being the normal distribution: Phi(1) = 0.841344746, Phi(-2) = 0.022750132
  ['Gelu', [0, 1, -2], {}, [0, 0.841344746, -0.045500264]],
  ['Gelu', [0, 1, -2], { approximate: 'tanh' }, [0, 0.841191991, -0.045402306]],
];

describe('values', () => {
  test.each(cases)('%s of [%s] with %o', async (op, x, attributes, y) => {
    expect(rounded(await apply(op, x, attributes))).toEqual(rounded(y));
  });

  test.each(UNARY_FUNCTIONS.filter(({ activation }) => activation))(
    '$name $parameters passes NaN on, but for thresholds, and does not overflow',
    ({ name, apply: f }) => {
      expect(f(NaN)).toBe(name === 'ThresholdedRelu' || name === 'Shrink' ? 0 : NaN);
      expect(f(800)).not.toBeNaN();
      expect(f(-800)).not.toBeNaN();
    },
  );

  test('Relu keeps integers of 64 bits exact', async () => {
    const x = Tensor.from('i64', [2], [2n ** 62n + 1n, -(2n ** 62n) - 1n]);
    expect((await runNode1('Relu', [x])).toBigInts()).toEqual([2n ** 62n + 1n, 0n]);
  });

  test.each(['f64', 'f32', 'f16', 'bf16'] as const)('results are rounded once to %s', async (dtype) => {
    const x = Tensor.from(dtype, [3], [-0.7, 0.3, 1.9]);
    const exact = x.toNumbers().map((value) => 1 / (1 + Math.exp(-value)));
    expect((await runNode1('Sigmoid', [x])).data).toEqual(Tensor.from(dtype, [3], exact).data);
  });
});

describe('laws', () => {
  const numbers = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 20 });
  const law = (check: (x: number[]) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(numbers, check), { numRuns: 30 });

  test('sigmoid(x) + sigmoid(-x) = 1, and softplus(x) - softplus(-x) = x', () =>
    law(async (x) => {
      const negated = x.map((value) => -value);
      const [s, t] = [await apply('Sigmoid', x), await apply('Sigmoid', negated)];
      const [p, q] = [await apply('Softplus', x), await apply('Softplus', negated)];
      x.forEach((value, i) => {
        expect(s[i] + t[i]).toBeCloseTo(1, 12);
        expect(p[i] - q[i]).toBeCloseTo(value, 12);
      });
    }));

  test('gelu(x) - gelu(-x) = x, in both forms, and they differ by less than 5e-4', () =>
    law(async (x) => {
      const negated = x.map((value) => -value);
      const exact = await apply('Gelu', x);
      const tanh = await apply('Gelu', x, { approximate: 'tanh' });
      const mirrored = await apply('Gelu', negated);
      x.forEach((value, i) => {
        expect(exact[i] - mirrored[i]).toBeCloseTo(value, 12);
        expect(Math.abs(exact[i] - tanh[i])).toBeLessThan(5e-4);
      });
    }));

  test('Elu and Selu are bounded below, and Celu is Elu where alpha is 1', () =>
    law(async (x) => {
      for (const value of await apply('Elu', x)) expect(value).toBeGreaterThanOrEqual(-1);
      for (const value of await apply('Selu', x)) expect(value).toBeGreaterThan(-1.7581);
      expect(rounded(await apply('Elu', x))).toEqual(rounded(await apply('Celu', x)));
    }));
});

describe('PRelu', () => {
  test('the slope is broadcast to x: one per channel', async () => {
    const x = Tensor.from('f32', [1, 2, 2], [-1, 2, -3, 4]);
    const slope = Tensor.from('f32', [2, 1], [0.5, 10]);
    expect((await runNode1('PRelu', [x, slope])).toNumbers()).toEqual([-0.5, 2, -30, 4]);
  });

  test('works on integers', async () => {
    const y = await runNode1('PRelu', [Tensor.from('i64', [2], [-3, 4]), Tensor.scalar('i64', 2)]);
    expect(y.toBigInts()).toEqual([-6n, 4n]);
  });

  test('x is not broadcast to the slope', async () => {
    const inputs = [Tensor.from('f32', [2], [-1, 2]), Tensor.from('f32', [2, 2], [1, 2, 3, 4])];
    await expect(runNode1('PRelu', inputs)).rejects.toThrow(ShapeError);
  });
});

const f32 = (...values: number[]): Tensor => Tensor.from('f32', [values.length], values);
const scalar = (value: number): Tensor => Tensor.scalar('f32', value);

const model = (types: readonly TensorType[], initializers: Readonly<Record<string, Tensor>> = {}) => {
  const names = ['x', 'low', 'high'];
  const inputs = Object.fromEntries(types.map(({ dtype, dims }, i) => [names[i], port(dtype, dims)]));
  return makeModel({
    nodes: [makeNode('Clip', names, ['y'])],
    inputs,
    outputs: { y: port('f32') },
    initializers,
  });
};
const typesOf = async (bytes: Uint8Array, dims: Readonly<Record<string, readonly number[]>>) =>
  [...(await OnnxModel.parse(bytes)).build({ dims: new Map(Object.entries(dims)) }).nodes].map(
    (node) => [node.op.type, node.op.attributes, node.outputs[0].type.dims] as const,
  );

describe('Clip', () => {
  test('bounds as inputs, each optional', async () => {
    const x = f32(-5, 0.5, 7, -Infinity, NaN);
    expect((await runNode1('Clip', [x, scalar(0), scalar(6)])).toNumbers()).toEqual([0, 0.5, 6, 0, NaN]);
    expect((await runNode1('Clip', [x, undefined, scalar(1)])).toNumbers()).toEqual([
      -5,
      0.5,
      1,
      -Infinity,
      NaN,
    ]);
    expect((await runNode1('Clip', [x, scalar(-1)])).toNumbers()).toEqual([-1, 0.5, 7, -1, NaN]);
    expect((await runNode1('Clip', [x])).toNumbers()).toEqual([-5, 0.5, 7, -Infinity, NaN]);
  });

  test('bounds as attributes before operator set 11', async () => {
    const options = { attributes: { min: { float: 0 }, max: { float: 6 } }, opset: 7 };
    expect((await runNode1('Clip', [f32(-1, 3, 9)], options)).toNumbers()).toEqual([0, 3, 6]);
    await expect(runNode1('Clip', [f32(1)], { ...options, opset: 11 })).rejects.toThrow(
      'attribute min of Clip',
    );
  });

  test('where min is above max, everything becomes max', async () => {
    const y = await runNode1('Clip', [f32(-9, 3, 9), scalar(5), scalar(2)]);
    expect(y.toNumbers()).toEqual([2, 2, 2]);
    const integers = await runNode1('Clip', [
      Tensor.from('i64', [3], [-9, 3, 9]),
      Tensor.scalar('i64', 5),
      Tensor.scalar('i64', 2),
    ]);
    expect(integers.toNumbers()).toEqual([2, 2, 2]);
  });

  test('constant bounds of one element never change the shape', async () => {
    for (const dtype of ['f32', 'i64'] as const) {
      const bound = Tensor.from(dtype, [1, 1], dtype === 'i64' ? [2n ** 60n] : [3]);
      expect((await runNode1('Clip', [Tensor.scalar(dtype, 1), bound])).dims).toEqual([]);
    }
  });

  test('64-bit bounds stay exact', async () => {
    const bound = 2n ** 62n + 1n;
    const x = Tensor.from('i64', [3], [bound - 1n, bound, bound + 1n]);
    const low = await runNode1('Clip', [x, Tensor.scalar('i64', bound)]);
    expect(low.toBigInts()).toEqual([bound, bound, bound + 1n]);
    const u64 = Tensor.from('u64', [2], [2n ** 64n - 1n, 5n]);
    const high = await runNode1('Clip', [u64, undefined, Tensor.scalar('u64', 2n ** 64n - 2n)]);
    expect(high.toBigInts()).toEqual([2n ** 64n - 2n, 5n]);
  });

  test('constant bounds are parameters, so that a layer can fuse it', async () => {
    const bytes = model([{ dtype: 'f32', dims: [2] }], { low: f32(0), high: scalar(6) });
    expect(await typesOf(bytes, { x: [2] })).toEqual([['Clip', { min: 0, max: 6 }, [2]]]);
  });

  test('bounds known only at run time become a maximum and a minimum', async () => {
    const types = [[2], [], [1]].map((dims): TensorType => ({ dtype: 'f32', dims }));
    expect(await typesOf(model(types), { x: [2], low: [], high: [1] })).toEqual([
      ['Max', {}, [2]],
      ['Min', {}, [2]],
    ]);
  });

  test('bounds of another type or of several elements are refused', async () => {
    await expect(runNode1('Clip', [f32(1), Tensor.scalar('f64', 0)])).rejects.toThrow(ShapeError);
    await expect(runNode1('Clip', [f32(1, 2), f32(0, 1)])).rejects.toThrow(ShapeError);
    const types = [[2], [1, 1], []].map((dims): TensorType => ({ dtype: 'f32', dims }));
    await expect(typesOf(model(types), { x: [2], low: [1, 1], high: [] })).rejects.toThrow(ShapeError);
  });

  test('is max(min, x) then min(max, ·) for any bounds, integers and floats alike', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (x, low, high) => {
        const expected = [x, low, high].sort((a, b) => a - b)[1];
        const { apply: f, applyInteger: g } = clip(low, high);
        expect(f(x)).toBe(low <= high ? expected : high);
        expect(Number(g?.(BigInt(x)))).toBe(low <= high ? expected : high);
      }),
    );
  });
});

describe('refusals', () => {
  test.each(['Sigmoid', 'LeakyRelu', 'Gelu', 'Tanh'])('%s works on floats alone', async (op) => {
    const attempt = runNode1(op, [Tensor.from('i32', [1], [1])]);
    await expect(attempt).rejects.toThrow(UnsupportedError);
    await expect(attempt).rejects.toThrow(`element type i32 of ${op}`);
  });

  test.each<DType>(['bool', 'f8e4m3fn', 'i4'])('Relu does not work on %s', async (dtype) => {
    await expect(runNode1('Relu', [Tensor.from(dtype, [1], [1])])).rejects.toThrow(UnsupportedError);
  });

  test('unknown modes and attributes are named', async () => {
    const x = Tensor.from('f32', [1], [1]);
    await expect(runNode1('Gelu', [x], { attributes: { approximate: 'erf' } })).rejects.toThrow(
      'attribute approximate="erf" of Gelu',
    );
    await expect(runNode1('Relu', [x], { attributes: { alpha: 0.5 } })).rejects.toThrow(
      'attribute alpha of Relu',
    );
  });
});

test('parameters are attributes of the op, and operations are counted per element', async () => {
  const [node] = await importNode('HardSigmoid', [2, 3], { attributes: { alpha: 0.25 } });
  expect(node.label).toBe('HardSigmoid "y"');
  expect(node.op.attributes).toEqual({ alpha: 0.25, beta: 0.5 });
  expect(node.flops).toBe(4 * 6);
  expect(node.bytes).toBe(2 * 4 * 6);
  expect(node.op).toBeInstanceOf(Unary);
});
