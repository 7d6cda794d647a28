import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { AveragePool } from '../../src/ops/average-pool.js';
import { LpPool } from '../../src/ops/lp-pool.js';
import { MaxPool } from '../../src/ops/max-pool.js';
import { Tensor, sizeOf, type DType, type Dims } from '../../src/tensor/index.js';
import type { AttributeInput } from '../support/onnx-builder.js';
import { runNode, runNode1 } from '../support/run-node.js';

type Attributes = Readonly<Record<string, AttributeInput>>;

const f32 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('f32', dims, values);
const iota = (dims: Dims, dtype: DType = 'f32'): Tensor =>
  Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => i + 1),
  );
const i64 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('i64', dims, values);

/** A pooling of 1, 2, ... along one axis. */
async function line(op: string, length: number, attributes: Attributes, opset = 22): Promise<number[]> {
  return (await runNode1(op, [iota([1, 1, length])], { attributes, opset })).toNumbers();
}

describe('windows of all poolings', () => {
  const pads = { kernel_shape: [3], strides: [3], pads: [1, 1] };

  test.each<[string, number, Attributes, max: number[], average: number[]]>([
    ['one after the other', 4, { kernel_shape: [2] }, [2, 3, 4], [1.5, 2.5, 3.5]],
    ['with a stride', 5, { kernel_shape: [2], strides: [2] }, [2, 4], [1.5, 3.5]],
    ['in ceil mode', 5, { kernel_shape: [2], strides: [2], ceil_mode: 1 }, [2, 4, 5], [1.5, 3.5, 5]],
    ['with a dilation', 5, { kernel_shape: [2], dilations: [3] }, [4, 5], [2.5, 3.5]],
    ['with pads', 6, pads, [2, 5], [1.5, 4]],
    ['with pads, in ceil mode', 6, { ...pads, ceil_mode: 1 }, [2, 5, 6], [1.5, 4, 6]],
    ['with pads, counted', 6, { ...pads, ceil_mode: 1, count_include_pad: 1 }, [2, 5, 6], [1, 4, 3]],
    ['SAME_UPPER', 3, { kernel_shape: [2], auto_pad: 'SAME_UPPER' }, [2, 3, 3], [1.5, 2.5, 3]],
    ['SAME_LOWER', 3, { kernel_shape: [2], auto_pad: 'SAME_LOWER' }, [1, 2, 3], [1, 1.5, 2.5]],
    ['VALID', 5, { kernel_shape: [2], strides: [2], auto_pad: 'VALID' }, [2, 4], [1.5, 3.5]],
    // As ONNX Runtime has it; the specification's text gives the same as without ceil mode.
    [
      'VALID in ceil mode',
      5,
      { kernel_shape: [2], strides: [2], auto_pad: 'VALID', ceil_mode: 1 },
      [2, 4, 5],
      [1.5, 3.5, 5],
    ],
    ['a window that starts behind the input is dropped', 2, { ...pads, ceil_mode: 1 }, [2], [1.5]],
    [
      'a window that ceil mode lets stand out',
      2,
      { kernel_shape: [3], strides: [2], ceil_mode: 1 },
      [2],
      [1.5],
    ],
  ])('%s', async (_, length, attributes, max, average) => {
    const { count_include_pad: __, ...others } = attributes;
    expect(await line('MaxPool', length, others)).toEqual(max);
    expect(await line('AveragePool', length, attributes)).toEqual(average);
  });

  test("the last window of ONNX's averagepool_2d_ceil_last_window_starts_on_pad", async () => {
    const attributes = {
      ceil_mode: 1,
      count_include_pad: 1,
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
      strides: [3, 3],
    };
    const y = await runNode1('AveragePool', [f32([1, 1, 2, 2], 9, 18, 27, 36)], { attributes });
    expect(y).toEqual(f32([1, 1, 1, 1], 10));
  });

  test('positions that only ceil mode adds do not count', async () => {
    const attributes = { kernel_shape: [4], strides: [3], ceil_mode: 1, count_include_pad: 1 };
    expect(await line('AveragePool', 5, attributes)).toEqual([2.5, 4.5]);
  });

  test.each(['MaxPool', 'AveragePool', 'LpPool'])(
    '%s over three axes, of each image and channel',
    async (op) => {
      const attributes = op === 'LpPool' ? { kernel_shape: [1, 2, 1], p: 1 } : { kernel_shape: [1, 2, 1] };
      const y = await runNode1(op, [iota([2, 2, 1, 2, 1])], { attributes });
      expect(y.dims).toEqual([2, 2, 1, 1, 1]);
      expect(y.toNumbers()).toEqual(
        { MaxPool: [2, 4, 6, 8], AveragePool: [1.5, 3.5, 5.5, 7.5], LpPool: [3, 7, 11, 15] }[op],
      );
    },
  );

  test.each(['f64', 'f16', 'bf16'] as const)('of %s', async (dtype) => {
    const x = iota([1, 1, 3], dtype);
    for (const op of ['MaxPool', 'AveragePool', 'LpPool']) {
      const y = await runNode1(op, [x], { attributes: { kernel_shape: [2] } });
      expect([y.dtype, y.dims]).toEqual([dtype, [1, 1, 2]]);
    }
  });

  test('of no images', () => {
    expect(new MaxPool({ kernel: [2] }).reference([f32([0, 3, 4])])[0].dims).toEqual([0, 3, 3]);
    expect(new AveragePool({ kernel: [2] }).reference([f32([2, 0, 4])])[0].dims).toEqual([2, 0, 3]);
  });

  test('attributes and operations', () => {
    const x = { dtype: 'f32', dims: [2, 3, 8] } as const;
    const steps = { strides: [2], pads: [1, 0], dilations: [1], kernel: [3], ceilMode: true };
    const options = { kernel: [3], strides: [2], padsBegin: [1], ceilMode: true };
    const max = new MaxPool({ ...options, indices: 'row-major' });
    expect(max.attributes).toEqual({ ...steps, indices: 'row-major' });
    expect(max.infer([x])).toEqual([
      { dtype: 'f32', dims: [2, 3, 4] },
      { dtype: 'i64', dims: [2, 3, 4] },
    ]);
    expect(max.flops([x], max.infer([x]))).toBe(24 * 3);
    const average = new AveragePool({ ...options, countIncludePad: true });
    expect(average.attributes).toEqual({ ...steps, countIncludePad: true });
    const lp = new LpPool(options);
    expect(lp.attributes).toEqual({ ...steps, p: 2 });
    expect(lp.flops([x], lp.infer([x]))).toBe(24 * 10);
  });
});

