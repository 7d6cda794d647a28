import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, GraphError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { Tensor, type DType } from '../../src/tensor/index.js';
import { runNode1 } from '../support/run-node.js';

const f32 = (...values: number[]): Tensor => Tensor.from('f32', [values.length], values);
const bool = (...values: number[]): Tensor => Tensor.from('bool', [values.length], values);
const of = (dtype: DType, ...values: number[]): Tensor => Tensor.from(dtype, [values.length], values);

const shift = (direction: string, x: Tensor, amount: Tensor): Promise<Tensor> =>
  runNode1('BitShift', [x, amount], { attributes: { direction } });

describe('comparison', () => {
  const a = f32(1, 2, 3, NaN, Infinity, 0);
  const b = f32(2, 2, 2, NaN, Infinity, -0);

  test.each([
    ['Equal', [0, 1, 0, 0, 1, 1]],
    ['Less', [1, 0, 0, 0, 0, 0]],
    ['Greater', [0, 0, 1, 0, 0, 0]],
    ['LessOrEqual', [1, 1, 0, 0, 1, 1]],
    ['GreaterOrEqual', [0, 1, 1, 0, 1, 1]],
  ])('%s', async (op, expected) => {
    const y = await runNode1(op, [a, b]);
    expect(y.dtype).toBe('bool');
    expect(y.toNumbers()).toEqual(expected);
  });

  test('64-bit integers that are one double are still different', async () => {
    const x = Tensor.from('u64', [2], [2n ** 63n, 2n ** 63n + 1n]);
    const y = Tensor.scalar('u64', 2n ** 63n);
    expect((await runNode1('Equal', [x, y])).toNumbers()).toEqual([1, 0]);
    expect((await runNode1('Greater', [x, y])).toNumbers()).toEqual([0, 1]);
  });

  test('Equal takes booleans, the others do not', async () => {
    expect((await runNode1('Equal', [bool(1, 0), bool(1, 1)])).toNumbers()).toEqual([1, 0]);
    await expect(runNode1('Less', [bool(1), bool(0)])).rejects.toThrow('element type bool of Less');
  });

  test('exactly one of less, equal and greater holds for integers', async () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    await fc.assert(
      fc.asyncProperty(integer, integer, async (p, q) => {
        const inputs = [Tensor.scalar('i64', p), Tensor.scalar('i64', q)];
        const results = await Promise.all(
          ['Less', 'Equal', 'Greater'].map(async (op) => (await runNode1(op, inputs)).toNumbers()[0]),
        );
        expect(results).toEqual([p < q, p === q, p > q].map(Number));
      }),
      { numRuns: 30 },
    );
  });
});

describe('logic', () => {
  test.each([
    ['And', [0, 0, 0, 1]],
    ['Or', [0, 1, 1, 1]],
    ['Xor', [0, 1, 1, 0]],
  ])('%s', async (op, expected) => {
    const y = await runNode1(op, [bool(0, 0, 1, 1), bool(0, 1, 0, 1)]);
    expect(y.dtype).toBe('bool');
    expect(y.toNumbers()).toEqual(expected);
    await expect(runNode1(op, [f32(1), f32(1)])).rejects.toThrow(UnsupportedError);
  });

  test('Not', async () => {
    expect((await runNode1('Not', [bool(0, 1)])).toNumbers()).toEqual([1, 0]);
    await expect(runNode1('Not', [of('u8', 1)])).rejects.toThrow(UnsupportedError);
  });
});

