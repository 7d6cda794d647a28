import { expect, test } from 'vitest';
import { OnnxModel } from '../../src/onnx/index.js';
import { parseModelProto } from '../../src/onnx/proto.js';
import { Tensor } from '../../src/tensor/index.js';
import { makeExternalTensorProto, makeModel, makeNode, port } from './onnx-builder.js';

test('a model reads back as it was described', async () => {
  const bytes = makeModel({
    nodes: [makeNode('Relu', ['x'], ['y'], {}, { name: 'relu' })],
    inputs: { x: port('f32', ['N', 3, null]) },
    outputs: { y: port('f16') },
    opset: 13,
    name: 'tiny',
  });
  const model = await OnnxModel.parse(bytes);
  expect(model.name).toBe('tiny');
  expect(model.opset).toBe(13);
  expect(model.inputs).toEqual([{ name: 'x', dtype: 'f32', dims: ['N', 3, null] }]);
  expect(model.outputs).toEqual([{ name: 'y', dtype: 'f16', dims: undefined }]);
});

test('attributes get their ONNX types', () => {
  const attributes = {
    axis: 1,
    big: 2n ** 40n,
    alpha: 0.5,
    beta: { float: 1 },
    mode: 'linear',
    pads: [0, 1],
    scales: [1, 1.5],
    ones: { floats: [1, 1] },
    words: ['a', 'b'],
    value: Tensor.from('i64', [2], [3, 4]),
  };
  const model = parseModelProto(
    makeModel({ nodes: [makeNode('Any', [], ['y'], attributes)], outputs: { y: port('f32', []) } }),
  );
  const read = model.graph?.node[0].attribute.map(({ name, type, i, f, s, ints, floats, strings, t }) => [
    name,
    type,
    { 1: f, 2: i, 3: String(s), 4: t?.dims, 6: floats, 7: ints, 8: strings.map(String) }[type as number],
  ]);
  expect(read).toEqual([
    ['axis', 2, 1n],
    ['big', 2, 2n ** 40n],
    ['alpha', 1, 0.5],
    ['beta', 1, 1],
    ['mode', 3, '108,105,110,101,97,114'],
    ['pads', 7, [0n, 1n]],
    ['scales', 6, [1, 1.5]],
    ['ones', 6, [1, 1]],
    ['words', 8, ['97', '98']],
    ['value', 4, [2n]],
  ]);
});

test('external tensors name their file', () => {
  const external = makeExternalTensorProto('w', 'f32', [2], { location: 'w.bin', offset: 8, length: 8 });
  expect(external.externalData.map(({ key, value }) => [key, value])).toEqual([
    ['location', 'w.bin'],
    ['offset', '8'],
    ['length', '8'],
  ]);
});