/** Any pooling over two axes. */
const pools = fc.record({
  input: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  padsBegin: fc.tuple(fc.nat(3), fc.nat(3)),
  padsEnd: fc.tuple(fc.nat(3), fc.nat(3)),
  ceilMode: fc.boolean(),
  countIncludePad: fc.boolean(),
  seed: fc.nat(10),
});

describe('poolings against windows looked up in a map of the padded plane', () => {
  test('max with indices, average and L1 norm', () => {
    fc.assert(
      fc.property(pools, (pool) => {
        const { input, kernel, strides, dilations, padsBegin, padsEnd } = pool;
        fc.pre(input.every((n, i) => n + padsBegin[i] + padsEnd[i] > (kernel[i] - 1) * dilations[i]));
        const values = Array.from({ length: input[0] * input[1] }, (_, i) => ((i * 7 + pool.seed) % 11) - 5);
        const x = Tensor.from('f64', [1, 1, ...input], values);
        const plane = new Map<string, number | 'pad'>();
        for (let i = 0 - padsBegin[0]; i < input[0] + padsEnd[0]; i++) {
          for (let j = 0 - padsBegin[1]; j < input[1] + padsEnd[1]; j++) {
            const inside = i >= 0 && i < input[0] && j >= 0 && j < input[1];
            plane.set(`${i},${j}`, inside ? i * input[1] + j : 'pad');
          }
        }
        const [max, indices] = new MaxPool({ ...pool, indices: 'row-major' }).reference([x]);
        const [average] = new AveragePool(pool).reference([x]);
        const [norm] = new LpPool({ ...pool, p: 1 }).reference([x]);
        const [height, width] = max.dims.slice(2);
        for (let o = 0; o < height * width; o++) {
          const [top, left] = [
            Math.floor(o / width) * strides[0] - padsBegin[0],
            (o % width) * strides[1] - padsBegin[1],
          ];
          const covered: (number | 'pad')[] = [];
          for (let i = top; i < top + kernel[0] * dilations[0]; i += dilations[0]) {
            for (let j = left; j < left + kernel[1] * dilations[1]; j += dilations[1]) {
              const cell = plane.get(`${i},${j}`);
              if (cell !== undefined) covered.push(cell);
            }
          }
          const cells = covered.filter((cell) => cell !== 'pad');
          const under = cells.map((cell) => values[cell]);
          const largest = Math.max(...under);
          const count = pool.countIncludePad ? covered.length : cells.length;
          const sum = under.reduce((a, b) => a + b, 0);
          expect(max.data[o]).toBe(largest);
          expect(Number(indices.data[o])).toBe(cells.find((cell) => values[cell] === largest) ?? -1);
          expect(average.data[o]).toBe(cells.length === 0 ? 0 : sum / count);
          expect(norm.data[o]).toBe(under.reduce((a, b) => a + Math.abs(b), 0));
        }
      }),
    );
  });
});

