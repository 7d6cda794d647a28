import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphError, LimitError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { ValueNeeded } from '../../src/graph/index.js';
import { OnnxModel } from '../../src/onnx/index.js';
import { Identity } from '../../src/ops/identity.js';
import { Reshape } from '../../src/ops/reshape.js';
import { Tensor, sizeOf, type DType } from '../../src/tensor/index.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';
import { runNode, runNode1 } from '../support/run-node.js';
import { ints, ramp } from './ramps.js';

function range(dtype: DType, ...numbers: (number | bigint)[]): Promise<Tensor> {
  return runNode1(
    'Range',
    numbers.map((value) => Tensor.scalar(dtype, value)),
  );
}

describe('Reshape', () => {
  const cases: [from: number[], shape: number[], allowzero: number, to: number[]][] = [
    [[2, 3, 4], [4, 2, 3], 0, [4, 2, 3]],
    [[2, 3, 4], [24], 0, [24]],
    [[2, 3, 4], [2, -1, 2], 0, [2, 6, 2]],
    [[2, 3, 4], [2, 0, 4, 1], 0, [2, 3, 4, 1]],
    [[2, 3, 4], [2, 0, 1, -1], 0, [2, 3, 1, 4]],
    [[0, 3, 4], [3, 4, 0], 1, [3, 4, 0]],
    [[0, 3, 4], [0, 12], 0, [0, 12]],
    [[1, 1], [], 0, []],
    [[0, 3], [-1, 3], 0, [0, 3]],
  ];

  test.each(cases)('%j to %j (allowzero %i) is %j', async (from, shape, allowzero, to) => {
    const x = ramp(...from);
    const y = await runNode1('Reshape', [x, ints(...shape)], { attributes: { allowzero } });
    expect(y.dims).toEqual(to);
    expect(y.data).toEqual(x.data);
  });

  test.each([
    ['two open dims', [2, 3], [-1, -1]],
    ['a dim below -1', [2, 3], [-2, 3]],
    ['a size that differs', [2, 3], [4]],
    ['an open dim that does not divide', [2, 3], [4, -1]],
    ['an open dim that could be anything', [0, 3], [0, -1]],
    ['a 0 beyond the input', [6], [6, 0]],
    ['a dim of 2^63 - 1', [6], [2n ** 63n - 1n]],
  ])('%s is refused', async (_, from, shape) => {
    await expect(runNode1('Reshape', [ramp(...from), ints(...shape)])).rejects.toThrow(ShapeError);
  });

  test('a shape of the wrong type or rank is refused', async () => {
    await expect(runNode1('Reshape', [ramp(6), ramp(2)])).rejects.toThrow(ShapeError);
    await expect(runNode1('Reshape', [ramp(6), ints(2, 3).reshape([1, 2])])).rejects.toThrow(ShapeError);
    await expect(runNode1('Reshape', [ramp(6)])).rejects.toThrow(ShapeError);
  });

  test('a huge list is refused before it is laid out', async () => {
    const bytes = makeModel({
      nodes: [makeNode('ConstantOfShape', ['n'], ['shape']), makeNode('Reshape', ['x', 'shape'], ['y'])],
      outputs: { y: port('f32') },
      initializers: { n: ints(2 ** 27), x: ramp(1) },
    });
    const model = await OnnxModel.parse(bytes);
    expect(() => model.build({ dims: new Map() })).toThrow(ShapeError);
  });

  test('a shape that is a graph input is asked for', async () => {
    const bytes = makeModel({
      nodes: [makeNode('Reshape', ['x', 'shape'], ['y'])],
      inputs: { x: port('f32', [2, 3]), shape: port('i64', [1]) },
      outputs: { y: port('f32') },
    });
    const model = await OnnxModel.parse(bytes);
    const dims = new Map([
      ['x', [2, 3]],
      ['shape', [1]],
    ]);
    expect(() => model.build({ dims })).toThrow(ValueNeeded);
    const graph = model.build({ dims, values: new Map([['shape', ints(6)]]) });
    expect(graph.outputs[0].value.type.dims).toEqual([6]);
  });

  test('moves no bytes', () => {
    const x = { dtype: 'f32', dims: [4] } as const;
    const reshape = new Reshape([2, 2]);
    expect(reshape.bytes()).toBe(0);
    expect(reshape.flops([x], reshape.infer([x]))).toBe(0);
    expect(new Identity().bytes()).toBe(0);
  });
});

