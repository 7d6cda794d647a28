import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { codeOfDType } from '../../src/onnx/tensor-proto.js';
import { DequantizeLinear } from '../../src/ops/dequantize-linear.js';
import { QuantizeLinear } from '../../src/ops/quantize-linear.js';
import { Tensor, integerRange, sizeOf, type DType } from '../../src/tensor/index.js';
import type { AttributeInput } from '../support/onnx-builder.js';
import { runNode1 } from '../support/run-node.js';

type Attributes = Readonly<Record<string, AttributeInput>>;

const vector = (dtype: DType, ...values: number[]): Tensor => Tensor.from(dtype, [values.length], values);
const scalar = (dtype: DType, value: number): Tensor => Tensor.scalar(dtype, value);

const quantize = (
  x: Tensor,
  scale: Tensor,
  zeroPoint?: Tensor,
  attributes: Attributes = {},
  opset = 25,
): Promise<Tensor> => runNode1('QuantizeLinear', [x, scale, zeroPoint], { attributes, opset });

const dequantize = (
  x: Tensor,
  scale: Tensor,
  zeroPoint?: Tensor,
  attributes: Attributes = {},
  opset = 25,
): Promise<Tensor> => runNode1('DequantizeLinear', [x, scale, zeroPoint], { attributes, opset });

describe('QuantizeLinear', () => {
  test('one scale: rounded to even, shifted, clamped', async () => {
    const x = vector('f32', 0, 1, 3, 5, 1000, -254, -1000);
    const y = await quantize(x, scalar('f32', 2), scalar('u8', 128));
    expect(y.dtype).toBe('u8');
    // 1 / 2, 3 / 2 and 5 / 2 are ties.
    expect(y.toNumbers()).toEqual([128, 128, 130, 130, 255, 1, 0]);
  });

  test.each(['u8', 'i8', 'u16', 'i16', 'u4', 'i4', 'u2', 'i2'] as const)(
    'saturates to the range of %s',
    async (to) => {
      const x = vector('f32', -1e9, 1e9, -Infinity, Infinity);
      const { min, max } = integerRange(to);
      expect((await quantize(x, scalar('f32', 1), scalar(to, 1))).toNumbers()).toEqual([min, max, min, max]);
    },
  );

  test('the output is u8 by default, or what output_dtype says', async () => {
    const x = vector('f32', 3, -3);
    expect((await quantize(x, scalar('f32', 1))).dtype).toBe('u8');
    const y = await quantize(x, scalar('f32', 1), undefined, { output_dtype: codeOfDType('i16') });
    expect(y.dtype).toBe('i16');
    expect(y.toNumbers()).toEqual([3, -3]);
    const clash = quantize(x, scalar('f32', 1), scalar('u8', 0), { output_dtype: codeOfDType('i8') });
    await expect(clash).rejects.toThrow(ShapeError);
  });

  test('one scale for each index of an axis, which may count from the end', async () => {
    const x = Tensor.from('f32', [2, 3], [10, 10, 10, 20, 20, 20]);
    const scale = vector('f32', 1, 2, 5);
    const zeroPoint = vector('u8', 0, 1, 2);
    const expected = [10, 6, 4, 20, 11, 6];
    expect((await quantize(x, scale, zeroPoint)).toNumbers()).toEqual(expected);
    expect((await quantize(x, scale, zeroPoint, { axis: -1 })).toNumbers()).toEqual(expected);
    const rows = await quantize(x, vector('f32', 1, 10), undefined, { axis: 0 });
    expect(rows.toNumbers()).toEqual([10, 10, 10, 2, 2, 2]);
  });

  test('blocks, the last one shorter', async () => {
    const x = Tensor.from('f32', [2, 3], [6, 6, 6, 12, 12, 12]);
    const scale = Tensor.from('f32', [2, 2], [1, 2, 3, 4]);
    const zeroPoint = Tensor.from('i8', [2, 2], [0, 0, 1, -1]);
    const y = await quantize(x, scale, zeroPoint, { axis: 1, block_size: 2 });
    expect(y.toNumbers()).toEqual([6, 6, 3, 5, 5, 2]);
  });

  test('the division is in the type of the scale, or in the precision asked for', async () => {
    // 2.5 in half precision, and so a tie; above it in single precision.
    const x = vector('f32', 2.5004);
    const one = scalar('f16', 1);
    expect((await quantize(x, one)).toNumbers()).toEqual([2]);
    const precise = await quantize(x, one, undefined, { precision: codeOfDType('f32') });
    expect(precise.toNumbers()).toEqual([3]);
    const attempt = quantize(x, one, undefined, { precision: codeOfDType('i32') });
    await expect(attempt).rejects.toThrow("element type i32 of QuantizeLinear's precision");
  });

  test('to 8-bit floats, saturating or not', async () => {
    const x = vector('f32', 1, 3.3, 2000, -2000, NaN);
    const zero = scalar('f8e4m3fn', 0);
    expect((await quantize(x, scalar('f32', 2), zero)).toNumbers()).toEqual([0.5, 1.625, 448, -448, NaN]);
    const strict = await quantize(x, scalar('f32', 2), zero, { saturate: 0 });
    expect(strict.toNumbers()).toEqual([0.5, 1.625, NaN, NaN, NaN]);
    const wide = await quantize(x, scalar('f32', 0.01), scalar('f8e5m2', 0), { saturate: 0 });
    expect(wide.toNumbers().slice(2, 4)).toEqual([Infinity, -Infinity]);
  });

  test('to 4-bit floats', async () => {
    const y = await quantize(vector('f32', 0.4, 5, 100), scalar('f32', 2), scalar('f4e2m1', 0));
    expect(y.toNumbers()).toEqual([0, 2, 6]);
  });

  test('from integers, and by scales that are integers or powers of two', async () => {
    expect((await quantize(vector('i32', 7, 9), scalar('i32', 2))).toNumbers()).toEqual([4, 4]);
    expect((await quantize(vector('f32', 6, 10), scalar('f8e8m0', 4))).toNumbers()).toEqual([2, 2]);
    await expect(quantize(vector('i64', 1), scalar('f32', 1))).rejects.toThrow(
      'element type i64 of QuantizeLinear',
    );
  });

  test('vectors of one scale serve the whole tensor, whatever the axis', async () => {
    const y = await quantize(vector('f32', 4, 8), vector('f32', 4), vector('u8', 1), { axis: 1 }, 13);
    expect(y.toNumbers()).toEqual([2, 3]);
  });
});