describe('MaxPool', () => {
  test("indices of ONNX's examples with argmax, in both orders", async () => {
    const x = iota([1, 1, 5, 5]);
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
    const [y, rows] = await runNode('MaxPool', [x], { attributes, outputs: 2 });
    expect(y).toEqual(f32([1, 1, 2, 2], 7, 9, 17, 19));
    expect(rows).toEqual(i64([1, 1, 2, 2], 6, 8, 16, 18));
    const [, columns] = await runNode('MaxPool', [x], {
      attributes: { ...attributes, storage_order: 1 },
      outputs: 2,
    });
    expect(columns).toEqual(i64([1, 1, 2, 2], 6, 16, 8, 18));
  });

  test('indices count on over images and channels, whole planes first in both orders', async () => {
    // Offsets in the 2x3 plane of the largest elements: 4 and 5, or by columns 3 and 5.
    const attributes = { kernel_shape: [2, 2] };
    const [, rows] = await runNode('MaxPool', [iota([1, 2, 2, 3])], { attributes, outputs: 2 });
    expect(rows.toNumbers()).toEqual([4, 5, 10, 11]);
    const ordered = { attributes: { ...attributes, storage_order: 1 }, outputs: 2 };
    const [, columns] = await runNode('MaxPool', [iota([1, 2, 2, 3])], ordered);
    expect(columns.toNumbers()).toEqual([3, 5, 9, 11]);
  });

  test('indices by columns over three axes', () => {
    const [, indices] = new MaxPool({ kernel: [2, 3, 4], indices: 'column-major' }).reference([
      iota([1, 1, 2, 3, 4]),
    ]);
    expect(indices.toNumbers()).toEqual([1 + 2 * 2 + 3 * 2 * 3]);
    const [, first] = new MaxPool({ kernel: [1, 1, 1], indices: 'column-major' }).reference([
      iota([1, 1, 1, 2, 2]),
    ]);
    expect(first.toNumbers()).toEqual([0, 2, 1, 3]);
  });

  test('equal elements give the first index, and NaN wins', async () => {
    const x = f32([1, 1, 6], 1, 1, NaN, 9, NaN, 0);
    const [y, indices] = await runNode('MaxPool', [x], { attributes: { kernel_shape: [2] }, outputs: 2 });
    expect(y.toNumbers()).toEqual([1, NaN, NaN, NaN, NaN]);
    expect(indices.toNumbers()).toEqual([0, 2, 2, 4, 4]);
  });

  test.each<[DType, number[], number[]]>([
    ['u8', [0, 255, 1], [0, 255, 255, 1]],
    ['i8', [-128, -100, -127], [-128, -100, -100, -127]],
    ['f16', [-Infinity, -2, -3], [-Infinity, -2, -2, -3]],
  ])('leaves padding out, of %s', async (dtype, x, y) => {
    const attributes = { kernel_shape: [2], pads: [1, 1] };
    expect(
      (await runNode1('MaxPool', [Tensor.from(dtype, [1, 1, 3], x)], { attributes })).toNumbers(),
    ).toEqual(y);
  });

  test('a window wholly in the padding gives the lowest value and index -1', () => {
    const pool = new MaxPool({ kernel: [1], padsBegin: [1], indices: 'row-major' });
    expect(pool.reference([f32([1, 1, 1], 5)]).map((y) => y.toNumbers())).toEqual([
      [-Infinity, 5],
      [-1, 0],
    ]);
    expect(pool.reference([Tensor.from('i8', [1, 1, 1], [5])])[0].toNumbers()).toEqual([-128, 5]);
  });

  test('has no second output unless it is wanted', async () => {
    expect(new MaxPool({ kernel: [1] }).infer([iota([1, 1, 1])])).toHaveLength(1);
    const attributes = { kernel_shape: [1], storage_order: 2 };
    await expect(runNode('MaxPool', [iota([1, 1, 1])], { attributes })).rejects.toThrow('storage_order=2');
  });

  test.each<DType>(['i32', 'i64', 'bool', 'f8e5m2'])('refuses %s', (dtype) => {
    expect(() => new MaxPool({ kernel: [1] }).infer([{ dtype, dims: [1, 1, 1] }])).toThrow(UnsupportedError);
  });
});