describe('Flatten, Squeeze, Unsqueeze', () => {
  test.each([
    [[2, 3, 4], 0, [1, 24]],
    [[2, 3, 4], 1, [2, 12]],
    [[2, 3, 4], 3, [24, 1]],
    [[2, 3, 4], -1, [6, 4]],
    [[2, 3, 4], -3, [1, 24]],
    [[], 0, [1, 1]],
    [[0, 3], 1, [0, 3]],
  ])('Flatten %j at %i is %j', async (dims, axis, expected) => {
    expect((await runNode1('Flatten', [ramp(...dims)], { attributes: { axis } })).dims).toEqual(expected);
  });

  test('Flatten splits after the first axis by default', async () => {
    expect((await runNode1('Flatten', [ramp(2, 3, 4)])).dims).toEqual([2, 12]);
  });

  test('Squeeze without axes drops every 1', async () => {
    expect((await runNode1('Squeeze', [ramp(1, 3, 1)])).dims).toEqual([3]);
  });

  test('Unsqueeze puts axes where they are in the output, in whatever order they are named', async () => {
    const y = await runNode1('Unsqueeze', [ramp(3, 4), ints(-1, 0, 2)]);
    expect(y.dims).toEqual([1, 3, 1, 4, 1]);
  });

  test.each([11, 13])('Squeeze undoes Unsqueeze in operator set %i', async (opset) => {
    const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(shapes, fc.infiniteStream(fc.nat()), async (dims, stream) => {
        // Insert ones into the list one by one: the places of the later ones are final.
        const added = 2;
        const rank = dims.length + added;
        const places = [stream.next().value % rank];
        places.push((places[0] + 1 + (stream.next().value % (rank - 1))) % rank);
        const expected = [...dims];
        for (const place of [...places].sort((a, b) => a - b)) expected.splice(place, 0, 1);
        const axes = places.map((place, i) => (i === 0 ? place - rank : place));
        const form = (): { inputs: Tensor[]; attributes: Record<string, number[]> } =>
          opset < 13 ? { inputs: [], attributes: { axes } } : { inputs: [ints(...axes)], attributes: {} };
        const { inputs, attributes } = form();
        const wide = await runNode1('Unsqueeze', [ramp(...dims), ...inputs], { opset, attributes });
        expect(wide.dims).toEqual(expected);
        const back = await runNode1('Squeeze', [wide, ...inputs], { opset, attributes });
        expect(back.dims).toEqual(dims);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['Flatten', [ramp(2, 3)], { axis: 3 }],
    ['Squeeze', [ramp(2, 1), ints(0)], {}],
    ['Squeeze', [ramp(2, 1), ints(2)], {}],
    ['Squeeze', [ramp(1, 1), ints(0, -2)], {}],
    ['Unsqueeze', [ramp(2), ints(0, 0)], {}],
    ['Unsqueeze', [ramp(2), ints(2n ** 63n - 1n)], {}],
    ['Unsqueeze', [ramp(2)], {}],
  ])('%s refuses bad axes', async (op, inputs, attributes) => {
    await expect(runNode1(op, inputs, { attributes })).rejects.toThrow(ShapeError);
  });

  test('the attribute form is refused by name where it is gone', async () => {
    await expect(runNode1('Squeeze', [ramp(1)], { attributes: { axes: [0] } })).rejects.toThrow(
      new UnsupportedError('attribute axes of Squeeze').message,
    );
  });
});

describe('Identity and Dropout', () => {
  test('Identity is its input', async () => {
    const x = ramp(2, 3);
    expect((await runNode1('Identity', [x])).data).toEqual(x.data);
  });

  test.each([
    [7, 'f32'],
    [10, 'bool'],
    [12, 'bool'],
    [22, 'bool'],
  ] as [number, DType][])(
    'the mask of Dropout in operator set %i is of type %s, all ones',
    async (opset, dtype) => {
      const attributes = opset < 12 ? { ratio: 0.5 } : { seed: 3 };
      const [y, mask] = await runNode('Dropout', [ramp(2, 2)], { opset, outputs: 2, attributes });
      expect(y.toNumbers()).toEqual([0, 1, 2, 3]);
      expect(mask.dtype).toBe(dtype);
      expect(mask.dims).toEqual([2, 2]);
      expect(mask.toNumbers()).toEqual([1, 1, 1, 1]);
    },
  );

  const yes = Tensor.scalar('bool', true);
  const no = Tensor.scalar('bool', false);

  test('training mode is refused where it is random', async () => {
    const random = runNode1('Dropout', [ramp(2), Tensor.scalar('f32', 0.25), yes]);
    await expect(random).rejects.toThrow(/training_mode with ratio 0.25 of Dropout/);
    await expect(runNode1('Dropout', [ramp(2), undefined, yes])).rejects.toThrow(UnsupportedError);
  });

  test.each([
    [Tensor.scalar('f32', 0), yes],
    [Tensor.scalar('f32', 0.75), no],
    [undefined, no],
  ])('nothing is dropped with ratio %s and training_mode %s', async (ratio, training) => {
    expect((await runNode1('Dropout', [ramp(3), ratio, training])).toNumbers()).toEqual([0, 1, 2]);
  });

  test('the ratio is no attribute since operator set 12', async () => {
    await expect(runNode1('Dropout', [ramp(2)], { attributes: { ratio: 0.5 } })).rejects.toThrow(
      UnsupportedError,
    );
  });
});

describe('Shape and Size', () => {
  test('against slicing in JavaScript', async () => {
    const bound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: undefined });
    const shapes = fc.array(fc.nat(3), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(shapes, bound, bound, async (dims, start, end) => {
        const attributes = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
        const shape = await runNode1('Shape', [ramp(...dims)], { attributes });
        expect(shape.dtype).toBe('i64');
        expect(shape.toNumbers()).toEqual(dims.slice(start, end));
        const size = await runNode1('Size', [ramp(...dims)]);
        expect(size.dims).toEqual([]);
        expect(size.toBigInts()).toEqual([BigInt(sizeOf(dims))]);
      }),
      { numRuns: 50 },
    );
  });

  test('start and end are refused before operator set 15', async () => {
    const old = runNode1('Shape', [ramp(2)], { opset: 13, attributes: { start: 0 } });
    await expect(old).rejects.toThrow(UnsupportedError);
  });
});

