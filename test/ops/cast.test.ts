import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError, UnsupportedError } from '../../src/errors.js';
import { codeOfDType } from '../../src/onnx/tensor-proto.js';
import { Cast } from '../../src/ops/cast.js';
import { DTYPES, Tensor, type DType } from '../../src/tensor/index.js';
import type { AttributeInput } from '../support/onnx-builder.js';
import { importNode, runNode1 } from '../support/run-node.js';

const ALL = Object.keys(DTYPES) as DType[];

async function cast(
  x: Tensor,
  to: DType,
  attributes: Readonly<Record<string, AttributeInput>> = {},
): Promise<Tensor> {
  const y = await runNode1('Cast', [x], { attributes: { to: codeOfDType(to), ...attributes }, opset: 24 });
  expect(y.dtype).toBe(to);
  expect(y.dims).toEqual(x.dims);
  return y;
}

const f64 = (...values: number[]): Tensor => Tensor.from('f64', [values.length], values);
const i64 = (...values: bigint[]): Tensor => Tensor.from('i64', [values.length], values);

describe('between all types', () => {
  test.each(ALL)('0 and 1 survive from %s to every type and back', async (from) => {
    // f8e8m0 has no zero.
    const numbers = from === 'f8e8m0' ? [1] : [0, 1];
    const x = Tensor.from(from, [numbers.length], numbers);
    for (const to of ALL.filter((type) => type !== 'f8e8m0' || from === 'f8e8m0')) {
      const y = await cast(x, to);
      expect(y.toNumbers()).toEqual(numbers);
      expect((await cast(y, from)).data).toEqual(x.data);
    }
  });

  test.each(ALL)('%s to itself is left alone', (dtype) => {
    const x = Tensor.from(dtype, [1], [1]);
    expect(new Cast(dtype).reference([x])[0]).toBe(x);
  });

  test('a cast to the same type adds no node', async () => {
    expect(await importNode('Cast', [1], { attributes: { to: 1 } })).toEqual([]);
  });
});

describe('floats to integers', () => {
  test('truncate toward zero', async () => {
    const x = f64(-1.9, -0.5, 0.5, 1.9, 2.5);
    for (const to of ['i64', 'i32', 'i16', 'i8', 'i4'] as const) {
      expect((await cast(x, to)).toBigInts()).toEqual([-1n, 0n, 0n, 1n, 2n]);
    }
  });

  test('narrow types keep the low bits, as in C by way of int32', async () => {
    expect((await cast(f64(300, -1, 70000), 'u8')).toNumbers()).toEqual([44, 255, 112]);
    expect((await cast(f64(300.7, 9, -9), 'i4')).toNumbers()).toEqual([-4, -7, 7]);
    expect((await cast(f64(5, -3), 'u2')).toNumbers()).toEqual([1, 1]);
    expect((await cast(f64(3e9, Infinity, NaN), 'i16')).toNumbers()).toEqual([0, 0, 0]);
  });

  test('what does not fit a wide type becomes its least number, as on x86', async () => {
    const x = f64(2 ** 31, -(2 ** 31), NaN, Infinity, 2 ** 31 - 1);
    const least = -(2 ** 31);
    expect((await cast(x, 'i32')).toNumbers()).toEqual([least, least, least, least, 2 ** 31 - 1]);
    const wide = await cast(f64(2 ** 63, 1e300, NaN, -(2 ** 62)), 'i64');
    expect(wide.toBigInts()).toEqual([-(2n ** 63n), -(2n ** 63n), -(2n ** 63n), -(2n ** 62n)]);
    expect((await cast(f64(3e9, -1, 2 ** 32 + 7), 'u32')).toNumbers()).toEqual([3e9, 2 ** 32 - 1, 7]);
    expect((await cast(f64(2 ** 63, -1), 'u64')).toBigInts()).toEqual([2n ** 63n, 2n ** 64n - 1n]);
  });
});

describe('integers', () => {
  test('narrowing drops the high bits: the specification’s 200 -> -56', async () => {
    expect((await cast(Tensor.from('i16', [1], [200]), 'i8')).toNumbers()).toEqual([-56]);
  });

  test('64 bits are exact on the way', () => {
    const any = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(any, (x) => {
        const as = (to: DType): bigint => new Cast(to).reference([i64(x)])[0].toBigInts()[0];
        for (const bits of [2, 4, 8, 16, 32, 64]) {
          expect(as(`i${bits}` as DType)).toBe(BigInt.asIntN(bits, x));
          expect(as(`u${bits}` as DType)).toBe(BigInt.asUintN(bits, x));
        }
        expect(as('bool')).toBe(BigInt(x !== 0n));
      }),
    );
  });

  test('widening keeps the sign', async () => {
    expect((await cast(Tensor.from('i8', [1], [-1]), 'u32')).toNumbers()).toEqual([2 ** 32 - 1]);
    expect((await cast(Tensor.from('i4', [1], [-8]), 'i64')).toBigInts()).toEqual([-8n]);
  });
});

