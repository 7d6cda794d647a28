import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { BINARY_FUNCTIONS, add, bitwiseAnd } from '../../src/ops/binary-functions.js';
import { Binary } from '../../src/ops/binary.js';
import { erf } from '../../src/ops/erf.js';
import { UNARY_FUNCTIONS } from '../../src/ops/unary-functions.js';
import { Tensor, integerRange, sizeOf, stridesOf, type DType } from '../../src/tensor/index.js';
import type { AttributeInput } from '../support/onnx-builder.js';
import { importNode, runNode1 } from '../support/run-node.js';

const f64 = (...values: number[]): Tensor => Tensor.from('f64', [values.length], values);
const i32 = (...values: number[]): Tensor => Tensor.from('i32', [values.length], values);
const i64 = (...values: (number | bigint)[]): Tensor =>
  Tensor.from('i64', [values.length], values.map(BigInt));

async function numbers(
  op: string,
  inputs: Tensor[],
  attributes: Readonly<Record<string, AttributeInput>> = {},
): Promise<number[]> {
  return (await runNode1(op, inputs, { attributes, opset: 25 })).toNumbers();
}

/** Numbers to ten decimals; NaN and infinities as they are, -0 as 0. */
function rounded(values: readonly number[]): number[] {
  return values.map((x) => Number(x.toFixed(10)) + 0);
}

/** The error function by Simpson’s rule. */
const simpson = (x: number): number => {
  const n = 400;
  const f = (i: number): number => Math.exp(-(((x * i) / n) ** 2));
  let sum = f(0) + f(n);
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * f(i);
  return (2 / Math.sqrt(Math.PI)) * ((x / n / 3) * sum);
};

const widths: readonly DType[] = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64'];
const wrapped = (dtype: DType, value: bigint): bigint => {
  const bits = Number(dtype.slice(1));
  return dtype.startsWith('i') ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
};

