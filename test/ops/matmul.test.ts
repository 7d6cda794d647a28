import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { Gemm, type GemmOptions } from '../../src/ops/gemm.js';
import { MatMul } from '../../src/ops/matmul.js';
import { matmulShape } from '../../src/ops/matrix-product.js';
import { relu } from '../../src/ops/unary-functions.js';
import { Tensor, broadcastDims, sizeOf, stridesOf, type DType, type Dims } from '../../src/tensor/index.js';
import { runNode1 } from '../support/run-node.js';

const f64 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('f64', dims, values);
const u8 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('u8', dims, values);
const f32 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('f32', dims, values);

/** Small integers, so that sums are exact whatever their order. */
function pattern(dims: Dims, seed: number, dtype: DType = 'f64'): Tensor {
  return Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => ((i * 7 + seed) % 11) - 5),
  );
}

/** The element of a tensor, broadcast along dims of 1, at the last of `index`. */
function at({ dims, data }: Tensor, index: readonly number[]): number {
  const own = index.slice(index.length - dims.length);
  const strides = stridesOf(dims);
  return Number(data[own.reduce((sum, i, axis) => sum + (dims[axis] === 1 ? 0 : i * strides[axis]), 0)]);
}

function transpose(tensor: Tensor): Tensor {
  const [rows, columns] = tensor.dims;
  const values = tensor.toNumbers();
  const moved = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
  return f64([columns, rows], ...moved);
}

function gemm(options: GemmOptions, ...inputs: Tensor[]): number[] {
  return new Gemm(options).reference(inputs)[0].toNumbers();
}

const extent = fc.integer({ min: 1, max: 4 });