describe('DequantizeLinear', () => {
  test('one scale', async () => {
    const y = await dequantize(vector('u8', 0, 3, 128, 255), scalar('f32', 2), scalar('u8', 128));
    expect(y.dtype).toBe('f32');
    expect(y.toNumbers()).toEqual([-256, -250, 0, 254]);
  });

  test('the output has the type of the scale, or what output_dtype says', async () => {
    const x = vector('i8', -3);
    expect((await dequantize(x, scalar('f16', 0.5))).dtype).toBe('f16');
    const y = await dequantize(x, scalar('f8e8m0', 0.5), undefined, { output_dtype: codeOfDType('bf16') });
    expect(y.dtype).toBe('bf16');
    expect(y.toNumbers()).toEqual([-1.5]);
    await expect(dequantize(x, scalar('f8e8m0', 1))).rejects.toThrow(UnsupportedError);
  });

  test('per axis and in blocks', async () => {
    const x = Tensor.from('i8', [3, 2], [1, 2, 3, 4, 5, 6]);
    const perAxis = await dequantize(x, vector('f32', 1, 10, 100), vector('i8', 0, 1, 2), { axis: 0 });
    expect(perAxis.toNumbers()).toEqual([1, 2, 20, 30, 300, 400]);
    const scale = Tensor.from('f32', [2, 2], [1, 10, 100, 1000]);
    const blocked = await dequantize(x, scale, undefined, { axis: 0, block_size: 2 });
    expect(blocked.toNumbers()).toEqual([1, 20, 3, 40, 500, 6000]);
  });

  test('integers of 32 bits, and floats of 8 and 4', async () => {
    expect((await dequantize(vector('i32', 2 ** 30), scalar('f32', 2))).toNumbers()).toEqual([2 ** 31]);
    expect((await dequantize(vector('f8e5m2', 1.5, -2), scalar('f32', 4))).toNumbers()).toEqual([6, -8]);
    expect((await dequantize(vector('f4e2m1', 1.5, -6), scalar('f32', 4))).toNumbers()).toEqual([6, -24]);
    await expect(dequantize(vector('f32', 1), scalar('f32', 1))).rejects.toThrow(UnsupportedError);
  });
});