describe('AveragePool and LpPool', () => {
  test.each<[string, number[], number]>([
    ['counting padding', [3 / 2, 3 / 2], 1],
    ['not counting it', [3, 3], 0],
  ])('%s', async (_, y, flag) => {
    const attributes = { kernel_shape: [2], pads: [1, 1], count_include_pad: flag };
    expect(
      (await runNode1('AveragePool', [f32([1, 1, 1], 3)], { attributes, opset: 7 })).toNumbers(),
    ).toEqual(y);
  });

  test('infinity and NaN pass', async () => {
    const x = f32([1, 1, 4], Infinity, 1, NaN, 2);
    expect((await runNode1('AveragePool', [x], { attributes: { kernel_shape: [2] } })).toNumbers()).toEqual([
      Infinity,
      NaN,
      NaN,
    ]);
    expect((await runNode1('LpPool', [x], { attributes: { kernel_shape: [2] } })).toNumbers()).toEqual([
      Infinity,
      NaN,
      NaN,
    ]);
  });

  test.each<[number | undefined, number]>([
    [undefined, 5],
    [1, 7],
    [2, 5],
    [3, 91 ** (1 / 3)],
  ])('LpPool with p=%s', async (p, y) => {
    const attributes = { kernel_shape: [2], ...(p === undefined ? {} : { p }) };
    expect(
      (await runNode1('LpPool', [Tensor.from('f64', [1, 1, 2], [-3, 4])], { attributes })).toNumbers()[0],
    ).toBeCloseTo(y, 12);
  });

  test.each([0, -1])('LpPool refuses p=%s', async (p) => {
    await expect(line('LpPool', 3, { kernel_shape: [2], p })).rejects.toThrow(ShapeError);
  });

  test('refuse integers', () => {
    const x = iota([1, 1, 2], 'u8');
    expect(() => new AveragePool({ kernel: [1] }).infer([x])).toThrow(UnsupportedError);
    expect(() => new LpPool({ kernel: [1] }).infer([x])).toThrow(UnsupportedError);
  });
});

