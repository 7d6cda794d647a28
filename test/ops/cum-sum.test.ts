import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { createSession } from '../../src/node.js';
import { OnnxModel } from '../../src/onnx/index.js';
import { CumSum } from '../../src/ops/cum-sum.js';
import { Tensor, sizeOf, type DType } from '../../src/tensor/index.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';
import { runNode1 } from '../support/run-node.js';

const f64 = (dims: readonly number[], values: readonly number[]): Tensor => Tensor.from('f64', dims, values);
const axisInput = (axis: number): Tensor => Tensor.scalar('i64', axis);

/** Sums of a list along its one axis, by an ONNX node. */
async function cumSum(
  dtype: DType,
  values: readonly number[] | readonly bigint[],
  attributes: Readonly<Record<string, number>> = {},
): Promise<unknown[]> {
  const y = await runNode1('CumSum', [Tensor.from(dtype, [values.length], values), axisInput(0)], {
    attributes,
  });
  return [...y.data];
}

/** What an ONNX node is refused with. */
function rejected(inputs: readonly Tensor[]): Promise<unknown> {
  return runNode1('CumSum', inputs).catch((error: unknown) => error);
}

/** A tensor, an axis, and every combination of the flags. */
const cases = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    axis: fc.integer({ min: -dims.length, max: dims.length - 1 }),
    exclusive: fc.boolean(),
    reverse: fc.boolean(),
    values: fc.array(fc.integer({ min: -1000, max: 1000 }), {
      minLength: sizeOf(dims),
      maxLength: sizeOf(dims),
    }),
  }),
);