describe('booleans', () => {
  test('all that is not zero is true, NaN and fractions too', async () => {
    expect((await cast(f64(0, -0, 0.1, NaN, -2), 'bool')).toNumbers()).toEqual([0, 0, 1, 1, 1]);
    expect((await cast(i64(0n, 2n ** 32n), 'bool')).toNumbers()).toEqual([0, 1]);
  });
});

describe('floats', () => {
  test('round to nearest, ties to even, and overflow to infinity', async () => {
    expect((await cast(f64(2049, 2051, 65520, -1e9), 'f16')).toNumbers()).toEqual([
      2048,
      2052,
      Infinity,
      -Infinity,
    ]);
    expect((await cast(f64(257, 259), 'bf16')).toNumbers()).toEqual([256, 260]);
    expect((await cast(f64(0.1, 1e39), 'f32')).toNumbers()).toEqual([Math.fround(0.1), Infinity]);
  });

  const special = f64(NaN, Infinity, -Infinity, 1e6, -1e6, 0.3);
  const e5m2 = 0.3125;

  // The two tables of the specification of Cast.
  test.each([
    ['f8e4m3fn', [NaN, 448, -448, 448, -448, e5m2], [NaN, NaN, NaN, NaN, NaN, e5m2]],
    ['f8e4m3fnuz', [NaN, 240, -240, 240, -240, e5m2], [NaN, NaN, NaN, NaN, NaN, e5m2]],
    [
      'f8e5m2',
      [NaN, 57344, -57344, 57344, -57344, e5m2],
      [NaN, Infinity, -Infinity, Infinity, -Infinity, e5m2],
    ],
    ['f8e5m2fnuz', [NaN, 57344, -57344, 57344, -57344, e5m2], [NaN, NaN, NaN, NaN, NaN, e5m2]],
  ] as const)('to %s, saturating and not', async (to, saturated, strict) => {
    expect((await cast(special, to)).toNumbers()).toEqual(saturated);
    expect((await cast(special, to, { saturate: 0 })).toNumbers()).toEqual(strict);
  });

  test('to f4e2m1 there is only saturation', async () => {
    const y = await cast(f64(100, -Infinity, 2.5, 5, 0.25), 'f4e2m1', { saturate: 0 });
    expect(y.toNumbers()).toEqual([6, -6, 2, 4, 0]);
  });

  test('to f8e8m0 by each rounding', async () => {
    const x = f64(3, 5, 2 ** 130, 0);
    const least = 2 ** -127;
    expect((await cast(x, 'f8e8m0')).toNumbers()).toEqual([4, 8, 2 ** 127, least]);
    expect((await cast(x, 'f8e8m0', { round_mode: 'down' })).toNumbers()).toEqual([2, 4, 2 ** 127, least]);
    const nearest = await cast(x, 'f8e8m0', { round_mode: 'nearest', saturate: 0 });
    expect(nearest.toNumbers()).toEqual([4, 4, NaN, NaN]);
  });
});

describe('importing', () => {
  test('CastLike takes the type of its second input', async () => {
    const y = await runNode1('CastLike', [f64(2.5), Tensor.from('f16', [3], [0, 0, 0])]);
    expect(y.dtype).toBe('f16');
    expect(y.toNumbers()).toEqual([2.5]);
  });

  test('types that are not there are refused by name', async () => {
    await expect(runNode1('Cast', [f64(1)], { attributes: { to: 8 } })).rejects.toThrow(
      'element type string is not supported',
    );
    await expect(runNode1('Cast', [f64(1)], { attributes: { to: 99 } })).rejects.toThrow(UnsupportedError);
    await expect(runNode1('Cast', [f64(1)])).rejects.toThrow(FormatError);
    await expect(runNode1('Cast', [f64(1)], { attributes: { to: 24, round_mode: 'odd' } })).rejects.toThrow(
      'attribute round_mode="odd" of Cast',
    );
  });

  test('attributes tell only what matters', async () => {
    const [half] = await importNode('Cast', [2], { attributes: { to: 10 } });
    expect(half.op.attributes).toEqual({ to: 'f16', saturate: undefined, round_mode: undefined });
    expect(half.flops).toBe(0);
    expect(half.bytes).toBe(2 * (4 + 2));
    expect(new Cast('f8e8m0').attributes).toEqual({ to: 'f8e8m0', saturate: true, round_mode: 'up' });
  });
});
