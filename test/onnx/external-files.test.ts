/** Which files a model needs beside its own. */
import { expect, test } from 'vitest';
import { ExternalDataError, FormatError } from '../../src/errors.js';
import { externalFiles } from '../../src/index.js';
import { Tensor } from '../../src/tensor/index.js';
import {
  makeExternalTensorProto,
  makeModel,
  makeNode,
  makeTensorProto,
  port,
} from '../support/onnx-builder.js';

function model(...locations: readonly string[]): Uint8Array {
  return makeModel({
    nodes: [makeNode('Relu', ['x'], ['y'])],
    inputs: { x: port('f32', [1]) },
    outputs: { y: port('f32', [1]) },
    initializers: [
      makeTensorProto('own', new Tensor('f32', [2])),
      ...locations.map((location, i) => makeExternalTensorProto(`w${i}`, 'f32', [1], { location })),
    ],
  });
}

test('names each file once, in the order of first use', () => {
  expect(externalFiles(model('b.data', 'sub/a.data', 'b.data'))).toEqual(['b.data', 'sub/a.data']);
  expect(externalFiles(model())).toEqual([]);
});

test('refuses what is no model, and tensors that name no file', () => {
  expect(() => externalFiles(new Uint8Array([1, 2, 3]))).toThrow(FormatError);
  expect(() => externalFiles(model(''))).toThrow(ExternalDataError);
});