describe('Constant', () => {
  test.each([
    ['value', Tensor.from('u8', [2], [1, 2]), 'u8', [2], [1, 2]],
    ['value_float', { float: 2 }, 'f32', [], [2]],
    ['value_floats', { floats: [1, 2.5] }, 'f32', [2], [1, 2.5]],
    ['value_int', -3, 'i64', [], [-3]],
    ['value_ints', [4, 5, 6], 'i64', [3], [4, 5, 6]],
  ] as const)('%s', async (name, value, dtype, dims, numbers) => {
    const y = await runNode1('Constant', [], { attributes: { [name]: value } });
    expect(y.dtype).toBe(dtype);
    expect(y.dims).toEqual(dims);
    expect(y.toNumbers()).toEqual(numbers);
  });

  test('what has no numbers is refused by name', async () => {
    for (const attributes of [{ value_string: 'a' }, { value_strings: ['a', 'b'] }]) {
      const [name] = Object.keys(attributes);
      await expect(runNode1('Constant', [], { attributes })).rejects.toThrow(`attribute ${name} of Constant`);
    }
  });

  test('exactly one value is needed', async () => {
    await expect(runNode1('Constant', [])).rejects.toThrow(GraphError);
    const two = { value_int: 1, value_float: { float: 1 } };
    await expect(runNode1('Constant', [], { attributes: two })).rejects.toThrow(GraphError);
  });
});

