import { expect, test } from 'vitest';
import { FormatError } from '../../src/errors.js';
import { findTestCases } from '../../src/host/test-directories.js';
import { tensorToPb } from '../../src/onnx/index.js';
import { runTestCase, type Outcome } from '../../src/session/index.js';
import { loadModel } from '../../src/node.js';
import { Tensor } from '../../src/tensor/index.js';
import { testFolder } from '../support/files.js';
import { makeModel, makeNode, port } from '../support/onnx-builder.js';

const folder = await testFolder();
const sub = makeModel({
  nodes: [makeNode('Sub', ['a', 'b'], ['y'])],
  inputs: { a: port('f32', ['N']), b: port('f32', ['N']) },
  outputs: { y: port('f32', ['N']) },
});
const pb = (name: string, values: number[]): Uint8Array =>
  tensorToPb(name, Tensor.from('f32', [values.length], values));

/** Writes a case of one data set and runs it. */
async function outcomeOf(
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  model = sub,
): Promise<Outcome> {
  await folder.write(`${name}/model.onnx`, model);
  for (const [file, data] of Object.entries(files))
    await folder.write(`${name}/test_data_set_0/${file}`, data);
  const [testCase] = await findTestCases(folder.path(name));
  return runTestCase(testCase, { device: 'cpu', load: loadModel });
}

test('one directory, and a directory of directories', async () => {
  expect((await findTestCases('models/digits')).map(({ name }) => name)).toEqual(['digits']);
  const [digits] = await findTestCases('models');
  expect(digits.dataSets.map(({ name }) => name)).toEqual(['test_data_set_0', 'test_data_set_1']);
});

test('a directory without cases says what is expected of it', async () => {
  await expect(findTestCases('test/support')).rejects.toThrow(FormatError);
  await expect(findTestCases('no/such/folder')).rejects.toThrow('no/such/folder');
});

test('tensors go by their names where the model has them, else by position', async () => {
  const output_0 = { 'output_0.pb': pb('y', [1]) };
  const swapped = { 'input_0.pb': pb('b', [1]), 'input_1.pb': pb('a', [2]) };
  const unnamed = { 'input_0.pb': pb('', [2]), 'input_1.pb': pb('', [1]) };
  expect(await outcomeOf('swapped', { ...swapped, ...output_0 })).toEqual({ status: 'passed' });
  expect(await outcomeOf('unnamed', { ...unnamed, ...output_0 })).toEqual({ status: 'passed' });
});

test('a difference is told with its place', async () => {
  const files = {
    'input_0.pb': pb('a', [3, 3]),
    'input_1.pb': pb('b', [1, 2]),
    'output_0.pb': pb('y', [2, 9]),
  };
  expect(await outcomeOf('differs', files)).toEqual({
    status: 'failed',
    reason: 'test_data_set_0: output "y" 1 of 2 elements differ, most at [1]: 1 where 9 is expected',
  });
});

test('a case with nothing to compare has not passed', async () => {
  expect(await outcomeOf('bare', {})).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/no test_data_set/),
  });
  const inputs = { 'input_0.pb': pb('a', [3]), 'input_1.pb': pb('b', [1]) };
  expect(await outcomeOf('no-output', inputs)).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/no output_\*\.pb/),
  });
  const extra = { ...inputs, 'output_0.pb': pb('y', [2]), 'output_1.pb': pb('z', [2]) };
  expect(await outcomeOf('extra', extra)).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/no output "z"/),
  });
});

test('what is not supported is named; what is damaged has failed', async () => {
  const loop = makeModel({
    nodes: [makeNode('Loop', ['a'], ['y'])],
    inputs: { a: port('f32', [1]) },
    outputs: { y: port('f32') },
  });
  const files = { 'input_0.pb': pb('a', [1]), 'output_0.pb': pb('y', [1]) };
  expect(await outcomeOf('loop', files, loop)).toEqual({ status: 'unsupported', feature: 'operator Loop' });
  expect(await outcomeOf('damaged', files, sub.slice(0, 40))).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/FormatError/),
  });
});