describe('CumSum', () => {
  test('the example of the ONNX specification', async () => {
    expect(await cumSum('f32', [1, 2, 3])).toEqual([1, 3, 6]);
    expect(await cumSum('f32', [1, 2, 3], { exclusive: 1 })).toEqual([0, 1, 3]);
    expect(await cumSum('f32', [1, 2, 3], { reverse: 1 })).toEqual([6, 5, 3]);
    expect(await cumSum('f32', [1, 2, 3], { exclusive: 1, reverse: 1 })).toEqual([5, 3, 0]);
  });

  test('along either axis of a matrix', async () => {
    const x = f64([2, 3], [1, 2, 3, 4, 5, 6]);
    expect(await runNode1('CumSum', [x, axisInput(0)])).toEqual(f64([2, 3], [1, 2, 3, 5, 7, 9]));
    expect(await runNode1('CumSum', [x, axisInput(1)])).toEqual(f64([2, 3], [1, 3, 6, 4, 9, 15]));
    expect(await runNode1('CumSum', [x, axisInput(-1)])).toEqual(f64([2, 3], [1, 3, 6, 4, 9, 15]));
  });

  test('y[i] is the sum of all x[j] on its side of i, on any axis', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ dims, axis, exclusive, reverse, values }) => {
        const y = await runNode1('CumSum', [f64(dims, values), axisInput(axis)], {
          attributes: { exclusive: Number(exclusive), reverse: Number(reverse) },
        });
        const own = axis < 0 ? axis + dims.length : axis;
        const inner = sizeOf(dims.slice(own + 1));
        const expected = values.map((_, flat) => {
          const i = Math.floor(flat / inner) % dims[own];
          const first = flat - i * inner;
          let sum = 0;
          for (let j = 0; j < dims[own]; j++) {
            const counts = j === i ? !exclusive : j < i !== reverse;
            if (counts) sum += values[first + j * inner];
          }
          return sum;
        });
        expect(y.toNumbers().map((sum) => sum + 0)).toEqual(expected.map((sum) => sum + 0));
      }),
      { numRuns: 60 },
    );
  });

  test('integers are exact and wrap', async () => {
    const large = 2n ** 62n;
    expect(await cumSum('i64', [large, 1n, large])).toEqual([large, large + 1n, 1n - 2n ** 63n]);
    expect(await cumSum('u64', [2n ** 64n - 1n, 2n])).toEqual([2n ** 64n - 1n, 1n]);
    expect(await cumSum('i32', [0x7fffffff, 2])).toEqual([0x7fffffff, -0x7fffffff]);
    expect(await cumSum('u8', [200, 100, 1])).toEqual([200, 44, 45]);
  });

  test('small floats are summed in double precision and rounded once', async () => {
    // In f16 the sum would stop at 2048: there, adding 1 changes nothing.
    const ones = new Array<number>(2050).fill(1);
    const y = await runNode1('CumSum', [Tensor.from('f16', [2050], ones), axisInput(0)]);
    expect(y.toNumbers()[2049]).toBe(2050);
  });

  test('NaN and infinity spread from where they are', async () => {
    expect(await cumSum('f32', [1, NaN, 2])).toEqual([1, NaN, NaN]);
    expect(await cumSum('f32', [1, Infinity, -Infinity])).toEqual([1, Infinity, NaN]);
    expect(await cumSum('f32', [1, Infinity], { exclusive: 1 })).toEqual([0, 1]);
  });

  test('of nothing is nothing, however long the other axes', () => {
    const op = new CumSum({ axis: 0, exclusive: false, reverse: false });
    for (const dims of [[0], [0, 2 ** 40], [2 ** 40, 0]]) {
      expect(op.reference([new Tensor('f32', dims)])).toEqual([new Tensor('f32', dims)]);
    }
  });

  test('every operator set, and an axis of rank 1', async () => {
    const x = f64([2], [1, 2]);
    for (const opset of [11, 14, 21]) {
      expect(await runNode1('CumSum', [x, axisInput(0)], { opset })).toEqual(f64([2], [1, 3]));
    }
    expect(await runNode1('CumSum', [x, Tensor.from('i32', [1], [0])])).toEqual(f64([2], [1, 3]));
  });

  test('an axis that is known only when the model runs', async () => {
    const bytes = makeModel({
      nodes: [makeNode('CumSum', ['x', 'axis'], ['y'])],
      inputs: { x: port('f64', [2, 2]), axis: port('i64', []) },
      outputs: { y: port('f64') },
    });
    const session = await createSession(await OnnxModel.parse(bytes), { device: 'cpu' });
    const x = f64([2, 2], [1, 2, 3, 4]);
    expect((await session.run({ x, axis: axisInput(0) })).y).toEqual(f64([2, 2], [1, 2, 4, 6]));
    expect((await session.run({ x, axis: axisInput(1) })).y).toEqual(f64([2, 2], [1, 3, 3, 7]));
    await session.dispose();
  });

  test('wrong inputs', async () => {
    const x = f64([2, 2], [1, 2, 3, 4]);
    for (const axis of [2, -3]) expect(await rejected([x, axisInput(axis)])).toBeInstanceOf(ShapeError);
    expect(await rejected([x])).toBeInstanceOf(ShapeError);
    expect(await rejected([x, Tensor.from('i64', [2], [0, 1])])).toBeInstanceOf(ShapeError);
    expect(await rejected([x, Tensor.scalar('f32', 0)])).toBeInstanceOf(ShapeError);
    expect(await rejected([Tensor.scalar('f32', 1), axisInput(0)])).toBeInstanceOf(ShapeError);
    expect(await rejected([Tensor.from('bool', [1], [1]), axisInput(0)])).toEqual(
      expect.objectContaining({ feature: 'element type bool of CumSum' }),
    );
    const op = new CumSum({ axis: 0, exclusive: false, reverse: false });
    expect(() => op.infer([{ dtype: 'f8e5m2', dims: [1] }])).toThrow(UnsupportedError);
    expect(() => op.infer([])).toThrow(ShapeError);
  });

  test('describes itself', () => {
    const op = new CumSum({ axis: 1, exclusive: true, reverse: false });
    const x = { dtype: 'f32', dims: [2, 3] } as const;
    expect([op.title, op.attributes]).toEqual(['CumSum', { axis: 1, exclusive: true, reverse: false }]);
    expect(op.infer([x])).toEqual([x]);
    expect([op.flops([x], [x]), op.bytes([x], [x])]).toEqual([6, 48]);
  });
});