describe('ConstantOfShape', () => {
  test('zeros by default', async () => {
    const y = await runNode1('ConstantOfShape', [ints(2, 2)]);
    expect(y.dtype).toBe('f32');
    expect(y.toNumbers()).toEqual([0, 0, 0, 0]);
  });

  test('one value of any type, repeated', async () => {
    const value = Tensor.from('i64', [1], [2n ** 60n + 1n]);
    const y = await runNode1('ConstantOfShape', [ints(3)], { attributes: { value } });
    expect(y.toBigInts()).toEqual([2n ** 60n + 1n, 2n ** 60n + 1n, 2n ** 60n + 1n]);
  });

  test('an empty shape is a scalar, and a 0 makes it empty', async () => {
    expect((await runNode1('ConstantOfShape', [ints()])).dims).toEqual([]);
    expect((await runNode1('ConstantOfShape', [ints(0)])).dims).toEqual([0]);
  });

  test('bad shapes and values are refused', async () => {
    await expect(runNode1('ConstantOfShape', [ints(2, -1)])).rejects.toThrow(ShapeError);
    await expect(runNode1('ConstantOfShape', [ints(2n ** 40n)])).rejects.toThrow(LimitError);
    const attributes = { value: Tensor.from('f32', [2], [1, 2]) };
    await expect(runNode1('ConstantOfShape', [ints(2)], { attributes })).rejects.toThrow(ShapeError);
  });
});

describe('Range', () => {
  test.each([
    ['f32', [3, 9, 3], [3, 6]],
    ['i32', [10, 4, -2], [10, 8, 6]],
    ['f64', [0, 1, 0.4], [0, 0.4, 0.8]],
    ['f16', [1, 2, 0.5], [1, 1.5]],
    ['i64', [0, 5, 2], [0, 2, 4]],
    ['i64', [1, 2, -1], []],
    ['i64', [0, 1, -2], []],
    ['i64', [0, -5, -2], [0, -2, -4]],
    ['i16', [5, 5, 1], []],
    ['f32', [0, -1, 1], []],
  ] as [DType, number[], number[]][])('%s %j is %j', async (dtype, [start, limit, delta], expected) => {
    const y = await range(dtype, start, limit, delta);
    expect(y.dtype).toBe(dtype);
    expect(y.dims).toEqual([expected.length]);
    expect(y.toNumbers()).toEqual(expected);
  });

  test('64-bit integers stay exact', async () => {
    const start = 2n ** 62n + 1n;
    expect((await range('i64', start, start + 3n, 2n)).toBigInts()).toEqual([start, start + 2n]);
  });

  test('endless, huge and ill-typed ranges are refused', async () => {
    await expect(range('f32', 0, 1, 0)).rejects.toThrow(ShapeError);
    await expect(range('f32', 0, 0, 0)).rejects.toThrow(ShapeError);
    await expect(range('i64', 0, 1, 0)).rejects.toThrow(ShapeError);
    await expect(range('f32', 0, Infinity, 1)).rejects.toThrow(ShapeError);
    await expect(range('i64', 0n, 2n ** 62n, 1n)).rejects.toThrow(LimitError);
    const mixed = [Tensor.scalar('f32', 0), Tensor.scalar('f32', 1), Tensor.scalar('i32', 1)];
    await expect(runNode1('Range', mixed)).rejects.toThrow(ShapeError);
    await expect(runNode1('Range', [ints(1, 2), ints(3), ints(1)])).rejects.toThrow(ShapeError);
  });
});
