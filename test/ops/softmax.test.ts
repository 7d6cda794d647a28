import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { Hardmax } from '../../src/ops/hardmax.js';
import { Softmax } from '../../src/ops/softmax.js';
import { Tensor, sizeOf, type DType } from '../../src/tensor/index.js';
import { importNode, runNode1 } from '../support/run-node.js';

const f64 = (dims: readonly number[], values: readonly number[]): Tensor => Tensor.from('f64', dims, values);

/** A tensor with the axis along which rows run, as index arithmetic sees it: outer x length x inner. */
const tensorAndAxis = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    axis: fc.nat({ max: dims.length - 1 }),
    values: fc.array(fc.double({ min: -50, max: 50, noNaN: true }), {
      minLength: sizeOf(dims),
      maxLength: sizeOf(dims),
    }),
  }),
);

/** Elements of the row along `axis` that element `i` is in. */
function rowOf(values: ArrayLike<number>, dims: readonly number[], axis: number, i: number): number[] {
  const inner = sizeOf(dims.slice(axis + 1));
  const first = i - (Math.floor(i / inner) % dims[axis]) * inner;
  return Array.from({ length: dims[axis] }, (_, k) => values[first + k * inner]);
}

describe('Softmax', () => {
  test('of 1, 2, 3 along the last axis by default', async () => {
    const y = await runNode1('Softmax', [f64([1, 3], [1, 2, 3])]);
    expect(y.toNumbers()).toEqual([0.09003057317038046, 0.24472847105479767, 0.6652409557748219].map(near));
  });

  test('y[i] = 1 / sum over j of exp(x[j] - x[i]), on any axis', () => {
    fc.assert(
      fc.property(tensorAndAxis, ({ dims, axis, values }) => {
        const [y] = new Softmax([axis]).reference([f64(dims, values)]);
        const [log] = new Softmax([axis], true).reference([f64(dims, values)]);
        for (const [i, x] of values.entries()) {
          const sum = rowOf(values, dims, axis, i).reduce((total, other) => total + Math.exp(other - x), 0);
          expect(Number(y.data[i])).toBeCloseTo(1 / sum, 12);
          expect(Number(log.data[i])).toBeCloseTo(-Math.log(sum), 10);
        }
      }),
    );
  });

  test('of several axes is that of the rows flattened', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 24, maxLength: 24 }),
        (values) => {
          const [y] = new Softmax([1, 2]).reference([f64([2, 3, 4], values)]);
          const [flat] = new Softmax([1]).reference([f64([2, 12], values)]);
          expect(y.data).toEqual(flat.data);
        },
      ),
    );
    // Axes need not be neighbours.
    const [y] = new Softmax([0, 2]).reference([f64([2, 1, 2], [0, 0, 0, 0])]);
    expect(y.toNumbers()).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test('large and infinite elements', () => {
    const row = (...values: number[]): number[] =>
      new Softmax([0]).reference([f64([values.length], values)])[0].toNumbers();
    expect(row(10000, 10000)).toEqual([0.5, 0.5]);
    expect(row(-10000, 0)).toEqual([0, 1]);
    expect(row(-Infinity, 0)).toEqual([0, 1]);
    expect(row(Infinity, 0)).toEqual([NaN, NaN]);
    expect(row(NaN, 0, 1)).toEqual([NaN, NaN, NaN]);
    expect(row(-Infinity, -Infinity)).toEqual([NaN, NaN]);
    const [log] = new Softmax([0], true).reference([f64([2], [-10000, 0])]);
    expect(log.toNumbers()).toEqual([-10000, 0]);
  });

  test.each<DType>(['f32', 'f16', 'bf16'])('in %s rounds once', (dtype) => {
    const [y] = new Softmax([0]).reference([Tensor.from(dtype, [3], [1, 2, 3])]);
    const exact = [0.09003057317038046, 0.24472847105479767, 0.6652409557748219];
    expect(y).toEqual(Tensor.from(dtype, [3], exact));
  });

  test('before operator set 13 a row spans all axes from axis (1 by default) on', async () => {
    const zeros = f64([2, 2, 3], new Array<number>(12).fill(0));
    const first = async (attributes: Record<string, number>, opset: number): Promise<unknown> =>
      (await runNode1('Softmax', [zeros], { attributes, opset })).data[0];
    expect(await first({}, 12)).toBeCloseTo(1 / 6, 15);
    expect(await first({ axis: 0 }, 12)).toBeCloseTo(1 / 12, 15);
    expect(await first({ axis: -1 }, 11)).toBeCloseTo(1 / 3, 15);
    expect(await first({ axis: 1 }, 13)).toBeCloseTo(1 / 2, 15);
  });

  test('rows leave out axes of size 1', async () => {
    expect(await axesOf([128, 1000, 1, 1])).toEqual([[1]]);
    expect(await axesOf([2, 1, 5, 7])).toEqual([[2, 3]]);
    expect(await axesOf([2, 1, 1])).toEqual([[1]]);
  });

  test('of nothing is nothing, however long its rows', () => {
    expect(new Softmax([1]).reference([new Tensor('f32', [2, 0])])[0].dims).toEqual([2, 0]);
    expect(new Softmax([1]).reference([new Tensor('f32', [0, 2 ** 40])])[0].size).toBe(0);
    expect(new Softmax([1]).reference([new Tensor('f32', [2 ** 40, 0])])[0].size).toBe(0);
  });

  test('wrong inputs', async () => {
    const x = f64([2, 2], [1, 2, 3, 4]);
    await expect(runNode1('Softmax', [x], { attributes: { axis: 2 } })).rejects.toThrow(ShapeError);
    await expect(runNode1('Softmax', [x], { attributes: { axis: -3 }, opset: 11 })).rejects.toThrow(
      ShapeError,
    );
    await expect(runNode1('Softmax', [f64([2], [1, 2])], { opset: 11 })).rejects.toThrow(ShapeError);
    await expect(runNode1('LogSoftmax', [Tensor.from('i32', [2], [1, 2])])).rejects.toThrow(
      'element type i32 of LogSoftmax is not supported',
    );
    for (const axes of [[1, 0], [0, 0], [-1], [2], [0.5]]) {
      expect(() => new Softmax(axes).infer([x])).toThrow(ShapeError);
    }
    expect(() => new Softmax([0]).infer([])).toThrow(ShapeError);
  });

  test('describes itself', () => {
    const x = f64([2, 3], [1, 2, 3, 4, 5, 6]);
    const op = new Softmax([1]);
    expect([op.type, new Softmax([1], true).type, op.attributes]).toEqual([
      'Softmax',
      'LogSoftmax',
      { axes: [1] },
    ]);
    expect(op.flops([x], op.infer([x]))).toBe(30);
  });
});