describe('laws', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((dims) =>
    fc.record({
      dims: fc.constant(dims),
      axis: fc.integer({ min: 0, max: dims.length - 1 }),
      blockSize: fc.integer({ min: 0, max: 6 }),
      seed: fc.integer({ min: 1, max: 1000 }),
    }),
  );

  test('quantising errs by half a scale at most, and every element meets its own scale', () => {
    fc.assert(
      fc.property(shapes, ({ dims, axis, blockSize, seed }) => {
        const scaleDims =
          blockSize === 0
            ? [dims[axis]]
            : dims.map((dim, i) => (i === axis ? Math.ceil(dim / blockSize) : dim));
        const scales = Array.from({ length: sizeOf(scaleDims) }, (_, i) => 2 ** ((i * seed) % 7));
        const values = Array.from({ length: sizeOf(dims) }, (_, i) => ((i * 37 * seed) % 200) - 100);
        const x = Tensor.from('f32', dims, values);
        const scale = Tensor.from('f32', scaleDims, scales);
        const granularity = { axis, blockSize };
        const [q] = new QuantizeLinear({
          ...granularity,
          to: 'i8',
          precision: 'f32',
          saturate: true,
        }).reference([x, scale]);
        const [y] = new DequantizeLinear({ ...granularity, to: 'f32' }).reference([q, scale]);
        // The scale of an element, found by repeating every scale blockSize times along the axis.
        const inner = sizeOf(dims.slice(axis + 1));
        const repeated: number[] = [];
        const outer = blockSize === 0 ? 1 : sizeOf(dims.slice(0, axis));
        const perOuter = scales.length / outer;
        for (let o = 0; o < outer; o++) {
          const part = scales.slice(o * perOuter, (o + 1) * perOuter);
          for (let along = 0; along < dims[axis]; along++) {
            for (let i = 0; i < inner; i++) {
              repeated.push(blockSize === 0 ? part[along] : part[Math.floor(along / blockSize) * inner + i]);
            }
          }
        }
        y.toNumbers().forEach((value, i) => {
          const own = repeated[i % repeated.length];
          expect(Math.abs(value - values[i])).toBeLessThanOrEqual(own / 2);
          expect(value % own).toBe(value < 0 ? -0 : 0);
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('bad shapes', () => {
  const x = Tensor.from('f32', [2, 3], [1, 2, 3, 4, 5, 6]);

  test.each<[string, Tensor, Attributes]>([
    ['a scale of the wrong length', vector('f32', 1, 2), { axis: 1 }],
    ['a matrix of scales without blocks', Tensor.from('f32', [2, 3], [1, 1, 1, 1, 1, 1]), {}],
    ['a vector of scales with blocks', vector('f32', 1, 2), { axis: 1, block_size: 2 }],
    ['the wrong number of blocks', Tensor.from('f32', [2, 3], [1, 1, 1, 1, 1, 1]), { block_size: 2 }],
    ['a negative block size', vector('f32', 1, 2, 3), { block_size: -1 }],
    ['an axis out of range', vector('f32', 1, 2, 3), { axis: 2 }],
  ])('%s', async (_, scale, attributes) => {
    await expect(quantize(x, scale, undefined, attributes)).rejects.toThrow(ShapeError);
  });

  test('an op’s axis beyond the rank', () => {
    const op = new DequantizeLinear({ axis: 5, blockSize: 0, to: 'f32' });
    expect(() => op.infer([{ dtype: 'i8', dims: [2, 3] }, vector('f32', 1, 2)])).toThrow(ShapeError);
  });

  test('zero points of another shape or type', async () => {
    await expect(quantize(x, scalar('f32', 1), vector('u8', 1, 2))).rejects.toThrow(ShapeError);
    await expect(quantize(x, vector('f32', 1, 2, 3), scalar('u8', 1))).rejects.toThrow(ShapeError);
    await expect(dequantize(vector('u8', 1), scalar('f32', 1), scalar('i8', 1))).rejects.toThrow(ShapeError);
  });

  test('missing attributes default, unknown ones are refused', async () => {
    await expect(quantize(x, scalar('f32', 1), undefined, { scale: 1 })).rejects.toThrow(UnsupportedError);
  });
});

test('reports', () => {
  const op = new QuantizeLinear({ axis: 1, blockSize: 4, to: 'i8', precision: 'f32', saturate: true });
  expect(op.attributes).toEqual({ to: 'i8', axis: 1, block_size: 4, precision: 'f32', saturate: undefined });
  expect(op.flops([], [{ dtype: 'i8', dims: [2, 3] }])).toBe(24);
  const inverse = new DequantizeLinear({ axis: 1, blockSize: 4, to: 'f32' });
  expect(inverse.attributes).toEqual({ to: 'f32', axis: 1, block_size: 4 });
  expect(inverse.flops([], [{ dtype: 'f32', dims: [2, 3] }])).toBe(12);
});