describe('MatMul', () => {
  test.each<[string, Tensor, Tensor, Tensor]>([
    ['a matrix by a column', f64([2, 2], 1, 2, 3, 4), f64([2, 1], 1, 10), f64([2, 1], 21, 43)],
    ['a vector by a vector', f64([2], 1, 2), f64([2], 3, 4), f64([], 11)],
    ['a vector by a matrix', f64([2], 1, 2), f64([2, 2], 1, 2, 3, 4), f64([2], 7, 10)],
    ['a batch by a vector', f64([2, 1, 2], 1, 2, 3, 4), f64([2], 1, 10), f64([2, 1], 21, 43)],
    ['no columns', f64([2, 0]), f64([0, 1]), f64([2, 1], 0, 0)],
    ['no rows', f64([0, 1]), f64([1, 2], 1, 2), f64([0, 2])],
  ])('%s', async (_, a, b, y) => {
    expect(await runNode1('MatMul', [a, b])).toEqual(y);
  });

  test('sums over the last axis of a and the last but one of b, broadcasting the rest', () => {
    const batches = fc.array(fc.tuple(extent, fc.constantFrom('both', 'a', 'b', 'neither')), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(batches, fc.nat(2), extent, extent, extent, fc.nat(10), (batch, missing, m, n, k, seed) => {
        const aBatch = batch.map(([dim, side]) => (side === 'both' || side === 'a' ? dim : 1));
        const bBatch = batch.map(([dim, side]) => (side === 'both' || side === 'b' ? dim : 1)).slice(missing);
        const a = pattern([...aBatch, m, k], seed);
        const b = pattern([...bBatch, k, n], seed + 3);
        const [y] = new MatMul().reference([a, b]);
        const dims = [...broadcastDims(aBatch, bBatch), m, n];
        expect(y.dims).toEqual(dims);
        const strides = stridesOf(dims);
        const expected = y.toNumbers().map((_, flat) => {
          const index = dims.map((dim, axis) => Math.floor(flat / strides[axis]) % dim);
          const [leading, row, column] = [index.slice(0, -2), index.at(-2) ?? 0, index.at(-1) ?? 0];
          let sum = 0;
          for (let i = 0; i < k; i++) sum += at(a, [...leading, row, i]) * at(b, [...leading, i, column]);
          return sum;
        });
        expect(y.toNumbers()).toEqual(expected);
      }),
    );
  });

  test('tells kernels how it walks over batches', () => {
    expect(matmulShape([3, 1, 2, 5], [4, 5, 6])).toEqual({
      m: 2,
      n: 6,
      k: 5,
      batch: [3, 4],
      aBatchStrides: [10, 0],
      bBatchStrides: [0, 30],
      dims: [3, 4, 2, 6],
    });
  });

  test.each<[DType, bigint, bigint]>([
    ['i32', 2n ** 31n - 1n, -2n],
    ['i64', 2n ** 63n - 1n, -2n],
    ['u32', 2n ** 32n - 1n, 2n ** 32n - 2n],
    ['u64', 2n ** 64n - 1n, 2n ** 64n - 2n],
  ])('of %s wraps around', async (dtype, largest, twice) => {
    const a = Tensor.from(dtype, [1, 2], [largest, largest]);
    const y = await runNode1('MatMul', [a, Tensor.from(dtype, [2, 1], [1n, 1n])]);
    expect([y.dtype, y.toBigInts()]).toEqual([dtype, [twice]]);
  });

  test('of i64 beyond 2^53 is exact', async () => {
    const a = Tensor.from('i64', [1, 2], [2n ** 53n + 1n, 3n]);
    expect((await runNode1('MatMul', [a, Tensor.from('i64', [2], [3n, 5n])])).toBigInts()).toEqual([
      3n * 2n ** 53n + 18n,
    ]);
  });

  test.each(['f16', 'bf16'] as const)('of %s rounds once', (dtype) => {
    const a = Tensor.from(dtype, [1, 9], [1, ...new Array<number>(8).fill(2 ** -9)]);
    const b = Tensor.from(dtype, [9, 1], new Array<number>(9).fill(1));
    expect(new MatMul().reference([a, b])[0].toNumbers()).toEqual([1 + 2 ** -6]);
  });

  test('ends in an activation', () => {
    const op = new MatMul({ activation: relu });
    const [a, b] = [f64([2, 1], -1, 1), f64([1, 1], 3)];
    expect(op.reference([a, b])[0].toNumbers()).toEqual([0, 3]);
    expect(op.attributes).toEqual({ activation: 'Relu' });
    expect(op.flops([a, b], op.infer([a, b]))).toBe(2 * 2 + 2);
    const integers = Tensor.from('i32', [1, 1], [1]);
    expect(() => op.infer([integers, integers])).toThrow(UnsupportedError);
  });

  test.each<[string, Dims, Dims]>([
    ['a scalar', [], [1]],
    ['inner dimensions that differ', [2, 3], [2, 3]],
    ['vectors that differ', [3], [2]],
    ['batches that do not broadcast', [2, 1, 1], [3, 1, 1]],
  ])('refuses %s', (_, a, b) => {
    expect(() => new MatMul().infer([pattern(a, 0), pattern(b, 0)])).toThrow(ShapeError);
  });

  test('refuses mixed and unsupported types', () => {
    expect(() => new MatMul().infer([f32([1, 1], 1), f64([1, 1], 1)])).toThrow(ShapeError);
    expect(() => new MatMul().infer([u8([1, 1], 1), u8([1, 1], 1)])).toThrow('element type u8 of MatMul');
  });
});

