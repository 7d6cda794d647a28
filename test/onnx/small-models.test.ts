import { expect, test } from 'vitest';
import { importers } from '../../src/onnx/ops/index.js';
import { attempt } from './attempt.js';
import { coveredOperators, smallModels } from './small-models.js';

test('every operator that has an importer has a small model', () => {
  expect([...importers.keys()].filter((name) => !coveredOperators().has(name))).toEqual([]);
});

test.each(smallModels().map(({ name, bytes }) => [name, bytes] as const))('%s runs', async (_, bytes) => {
  expect(await attempt(bytes, {})).toEqual({ kind: 'accepted', ran: true });
});
