import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError, ShapeError } from '../../src/errors.js';
import { Gather, GatherElements, GatherND } from '../../src/ops/gather.js';
import { Tensor } from '../../src/tensor/index.js';
import { runNode1 } from '../support/run-node.js';
import { at, ints, ramp, rearranged } from './ramps.js';

const filled = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

describe('Gather, GatherElements, GatherND', () => {
  test('Gather along any axis, with indices of any rank', async () => {
    const cases = filled.chain((dims) =>
      fc
        .nat(dims.length - 1)
        .chain((axis) =>
          fc.tuple(
            fc.constant(dims),
            fc.constant(axis),
            fc.array(fc.integer({ min: -dims[axis], max: dims[axis] - 1 }), { minLength: 4, maxLength: 4 }),
            fc.constantFrom([4], [2, 2], [1, 4]),
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([dims, axis, picked, shape]) => {
        const x = ramp(...dims);
        const list = ints(...picked).reshape(shape);
        const y = await runNode1('Gather', [x, list], { attributes: { axis } });
        const expected = [...dims.slice(0, axis), ...shape, ...dims.slice(axis + 1)];
        expect(y).toEqual(
          rearranged(expected, x, (index) => {
            const i = at(list, index.slice(axis, axis + shape.length));
            return [...index.slice(0, axis), i < 0 ? i + dims[axis] : i, ...index.slice(axis + shape.length)];
          }),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('a scalar index drops the axis', async () => {
    const y = await runNode1('Gather', [ramp(3, 2), Tensor.scalar('i32', -1)]);
    expect(y.dims).toEqual([2]);
    expect(y.toNumbers()).toEqual([4, 5]);
  });

  // The examples of ONNX's specification.
  test('GatherElements picks along its axis', async () => {
    const indices = ints(1, 2, 0, 2, 0, 0).reshape([2, 3]);
    const data = ramp(3, 3);
    expect((await runNode1('GatherElements', [data, indices])).toNumbers()).toEqual([3, 7, 2, 6, 1, 2]);
    const across = await runNode1('GatherElements', [ramp(2, 2), ints(0, 0, -1, 0).reshape([2, 2])], {
      attributes: { axis: 1 },
    });
    expect(across.toNumbers()).toEqual([0, 0, 3, 2]);
  });

  test.each([
    [[2, 2], ints(0, 0, 1, 1).reshape([2, 2]), 0, [2], [0, 3]],
    [[2, 2], ints(1, 0).reshape([2, 1]), 0, [2, 2], [2, 3, 0, 1]],
    [[2, 2, 2], ints(0, 1, 1, 0).reshape([2, 2]), 0, [2, 2], [2, 3, 4, 5]],
    [[2, 2, 2], ints(1, -2).reshape([2, 1]), 1, [2, 2], [2, 3, 4, 5]],
  ])('GatherND of %j', async (dims, indices, batch_dims, expected, values) => {
    const y = await runNode1('GatherND', [ramp(...dims), indices], { attributes: { batch_dims } });
    expect(y.dims).toEqual(expected);
    expect(y.toNumbers()).toEqual(values);
  });

  test.each([
    ['Gather', ints(3)],
    ['Gather', ints(-4)],
    ['Gather', ints(2n ** 63n - 1n)],
    ['GatherElements', ints(3).reshape([1, 1])],
    ['GatherND', ints(0, -3).reshape([1, 2])],
  ])('%s refuses an index out of range when it meets it', async (op, indices) => {
    await expect(runNode1(op, [ramp(3, 2), indices])).rejects.toThrow(InputError);
  });

  test.each([
    ['Gather', Tensor.from('f32', [1], [0]), {}],
    ['Gather', ints(0), { axis: 2 }],
    ['GatherElements', ints(0), {}],
    ['GatherElements', ints(0, 0, 0).reshape([1, 3]), {}],
    ['GatherND', ints(0, 0, 0).reshape([1, 3]), {}],
    ['GatherND', ints(0).reshape([1, 1]), { batch_dims: 1 }],
    ['GatherND', Tensor.scalar('i64', 0), {}],
  ])('%s refuses indices that do not fit', async (op, indices, attributes) => {
    await expect(runNode1(op, [ramp(3, 2), indices], { attributes })).rejects.toThrow(ShapeError);
  });

  test('nothing is gathered from a huge empty tensor', () => {
    const data = new Tensor('f32', [2 ** 40, 1, 0]);
    expect(new Gather(1).reference([data, ints(0, 0)])[0].dims).toEqual([2 ** 40, 2, 0]);
  });

  test.each([
    [new Gather(0), [0, 8], [5]],
    [new GatherElements(1), [3, 0, 4], [3, 2, 4]],
    [new GatherND(0), [3, 0, 4], [5, 2]],
  ])('$0.type picks nothing from nothing', (op, data, indices) => {
    const types = [data, indices].map((dims, i) => ({
      dtype: i === 0 ? ('f32' as const) : ('i64' as const),
      dims,
    }));
    expect(() => op.infer(types)).toThrow(ShapeError);
  });

  test('what is empty may be picked from what is empty', () => {
    const types = [
      { dtype: 'f32', dims: [4, 0] },
      { dtype: 'i64', dims: [3] },
    ] as const;
    expect(new Gather(0).infer(types)).toEqual([{ dtype: 'f32', dims: [3, 0] }]);
  });
});

describe('OneHot', () => {
  const values = Tensor.from('i32', [2], [7, 9]);

  test('the new axis is last by default', async () => {
    const y = await runNode1('OneHot', [ints(1, -1, 5), Tensor.scalar('i64', 3), values]);
    expect(y.dtype).toBe('i32');
    expect(y.dims).toEqual([3, 3]);
    expect(y.toNumbers()).toEqual([7, 9, 7, 7, 7, 9, 7, 7, 7]);
  });

  test('the new axis can be first', async () => {
    const y = await runNode1('OneHot', [ints(1, 0, 1), ints(2), values], { attributes: { axis: 0 } });
    expect(y.dims).toEqual([2, 3]);
    expect(y.toNumbers()).toEqual([7, 9, 7, 9, 7, 9]);
  });

  test.each([
    ['a depth that is a list', [ints(0), ints(2, 2), values], {}],
    ['a negative depth', [ints(0), ints(-2), values], {}],
    ['three values', [ints(0), ints(2), ints(0, 1, 2)], {}],
    ['an axis out of range', [ints(0), ints(2), values], { axis: 2 }],
  ])('refuses %s', async (_, inputs, attributes) => {
    await expect(runNode1('OneHot', inputs, { attributes })).rejects.toThrow(ShapeError);
  });
});