describe('functions of one number', () => {
  const { PI } = Math;
  const cases: readonly [op: string, x: number[], y: number[]][] = [
    ['Abs', [-2, 0, 3, -Infinity], [2, 0, 3, Infinity]],
    ['Neg', [-2, 3], [2, -3]],
    ['Sign', [-7, 0, 0.1, NaN], [-1, 0, 1, NaN]],
    ['Ceil', [-1.5, 1.2, 3], [-1, 2, 3]],
    ['Floor', [-1.5, 1.2, 3], [-2, 1, 3]],
    ['Round', [0.9, 2.5, 2.3, 1.5, -4.5, -3.5, -0.5, 1e300], [1, 2, 2, 2, -4, -4, -0, 1e300]],
    ['Sqrt', [0, 2.25, -1], [0, 1.5, NaN]],
    ['Reciprocal', [4, -0.5, 0], [0.25, -2, Infinity]],
    ['Exp', [0, 1, -Infinity], [1, Math.E, 0]],
    ['Log', [1, Math.E, 0, -1], [0, 1, -Infinity, NaN]],
    ['Sin', [0, PI / 6, PI / 2], [0, 0.5, 1]],
    ['Cos', [0, PI / 3, PI], [1, 0.5, -1]],
    ['Tan', [0, PI / 4], [0, 1]],
    ['Asin', [0.5, 1, 2], [PI / 6, PI / 2, NaN]],
    ['Acos', [0.5, 1], [PI / 3, 0]],
    ['Atan', [1, Infinity], [PI / 4, PI / 2]],
    ['Sinh', [0, Math.log(2)], [0, 0.75]],
    ['Cosh', [0, Math.log(2)], [1, 1.25]],
    ['Asinh', [0.75], [Math.log(2)]],
    ['Acosh', [1.25, 0.5], [Math.log(2), NaN]],
    ['Atanh', [0.6, 1], [Math.log(2), Infinity]],
  ];

  test.each(cases)('%s of [%s]', async (op, x, y) => {
    const result = await numbers(op, [f64(...x)]);
    expect(rounded(result)).toEqual(rounded(y));
  });

  test('Round keeps the sign of zero', async () => {
    expect(Object.is((await numbers('Round', [f64(-0.4)]))[0], -0)).toBe(true);
  });

  test('integers are exact, and wrap as in C', async () => {
    const least = -(2n ** 63n);
    expect((await runNode1('Abs', [i64(least, least + 1n)])).toBigInts()).toEqual([least, 2n ** 63n - 1n]);
    expect((await runNode1('Neg', [i64(2n ** 60n + 1n)])).toBigInts()).toEqual([-(2n ** 60n) - 1n]);
    expect((await runNode1('Sign', [i64(least, 0, 5)])).toBigInts()).toEqual([-1n, 0n, 1n]);
    expect(await numbers('Abs', [Tensor.from('i8', [2], [-128, -5])])).toEqual([-128, 5]);
    expect(await numbers('Neg', [Tensor.from('u8', [1], [1])])).toEqual([255]);
  });

  test('names are unique but for the forms of one operator', () => {
    const keys = [...UNARY_FUNCTIONS, ...BINARY_FUNCTIONS].map(
      ({ name, parameters }) => `${name} ${JSON.stringify(parameters)}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('Erf', () => {
  /** Abramowitz and Stegun, table 7.1, and erf(3), erf(4) to double precision. */
  const known = [
    [0, 0],
    [1e-300, 1.1283791670955126e-300],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [4, 0.9999999845827421],
    [6, 1],
    [Infinity, 1],
  ];

  test('known values, to a few units in the last place', async () => {
    const result = await numbers('Erf', [f64(...known.map(([x]) => x))]);
    known.forEach(([, y], i) => expect(Math.abs(result[i] - y)).toBeLessThanOrEqual(2e-15 * y));
    expect(await numbers('Erf', [f64(NaN)])).toEqual([NaN]);
  });

  test('is odd and bounded', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        expect(erf(-x)).toBe(-erf(x));
        expect(Math.abs(erf(x))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('agrees with the integral of its density by Simpson’s rule', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
        expect(erf(x)).toBeCloseTo(simpson(x), 9);
      }),
      { numRuns: 50 },
    );
  });
});

describe('arithmetic of two tensors', () => {
  test('shapes broadcast as in NumPy', async () => {
    const column = Tensor.from('f32', [2, 1], [10, 20]);
    const row = Tensor.from('f32', [3], [1, 2, 3]);
    const sum = await runNode1('Add', [column, row]);
    expect(sum.dims).toEqual([2, 3]);
    expect(sum.toNumbers()).toEqual([11, 12, 13, 21, 22, 23]);
    expect((await runNode1('Sub', [Tensor.scalar('f32', 1), Tensor.scalar('f32', 3)])).dims).toEqual([]);
    expect((await runNode1('Mul', [Tensor.from('f32', [0, 1], []), row])).dims).toEqual([0, 3]);
  });

  test('any broadcast gives what indexing element by element gives', () => {
    const dim = fc.integer({ min: 1, max: 4 });
    const shapes = fc
      .array(dim, { maxLength: 4 })
      .chain((dims) =>
        fc.tuple(
          fc.constant(dims),
          fc.array(fc.boolean(), { minLength: dims.length, maxLength: dims.length }),
          fc.integer({ min: 0, max: dims.length }),
        ),
      );
    fc.assert(
      fc.property(shapes, ([dims, ones, drop]) => {
        const small = dims.map((size, axis) => (ones[axis] ? 1 : size)).slice(drop);
        const a = Tensor.from(
          'f64',
          dims,
          Array.from({ length: sizeOf(dims) }, (_, i) => i),
        );
        const b = Tensor.from(
          'f64',
          small,
          Array.from({ length: sizeOf(small) }, (_, i) => 100 * i),
        );
        const [sum] = new Binary(add).reference([a, b]);
        expect(sum.dims).toEqual(dims);
        sum.toNumbers().forEach((value, flat) => {
          const index = stridesOf(dims).map((stride, axis) => Math.floor(flat / stride) % dims[axis]);
          const position = stridesOf(small).reduce(
            (total, stride, axis) => total + (small[axis] === 1 ? 0 : index[axis + drop] * stride),
            0,
          );
          expect(value).toBe(flat + 100 * position);
        });
      }),
      { numRuns: 60 },
    );
  });

  test.each(widths)('%s wraps on overflow', (dtype) => {
    const bits = Number(dtype.slice(1));
    const element = fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }).map((x) => wrapped(dtype, x));
    const operations: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
      Add: (a, b) => a + b,
      Sub: (a, b) => a - b,
      Mul: (a, b) => a * b,
      Div: (a, b) => (b === 0n ? 0n : a / b),
      Max: (a, b) => (a < b ? b : a),
      Min: (a, b) => (a < b ? a : b),
    };
    fc.assert(
      fc.property(element, element, (a, b) => {
        for (const fn of BINARY_FUNCTIONS.filter(({ name }) => name in operations)) {
          const [y] = new Binary(fn).reference([Tensor.scalar(dtype, a), Tensor.scalar(dtype, b)]);
          expect(y.toBigInts()).toEqual([wrapped(dtype, operations[fn.name](a, b))]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('integers divide toward zero', async () => {
    expect(await numbers('Div', [i32(7, -7, 7, -7, 5), i32(2, 2, -2, -2, 0)])).toEqual([3, -3, -3, 3, 0]);
    const { min } = integerRange('i32');
    expect(await numbers('Div', [i32(min), i32(-1)])).toEqual([min]);
  });

  test('floats divide as IEEE 754 says', async () => {
    expect(await numbers('Div', [f64(1, -1, 0), f64(0, 0, 0)])).toEqual([Infinity, -Infinity, NaN]);
  });
});

describe('Mod', () => {
  const a = [-4, 7, 5, 4, -7, 8];
  const b = [2, -3, 8, -2, 3, 5];

  test('takes the sign of the divisor, or of the dividend with fmod', async () => {
    const floor = [0, -2, 5, 0, 2, 3];
    const trunc = [0, 1, 5, 0, -1, 3];
    for (const make of [i32, i64, f64]) {
      expect((await numbers('Mod', [make(...a), make(...b)])).map((x) => x + 0)).toEqual(floor);
      const remainder = await numbers('Mod', [make(...a), make(...b)], { fmod: 1 });
      expect(remainder.map((x) => x + 0)).toEqual(trunc);
    }
  });

  test('special cases of floats, as the specification lists them', async () => {
    const x = f64(0, -0, Infinity, 1, 2, -2, 2, NaN);
    const y = f64(-3, 3, 3, 0, Infinity, Infinity, -Infinity, 1);
    expect(await numbers('Mod', [x, y])).toEqual([-0, 0, NaN, NaN, 2, Infinity, -Infinity, NaN]);
    const fmod = await numbers('Mod', [f64(Infinity, 1, -2), f64(3, 0, Infinity)], { fmod: 1 });
    expect(fmod).toEqual([NaN, NaN, -2]);
  });

  test('an integer modulo 0 is 0', async () => {
    expect(await numbers('Mod', [i32(5), i32(0)])).toEqual([0]);
    expect(await numbers('Mod', [i32(5), i32(0)], { fmod: 1 })).toEqual([0]);
  });

  test('a = floor(a / b) * b + mod(a, b) for integers', async () => {
    const nonZero = fc.integer({ min: -50, max: 50 }).filter((x) => x !== 0);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -1000, max: 1000 }), nonZero, async (p, q) => {
        const [rest] = await numbers('Mod', [i64(p), i64(q)]);
        expect(Math.floor(p / q) * q + rest).toBe(p);
      }),
      { numRuns: 50 },
    );
  });
});

describe('Pow', () => {
  test('the result has the type of the base', async () => {
    const half = await runNode1('Pow', [Tensor.from('f32', [2], [4, 9]), i64(2, -1)]);
    expect(half.dtype).toBe('f32');
    expect(half.toNumbers()).toEqual([16, Math.fround(1 / 9)]);
    const root = await runNode1('Pow', [i64(16, 10), Tensor.from('f32', [1], [0.5])]);
    expect(root.dtype).toBe('i64');
    expect(root.toBigInts()).toEqual([4n, 3n]);
  });

  test('integers are exact, wrap, and take huge exponents in no time', async () => {
    const y = await runNode1('Pow', [i64(3, 2, -1, 0, 3), i64(39, 64, 2n ** 62n + 1n, 0, 2n ** 62n)]);
    expect(y.toBigInts().slice(0, 4)).toEqual([3n ** 39n, 0n, -1n, 1n]);
    // 3^(2^62) = 1 modulo 2^64: the order of 3 divides 2^62.
    expect(y.toBigInts()[4]).toBe(1n);
    expect((await runNode1('Pow', [i32(3), i32(21)])).toNumbers()).toEqual([(3 ** 21) | 0]);
  });

  test('negative exponents of integers truncate', async () => {
    expect(await numbers('Pow', [i64(2, 1, -1, -1, 0), i64(-1, -5, -3, -4, -1)])).toEqual([0, 1, -1, 1, 0]);
  });

  test('special cases as in C', async () => {
    const x = f64(1, -1, 0, NaN, -8, 1);
    const y = f64(NaN, Infinity, 0, 0, 1 / 3, Infinity);
    expect(await numbers('Pow', [x, y])).toEqual([1, 1, 1, 1, NaN, 1]);
  });
});

describe('variadic operators', () => {
  const parts = [f64(1, 5, NaN), f64(4, 2, 0), f64(7, 2, 0)];

  test('three inputs, with NaN passing', async () => {
    expect(await numbers('Max', parts)).toEqual([7, 5, NaN]);
    expect(await numbers('Min', parts)).toEqual([1, 2, NaN]);
    expect(await numbers('Sum', parts)).toEqual([12, 9, NaN]);
    expect(await numbers('Mean', parts)).toEqual([4, 3, NaN]);
  });

  test('inputs broadcast among each other', async () => {
    const column = Tensor.from('f64', [2, 1], [0, 3]);
    const mean = await runNode1('Mean', [f64(1, 2), column, Tensor.scalar('f64', 2)]);
    expect(mean.dims).toEqual([2, 2]);
    expect(mean.toNumbers()).toEqual([1, 4 / 3, 2, 7 / 3]);
  });

  test.each(['Max', 'Min', 'Sum', 'Mean'])('%s of one input is the input', async (op) => {
    expect(await numbers(op, [f64(1, -2)])).toEqual([1, -2]);
    expect(await importNode(op, [2])).toEqual([]);
    await expect(runNode1(op, [])).rejects.toThrow(GraphError);
  });

  test('Max keeps 64-bit integers exact', async () => {
    const big = 2n ** 63n - 1n;
    expect((await runNode1('Max', [i64(big - 1n), i64(big), i64(0)])).toBigInts()).toEqual([big]);
  });
});

describe('refusals', () => {
  test('element types', async () => {
    await expect(runNode1('Sqrt', [i32(1)])).rejects.toThrow('element type i32 of Sqrt');
    await expect(runNode1('Mean', [i32(1), i32(2)])).rejects.toThrow(UnsupportedError);
    await expect(runNode1('Add', [Tensor.scalar('bool', true), Tensor.scalar('bool', true)])).rejects.toThrow(
      UnsupportedError,
    );
    await expect(runNode1('Add', [i32(1), f64(1)])).rejects.toThrow(ShapeError);
    expect(() => new Binary(bitwiseAnd).infer([f64(1), f64(1)])).toThrow(UnsupportedError);
  });

  test('shapes that do not broadcast, and missing inputs', async () => {
    await expect(runNode1('Add', [f64(1, 2), f64(1, 2, 3)])).rejects.toThrow(ShapeError);
    await expect(runNode1('Add', [f64(1, 2)])).rejects.toThrow(GraphError);
  });

  test('the broadcast attributes of operator sets before 7', async () => {
    await expect(runNode1('Add', [f64(1), f64(1)], { attributes: { broadcast: 1 } })).rejects.toThrow(
      'attribute broadcast of Add',
    );
  });
});
