import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { ConvInteger } from '../../src/ops/conv-integer.js';
import { MatMulInteger } from '../../src/ops/matmul-integer.js';
import { Requantize } from '../../src/ops/requantize.js';
import { Tensor, sizeOf, type DType, type Dims } from '../../src/tensor/index.js';
import { runNode1 } from '../support/run-node.js';

const f32 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('f32', dims, values);
const u8 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('u8', dims, values);
const i8 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('i8', dims, values);
const scalar = (value: number): Tensor => Tensor.scalar('f32', value);
const half = (value: number): Tensor => Tensor.scalar('f16', value);
const iota = (dtype: DType, dims: Dims, first = 0): Tensor =>
  Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => first + i),
  );

describe('integer convolutions', () => {
  test("ConvInteger of ONNX's example with padding: padding is the zero point", async () => {
    const x = iota('u8', [1, 1, 3, 3], 2);
    const w = u8([1, 1, 2, 2], 1, 1, 1, 1);
    const attributes = { pads: [1, 1, 1, 1] };
    const y = await runNode1('ConvInteger', [x, w, u8([], 1)], { attributes });
    expect(y.dtype).toBe('i32');
    expect(y.toNumbers()).toEqual([1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9]);
  });

  test('ConvInteger of signed weights with a zero point for each channel', async () => {
    const w = Tensor.from('i8', [2, 1, 1], [-128, 127]);
    const y = await runNode1('ConvInteger', [
      u8([1, 1, 1], 255),
      w,
      undefined,
      Tensor.from('i8', [2], [127, -128]),
    ]);
    expect(y.toNumbers()).toEqual([-255 * 255, 255 * 255]);
  });

  test('ConvInteger adds a bias in 32 bits, wrapping around', () => {
    const op = new ConvInteger({ strides: [1] });
    const inputs = [
      u8([1, 1, 1], 2),
      u8([1, 1, 1], 3),
      undefined,
      undefined,
      Tensor.from('i32', [1], [2 ** 31 - 1]),
    ];
    expect(op.reference(inputs)[0].toNumbers()).toEqual([-(2 ** 31) + 5]);
    expect(op.flops(inputs, op.infer(inputs))).toBe(3);
    expect(op.attributes).toEqual({ strides: [1], pads: [0, 0], dilations: [1], group: 1 });
  });

  test('QLinearConv rounds ties to even, adds the zero point, then saturates', async () => {
    // Sums 1..6 plus bias times 0.5 * 1 / 1 = 0.5, 1, 1.5, 2, 2.5, 3.
    const x = iota('u8', [1, 1, 6], 11);
    const quantized = async (zeroPoint: Tensor): Promise<number[]> => {
      const w = [Tensor.from('i8', [1, 1, 1], [1]), scalar(1), Tensor.scalar('i8', 0)];
      const bias = Tensor.from('i32', [1], [0]);
      const y = await runNode1('QLinearConv', [x, scalar(0.5), u8([], 10), ...w, scalar(1), zeroPoint, bias]);
      expect(y.dtype).toBe(zeroPoint.dtype);
      return y.toNumbers();
    };
    expect(await quantized(u8([], 1))).toEqual([1, 2, 3, 3, 3, 4]);
    expect(await quantized(u8([], 253))).toEqual([253, 254, 255, 255, 255, 255]);
    expect(await quantized(Tensor.scalar('i8', -3))).toEqual([-3, -2, -1, -1, -1, 0]);
  });

  test('QLinearConv with a scale for each output channel', async () => {
    const w = [u8([2, 1, 1], 1, 1), f32([2], 1, 3), u8([2], 0, 0)];
    const y = await runNode1('QLinearConv', [
      u8([1, 1, 2], 1, 2),
      scalar(1),
      u8([], 0),
      ...w,
      scalar(0.5),
      u8([], 0),
    ]);
    expect(y.toNumbers()).toEqual([2, 4, 6, 12]);
  });

  test.each([
    ['a scale for three channels of two', [f32([1], 1), f32([3], 1, 1, 1), scalar(1), u8([], 0)]],
    ['a vector of scales where x has no such axis', [f32([2], 1, 1), scalar(1), scalar(1), u8([], 0)]],
    ['two output scales', [scalar(1), scalar(1), f32([2], 1, 1), u8([], 0)]],
  ])('Requantize refuses %s', (_, inputs) => {
    const x = Tensor.from('i32', [1, 2, 1], [1, 2]);
    expect(() => new Requantize({ bAxis: 1 }).infer([x, ...inputs])).toThrow(ShapeError);
  });

  test('types', () => {
    const [x, w] = [u8([1, 1, 1], 1), u8([1, 1, 1], 1)];
    const op = new ConvInteger({ strides: [1] });
    expect(() => op.infer([f32([1, 1, 1], 1), w])).toThrow(UnsupportedError);
    expect(() => op.infer([x, w, Tensor.scalar('i8', 0)])).toThrow(ShapeError);
    expect(() => op.infer([x, w, undefined, u8([2], 0, 0)])).toThrow(ShapeError);
    expect(() => op.infer([x, w, undefined, undefined, f32([1], 0)])).toThrow(UnsupportedError);
    const requantize = new Requantize({});
    const float8 = Tensor.from('f8e4m3fn', [], [0]);
    const sums = Tensor.from('i32', [1], [1]);
    expect(() => requantize.infer([sums, scalar(1), scalar(1), scalar(1), float8])).toThrow(UnsupportedError);
    expect(() => requantize.infer([sums, u8([], 1), scalar(1), scalar(1), u8([], 1)])).toThrow(
      UnsupportedError,
    );
    expect(requantize.flops([], [sums])).toBe(5);
    expect(requantize.attributes).toEqual({ aAxis: undefined, bAxis: undefined });
  });
});

