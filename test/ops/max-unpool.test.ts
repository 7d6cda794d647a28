import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { ValueNeeded } from '../../src/graph/index.js';
import { OnnxModel } from '../../src/onnx/index.js';
import { MaxPool } from '../../src/ops/max-pool.js';
import { MaxUnpool } from '../../src/ops/max-unpool.js';
import { Tensor, sizeOf, type DType, type Dims } from '../../src/tensor/index.js';
import { makeModel, makeNode, port, type AttributeInput } from '../support/onnx-builder.js';
import { runNode1 } from '../support/run-node.js';

type Attributes = Readonly<Record<string, AttributeInput>>;

const f32 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('f32', dims, values);
const iota = (dims: Dims, dtype: DType): Tensor =>
  Tensor.from(
    dtype,
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => i + 1),
  );
const i64 = (dims: Dims, ...values: number[]): Tensor => Tensor.from('i64', dims, values);

describe('MaxUnpool', () => {
  const x = f32([1, 1, 2, 2], 1, 2, 3, 4);
  const indices = i64([1, 1, 2, 2], 5, 7, 13, 15);
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const unpooled = [0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4];

  test("of ONNX's example", async () => {
    expect(await runNode1('MaxUnpool', [x, indices], { attributes })).toEqual(f32([1, 1, 4, 4], ...unpooled));
  });

  test('with a larger output, the unpooled tensor lies in its first corner', async () => {
    const y = await runNode1('MaxUnpool', [x, indices, i64([4], 1, 1, 5, 5)], { attributes });
    const rows = [0, 4, 8, 12].map((start) => [...unpooled.slice(start, start + 4), 0]);
    expect(y).toEqual(f32([1, 1, 5, 5], ...rows.flat(), 0, 0, 0, 0, 0));
  });

  test('asks for the value of output_shape', async () => {
    const bytes = makeModel({
      nodes: [makeNode('MaxUnpool', ['x', 'i', 'shape'], ['y'], attributes)],
      inputs: { x: port('f32', x.dims), i: port('i64', x.dims), shape: port('i64', [4]) },
      outputs: { y: port('f32') },
    });
    const model = await OnnxModel.parse(bytes);
    const dims = new Map([
      ['x', x.dims],
      ['i', x.dims],
      ['shape', [4]],
    ]);
    expect(() => model.build({ dims })).toThrow(ValueNeeded);
    const graph = model.build({ dims, values: new Map([['shape', i64([4], 1, 1, 4, 6)]]) });
    expect(graph.outputs[0].value.type.dims).toEqual([1, 1, 4, 6]);
  });

  test('undoes MaxPool where its windows do not overlap', () => {
    const axis = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(
        fc.tuple(axis, axis),
        fc.tuple(axis, axis),
        fc.constantFrom<DType>('f32', 'f16'),
        (blocks, kernel, dtype) => {
          const pooled = iota([2, 2, ...blocks.map((count, i) => count * kernel[i])], dtype);
          const window = { kernel, strides: kernel };
          const [y, at] = new MaxPool({ ...window, indices: 'row-major' }).reference([pooled]);
          const [back] = new MaxUnpool(window).reference([y, at]);
          expect(new MaxPool(window).reference([back])).toEqual([y]);
          const kept = new Set(at.toNumbers());
          expect(back).toEqual(
            Tensor.from(
              dtype,
              pooled.dims,
              pooled.toNumbers().map((value, i) => (kept.has(i) ? value : 0)),
            ),
          );
        },
      ),
    );
  });

  test('attributes, pads and type', () => {
    const op = new MaxUnpool({ kernel: [3], strides: [2], padsBegin: [1], outputDims: [9] });
    expect(op.attributes).toEqual({ kernel: [3], strides: [2], pads: [1, 0], outputDims: [9] });
    expect(op.unpooledDims([1, 1, 4])).toEqual([1, 1, 8]);
    expect(
      op.infer([
        { dtype: 'f16', dims: [1, 1, 4] },
        { dtype: 'i64', dims: [1, 1, 4] },
      ]),
    ).toEqual([{ dtype: 'f16', dims: [1, 1, 9] }]);
  });

  test.each<[string, (Tensor | undefined)[], Attributes, typeof ShapeError | typeof UnsupportedError]>([
    ['an index behind the end', [x, i64([1, 1, 2, 2], 5, 7, 13, 16)], attributes, ShapeError],
    ['a negative index', [x, i64([1, 1, 2, 2], 5, 7, 13, -1)], attributes, ShapeError],
    ['indices of another shape', [x, i64([1, 1, 4], 5, 7, 13, 15)], attributes, ShapeError],
    ['indices of another type', [x, x], attributes, UnsupportedError],
    ['integers', [indices, indices], attributes, UnsupportedError],
    ['a smaller output', [x, indices, i64([4], 1, 1, 4, 3)], attributes, ShapeError],
    ['an output of other channels', [x, indices, i64([4], 1, 2, 4, 4)], attributes, ShapeError],
    ['an output of another rank', [x, indices, i64([2], 4, 4)], attributes, ShapeError],
    ['an output beyond all bounds', [x, indices, i64([4], 1, 1, 4, 2 ** 52)], attributes, ShapeError],
    ['no kernel', [x, indices], {}, ShapeError],
  ])('refuses %s', async (_, inputs, given, error) => {
    await expect(runNode1('MaxUnpool', inputs, { attributes: given })).rejects.toThrow(error);
  });

  test('refuses x of another rank', () => {
    const inputs = [f32([1, 1, 1], 1), i64([1, 1, 1], 0)];
    expect(() => new MaxUnpool({ kernel: [2, 2] }).infer(inputs)).toThrow(ShapeError);
  });
});