describe('bits', () => {
  test('operations on two integers', async () => {
    const inputs = [of('i8', 12, -1, -128), of('i8', 10, 15, 1)];
    expect((await runNode1('BitwiseAnd', inputs)).toNumbers()).toEqual([8, 15, 0]);
    expect((await runNode1('BitwiseOr', inputs)).toNumbers()).toEqual([14, -1, -127]);
    expect((await runNode1('BitwiseXor', inputs)).toNumbers()).toEqual([6, -16, -127]);
    const high = Tensor.scalar('u64', 2n ** 63n + 1n);
    expect((await runNode1('BitwiseXor', [high, Tensor.scalar('u64', 1n)])).toBigInts()).toEqual([2n ** 63n]);
  });

  test('BitwiseNot', async () => {
    expect((await runNode1('BitwiseNot', [of('u8', 0, 5)])).toNumbers()).toEqual([255, 250]);
    expect((await runNode1('BitwiseNot', [of('i16', 0, -6)])).toNumbers()).toEqual([-1, 5]);
    expect((await runNode1('BitwiseNot', [of('u32', 0)])).toNumbers()).toEqual([2 ** 32 - 1]);
    expect((await runNode1('BitwiseNot', [Tensor.scalar('u64', 0)])).toBigInts()).toEqual([2n ** 64n - 1n]);
  });

  test('shifts drop what leaves the type', async () => {
    expect((await shift('LEFT', of('u8', 1, 255, 129), of('u8', 2, 4, 1))).toNumbers()).toEqual([4, 240, 2]);
    expect((await shift('RIGHT', of('u8', 16, 255, 3), of('u8', 4, 1, 2))).toNumbers()).toEqual([1, 127, 0]);
    const top = Tensor.scalar('u64', 2n ** 63n);
    expect((await shift('RIGHT', top, Tensor.scalar('u64', 63))).toBigInts()).toEqual([1n]);
  });

  test('signed integers keep their sign to the right; shifting past the width leaves the sign alone', async () => {
    const x = of('i8', -128, -128, 127, 64, -1, 5);
    const amount = of('i8', 1, 100, 8, 1, -1, -1);
    expect((await shift('RIGHT', x, amount)).toNumbers()).toEqual([-64, -1, 0, 32, -1, 0]);
    expect((await shift('LEFT', x, amount)).toNumbers()).toEqual([0, 0, 0, -128, 0, 0]);
  });

  test('huge amounts take no memory', async () => {
    const amount = Tensor.scalar('u64', 2n ** 64n - 1n);
    const one = Tensor.scalar('u64', 1);
    expect((await shift('LEFT', one, amount)).toBigInts()).toEqual([0n]);
    expect((await shift('RIGHT', one, amount)).toBigInts()).toEqual([0n]);
  });

  test('the direction is needed, and one of two words', async () => {
    const x = of('u8', 1);
    await expect(runNode1('BitShift', [x, x])).rejects.toThrow(FormatError);
    await expect(shift('UP', x, x)).rejects.toThrow('attribute direction="UP" of BitShift');
    await expect(shift('LEFT', f32(1), f32(1))).rejects.toThrow(UnsupportedError);
  });
});

describe('IsNaN and IsInf', () => {
  const x = f32(NaN, Infinity, -Infinity, 1);

  test('tell special values', async () => {
    expect((await runNode1('IsNaN', [x])).toNumbers()).toEqual([1, 0, 0, 0]);
    expect((await runNode1('IsInf', [x])).toNumbers()).toEqual([0, 1, 1, 0]);
    expect((await runNode1('IsInf', [x], { attributes: { detect_negative: 0 } })).toNumbers()).toEqual([
      0, 1, 0, 0,
    ]);
    expect((await runNode1('IsInf', [x], { attributes: { detect_positive: 0 } })).toNumbers()).toEqual([
      0, 0, 1, 0,
    ]);
  });

  test('take 8-bit floats, but no integers', async () => {
    const y = await runNode1('IsNaN', [of('f8e4m3fn', NaN, 448)]);
    expect(y.dtype).toBe('bool');
    expect(y.toNumbers()).toEqual([1, 0]);
    await expect(runNode1('IsInf', [of('i32', 1)])).rejects.toThrow(UnsupportedError);
  });
});

describe('Where', () => {
  test('three shapes broadcast together', async () => {
    const condition = Tensor.from('bool', [2, 1], [1, 0]);
    const y = await runNode1('Where', [condition, f32(1, 2, 3), Tensor.scalar('f32', 9)]);
    expect(y.dims).toEqual([2, 3]);
    expect(y.toNumbers()).toEqual([1, 2, 3, 9, 9, 9]);
  });

  test.each<DType>(['f16', 'i64', 'u4', 'bool', 'f8e5m2', 'f64'])('copies %s as it is', async (dtype) => {
    const [x, y] = [of(dtype, 1, 0, 1), of(dtype, 0, 1, 1)];
    const z = await runNode1('Where', [bool(0, 1, 0), x, y]);
    expect(z.dtype).toBe(dtype);
    expect([...z.data]).toEqual([y.data[0], x.data[1], y.data[2]]);
  });

  test('NaN that is not chosen leaves no trace', async () => {
    expect((await runNode1('Where', [bool(0, 1), f32(NaN, 1), f32(2, NaN)])).toNumbers()).toEqual([2, 1]);
  });

  test('refuses conditions that are not bool, mixed types, unfit shapes and missing inputs', async () => {
    await expect(runNode1('Where', [f32(1), f32(1), f32(1)])).rejects.toThrow(ShapeError);
    await expect(runNode1('Where', [bool(1), f32(1), of('f64', 1)])).rejects.toThrow(ShapeError);
    await expect(runNode1('Where', [bool(1, 0), f32(1, 2, 3), f32(1)])).rejects.toThrow(ShapeError);
    await expect(runNode1('Where', [bool(1), f32(1)])).rejects.toThrow(GraphError);
  });
});