describe('integer matrix products', () => {
  const a = u8([2, 2], 1, 2, 3, 255);
  const b = i8([2, 2], 1, -128, 1, 127);

  test.each<[string, Tensor | undefined, Tensor | undefined, number[]]>([
    ['no zero points', undefined, undefined, [3, 126, 258, -384 + 255 * 127]],
    ['scalars', u8([], 1), i8([], -128), [129, 255, 2 * 129 + 254 * 129, 254 * 255]],
    ['one element each', u8([1], 1), i8([1], -128), [129, 255, 2 * 129 + 254 * 129, 254 * 255]],
    ['one per row and one per column', u8([2], 1, 3), i8([2], 1, 127), [0, 0, 0, 0]],
    ['one per row as a column', u8([2, 1], 1, 3), i8([1, 2], 1, 127), [0, 0, 0, 0]],
  ])('MatMulInteger with %s', async (_, aZero, bZero, y) => {
    const result = await runNode1('MatMulInteger', [a, b, aZero, bZero]);
    expect([result.dtype, result.toNumbers()]).toEqual(['i32', y]);
  });

  test('MatMulInteger over batches, with zero points for each row of each', () => {
    const left = u8([2, 1, 2], 5, 6, 7, 8);
    const op = new MatMulInteger();
    const inputs = [left, u8([2, 1], 1, 1), u8([2, 1, 1], 5, 7)];
    expect(op.infer(inputs)).toEqual([{ dtype: 'i32', dims: [2, 1, 1] }]);
    expect(op.reference(inputs)[0].toNumbers()).toEqual([1, 1]);
    expect(op.flops(inputs)).toBe(8);
  });

  test.each<[string, (Tensor | undefined)[]]>([
    ['a zero point of another type', [a, b, i8([], 0)]],
    ['a zero point for each of three rows', [a, b, u8([3], 0, 0, 0)]],
    ['zero points along the summed axis of a', [a, b, u8([1, 2], 0, 0)]],
    ['zero points along the summed axis of b', [a, b, undefined, i8([2, 1], 0, 0)]],
    ['zero points along a vector b', [a, i8([2], 1, 1), undefined, i8([2], 0, 0)]],
    ['zero points of too high a rank', [a, b, u8([2, 2, 1], 0, 0, 0, 0)]],
    ['inner dimensions that differ', [a, i8([3, 1], 1, 1, 1)]],
  ])('MatMulInteger refuses %s', async (_, inputs) => {
    await expect(runNode1('MatMulInteger', inputs)).rejects.toThrow(ShapeError);
  });

  test('MatMulInteger refuses other types', () => {
    expect(() => new MatMulInteger().infer([f32([1, 1], 1), b])).toThrow(UnsupportedError);
    expect(() => new MatMulInteger().infer([a, Tensor.from('i32', [2, 1], [1, 1])])).toThrow(
      UnsupportedError,
    );
  });

  test('QLinearMatMul with scales for each row and column', async () => {
    // Products 5 6 / 11 14 of 1 2 / 3 4 and 1 2 / 2 2, times the row's scale, times the column's, by 0.5, plus 1.
    const left = [u8([2, 2], 1, 2, 3, 4), f32([2], 1, 2), u8([2], 0, 0)];
    const right = [u8([2, 2], 1, 2, 2, 2), f32([2], 1, 10), u8([2], 0, 0)];
    const y = await runNode1('QLinearMatMul', [...left, ...right, scalar(0.5), u8([], 1)]);
    expect(y).toEqual(u8([2, 2], 11, 121, 45, 255));
  });

  test('QLinearMatMul of vectors, with half-precision scales of operator set 21', async () => {
    const [vector, zero] = [u8([2], 3, 4), u8([], 0)];
    const matrix = u8([2, 2], 1, 0, 0, 1);
    const run = (inputs: Tensor[]): Promise<Tensor> =>
      runNode1('QLinearMatMul', [...inputs, half(2), i8([], -1)]);
    expect(await run([vector, half(1), zero, matrix, Tensor.from('f16', [2], [2, 4]), zero])).toEqual(
      i8([2], 2, 7),
    );
    expect(await run([matrix, Tensor.from('f16', [2], [2, 4]), zero, vector, half(1), zero])).toEqual(
      i8([2], 2, 7),
    );
    await expect(run([vector, Tensor.from('f16', [2], [2, 4]), zero, vector, half(1), zero])).rejects.toThrow(
      ShapeError,
    );
  });

  test('QLinearMatMul refuses 8-bit floats by name', async () => {
    const float8 = Tensor.from('f8e4m3fn', [1, 1], [1]);
    const zero = Tensor.from('f8e4m3fn', [], [0]);
    const inputs = [float8, scalar(1), zero, float8, scalar(1), zero, scalar(1), zero];
    await expect(runNode1('QLinearMatMul', inputs)).rejects.toThrow('element type f8e4m3fn');
  });
});