describe('Gemm', () => {
  const [a, b] = [f64([2, 3], 1, 2, 3, 4, 5, 6), f64([3, 2], 1, 0, 0, 1, 1, 1)];

  test.each<[string, Tensor | undefined, number[]]>([
    ['no', undefined, [4, 5, 10, 11]],
    ['a scalar', f64([], 10), [14, 15, 20, 21]],
    ['a row', f64([2], 10, 20), [14, 25, 20, 31]],
    ['a column', f64([2, 1], 10, 20), [14, 15, 30, 31]],
    ['a full', f64([2, 2], 10, 20, 30, 40), [14, 25, 40, 51]],
  ])('with %s C', async (_, c, y) => {
    const result = await runNode1('Gemm', [a, b, c]);
    expect([result.dims, result.toNumbers()]).toEqual([[2, 2], y]);
  });

  test('scales the product by alpha and C by beta', async () => {
    const attributes = { alpha: { float: 2 }, beta: { float: 0.5 } };
    expect((await runNode1('Gemm', [a, b, f64([2], 2, 4)], { attributes })).toNumbers()).toEqual([
      9, 12, 21, 24,
    ]);
  });

  test('does not read C when beta is 0', () => {
    expect(gemm({ beta: 0 }, a, b, f64([], NaN))).toEqual([4, 5, 10, 11]);
  });

  test('takes either operand transposed', async () => {
    fc.assert(
      fc.property(extent, extent, extent, fc.nat(10), (m, n, k, seed) => {
        const [left, right] = [pattern([m, k], seed), pattern([k, n], seed + 1)];
        const y = gemm({}, left, right);
        expect(new MatMul().reference([left, right])[0].toNumbers()).toEqual(y);
        expect(gemm({ transA: true }, transpose(left), right)).toEqual(y);
        expect(gemm({ transB: true }, left, transpose(right))).toEqual(y);
        expect(gemm({ transA: true, transB: true }, transpose(left), transpose(right))).toEqual(y);
      }),
    );
    const inputs = [f64([3, 1], 1, 2, 3), f64([2, 3], 1, 0, 0, 0, 1, 1)];
    expect((await runNode1('Gemm', inputs, { attributes: { transA: 1, transB: 1 } })).toNumbers()).toEqual([
      1, 5,
    ]);
  });

  test('of integers is exact and wraps around', async () => {
    const largest = Tensor.from('i64', [1, 1], [2n ** 62n + 1n]);
    const attributes = { alpha: { float: 3 }, beta: { float: -1 } };
    const y = await runNode1(
      'Gemm',
      [largest, Tensor.from('i64', [1, 1], [1n]), Tensor.from('i64', [], [1n])],
      { attributes },
    );
    expect(y.toBigInts()).toEqual([BigInt.asIntN(64, 3n * 2n ** 62n + 2n)]);
    const two = Tensor.from('u32', [1, 1], [2]);
    expect(gemm({ alpha: -1 }, two, two)).toEqual([2 ** 32 - 4]);
    expect(() => new Gemm({ alpha: 0.5 }).infer([two, two])).toThrow(UnsupportedError);
    expect(() => new Gemm({ activation: relu }).infer([two, two])).toThrow(UnsupportedError);
  });

  test('ends in an activation and reports itself', () => {
    const op = new Gemm({ alpha: 2, activation: relu });
    const inputs = [f64([1, 1], -1), f64([1, 2], 1, -1), f64([], -1)];
    expect(op.reference(inputs)[0].toNumbers()).toEqual([0, 1]);
    expect(op.attributes).toEqual({ alpha: 2, beta: 1, transA: false, transB: false, activation: 'Relu' });
    // A multiply-add, alpha, C and the activation for each of two elements; then without C; then with beta.
    expect(op.flops(inputs, op.infer(inputs))).toBe(2 * (2 + 1 + 1 + 1));
    expect(op.flops(inputs.slice(0, 2), op.infer(inputs))).toBe(2 * (2 + 1 + 1));
    expect(new Gemm({ beta: 2 }).flops(inputs, op.infer(inputs))).toBe(2 * (2 + 2));
  });

  test('ignores the broadcast flag of old exporters', async () => {
    expect((await runNode1('Gemm', [a, b], { attributes: { broadcast: 1 }, opset: 7 })).toNumbers()).toEqual([
      4, 5, 10, 11,
    ]);
  });

  test.each<[string, Tensor[]]>([
    ['a vector', [f64([3], 1, 2, 3), b]],
    ['a batch', [a, f64([1, 3, 2], 1, 2, 3, 4, 5, 6)]],
    ['inner dimensions that differ', [a, a]],
    ['C that does not broadcast', [a, b, f64([3], 1, 2, 3)]],
    ['C that would broadcast the product', [a, b, f64([1, 2, 2], 1, 2, 3, 4)]],
    ['C larger than the product', [f64([1, 1], 1), f64([1, 1], 1), f64([2, 1], 1, 2)]],
    ['mixed types', [a, b, f32([2], 1, 2)]],
  ])('refuses %s', async (_, inputs) => {
    await expect(runNode1('Gemm', inputs)).rejects.toThrow(ShapeError);
  });

  test('refuses attributes that it does not have', async () => {
    await expect(runNode1('Gemm', [a, b], { attributes: { transC: 1 } })).rejects.toThrow(UnsupportedError);
  });
});