describe('Hardmax', () => {
  test('marks the first maximum', async () => {
    const x = f64([4, 4], [3, 0, 1, 2, 2, 5, 1, 0, 0, 1, 3, 2, 0, 1, 2, 3]);
    const y = await runNode1('Hardmax', [x]);
    expect(y.toNumbers()).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    expect((await runNode1('Hardmax', [f64([1, 4], [3, 3, 3, 1])])).toNumbers()).toEqual([1, 0, 0, 0]);
  });

  test('on other axes, and on flattened rows before operator set 13', async () => {
    const x = f64([2, 2, 2], [1, 2, 3, 4, 9, 6, 7, 8]);
    const run = async (axis: number, opset: number): Promise<number[]> =>
      (await runNode1('Hardmax', [x], { attributes: { axis }, opset })).toNumbers();
    expect(await run(1, 13)).toEqual([0, 0, 1, 1, 1, 0, 0, 1]);
    expect(await run(1, 11)).toEqual([0, 0, 0, 1, 1, 0, 0, 0]);
    expect(await run(0, 11)).toEqual([0, 0, 0, 0, 1, 0, 0, 0]);
  });

  test('has one 1 per row, at a maximum', () => {
    fc.assert(
      fc.property(tensorAndAxis, ({ dims, axis, values }) => {
        const [y] = new Hardmax([axis]).reference([f64(dims, values)]);
        for (const i of values.keys()) {
          const hot = rowOf(y.toFloat64(), dims, axis, i);
          expect(hot.filter((bit) => bit === 1)).toHaveLength(1);
          const isMaximum = values[i] === Math.max(...rowOf(values, dims, axis, i));
          expect(y.data[i] === 0 || isMaximum).toBe(true);
        }
      }),
    );
  });

  test('describes itself and refuses integers', () => {
    const x = f64([2, 3], [1, 2, 3, 4, 5, 6]);
    const op = new Hardmax([1]);
    expect([op.type, op.attributes, op.flops([x], op.infer([x]))]).toEqual(['Hardmax', { axes: [1] }, 6]);
    expect(() => op.infer([Tensor.from('i8', [1, 1], [1])])).toThrow(UnsupportedError);
  });
});

/** Axes that the rows of an imported Softmax span, before operator set 13. */
async function axesOf(dims: readonly number[]): Promise<unknown> {
  const nodes = await importNode('Softmax', dims, { opset: 11 });
  return nodes.map(({ op }) => (op as Softmax).axes);
}

/** Equal up to rounding in double precision. */
function near(value: number): unknown {
  return expect.closeTo(value, 12);
}