describe('global pooling', () => {
  test.each<[string, Attributes, number[]]>([
    ['GlobalMaxPool', {}, [4, 8]],
    ['GlobalAveragePool', {}, [2.5, 6.5]],
    ['GlobalLpPool', {}, [Math.sqrt(30), Math.sqrt(174)]],
    ['GlobalLpPool', { p: 1 }, [10, 26]],
  ])('%s %j', async (op, attributes, expected) => {
    for (const plane of [[4], [2, 2], [1, 2, 2]]) {
      const y = await runNode1(op, [iota([1, 2, ...plane], 'f64')], { attributes });
      expect(y.dims).toEqual([1, 2, ...plane.map(() => 1)]);
      y.toNumbers().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
    }
  });

  test.each(['GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool'])('%s of nothing', async (op) => {
    await expect(runNode1(op, [f32([1, 1, 0])])).rejects.toThrow(ShapeError);
    await expect(runNode1(op, [f32([1, 1], 1)])).rejects.toThrow(ShapeError);
  });
});

describe('bad poolings', () => {
  const int64Max = 2n ** 63n - 1n;

  test.each<[string, Attributes, typeof ShapeError | typeof UnsupportedError]>([
    ['no kernel', {}, ShapeError],
    ['a kernel of the wrong length', { kernel_shape: [2] }, ShapeError],
    ['an empty kernel', { kernel_shape: [0, 2] }, ShapeError],
    ['a window larger than the input', { kernel_shape: [4, 1] }, ShapeError],
    ['a window larger than the padded input', { kernel_shape: [5, 1], pads: [1, 0, 0, 0] }, ShapeError],
    ['stride 0', { kernel_shape: [1, 1], strides: [0, 1] }, ShapeError],
    ['pads of the wrong length', { kernel_shape: [1, 1], pads: [0, 0, 0] }, ShapeError],
    ['a negative pad', { kernel_shape: [1, 1], pads: [0, 0, 0, -1] }, ShapeError],
    ['an unknown auto_pad', { kernel_shape: [1, 1], auto_pad: 'FULL' }, UnsupportedError],
    [
      'pads beside auto_pad',
      { kernel_shape: [1, 1], auto_pad: 'VALID', pads: [1, 0, 0, 0] },
      UnsupportedError,
    ],
    ['an unknown attribute', { kernel_shape: [1, 1], divisor_override: 3 }, UnsupportedError],
  ])('%s', async (_, attributes, error) => {
    for (const op of ['MaxPool', 'AveragePool', 'LpPool']) {
      await expect(runNode1(op, [iota([1, 1, 3, 3])], { attributes })).rejects.toThrow(error);
    }
  });

  test('pads of INT64_MAX are refused before anything is computed', () => {
    const huge = Number(int64Max);
    expect(() => new MaxPool({ kernel: [1], padsEnd: [huge] })).toThrow(ShapeError);
    expect(() => new MaxPool({ kernel: [huge] })).toThrow(ShapeError);
    expect(() => new MaxPool({ kernel: [] })).toThrow(ShapeError);
  });

  test('a kernel as large as it may be, over as much padding, touches only the input', () => {
    const huge = 2 ** 31 - 1;
    const pool = new AveragePool({ kernel: [huge], padsBegin: [huge - 3] });
    expect(pool.reference([iota([1, 1, 3])])[0].toNumbers()).toEqual([2]);
  });

  test('ranks that differ', () => {
    expect(() => new MaxPool({ kernel: [2, 2] }).infer([iota([1, 1, 4])])).toThrow(ShapeError);
  });
});
