/** All rewrites together, on whole networks. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { Graph, type Value } from '../../../src/graph/index.js';
import { rewriteGraph } from '../../../src/graph/rewrites/index.js';
import { OnnxModel } from '../../../src/onnx/index.js';
import { BatchNormalization } from '../../../src/ops/batch-normalization.js';
import { Binary } from '../../../src/ops/binary.js';
import { add } from '../../../src/ops/binary-functions.js';
import { Conv } from '../../../src/ops/conv.js';
import { Gemm } from '../../../src/ops/gemm.js';
import { Identity } from '../../../src/ops/identity.js';
import { Pad } from '../../../src/ops/pad.js';
import { Reshape } from '../../../src/ops/reshape.js';
import { Transpose } from '../../../src/ops/transpose.js';
import { Unary } from '../../../src/ops/unary.js';
import { relu, sigmoid } from '../../../src/ops/unary-functions.js';
import { difference } from '../../../src/tensor/index.js';
import { smallModels } from '../../onnx/small-models.js';
import { evaluate, expectSameResults, opTypes, randomNumbers, randomTensor } from '../evaluate.js';

type Random = () => number;

/** `rewriteGraph` as one rewrite. */
const all = {
  name: 'all',
  apply: (graph: Graph): number => [...rewriteGraph(graph).values()].reduce((sum, count) => sum + count, 0),
};

function normalized(graph: Graph, random: Random, x: Value): Value {
  const parameters = [0, 1, 2, 3].map((i) =>
    graph.constant(`p${i}`, randomTensor(random, 'f32', [x.type.dims[1]], 0.5, 1.5)),
  );
  return graph.add(new BatchNormalization({ epsilon: 1e-5 }), [x, ...parameters])[0];
}

test('a residual block: one rewrite makes room for the next', () => {
  const graph = expectSameResults(
    (graph, random) => {
      const x = graph.input('x', { dtype: 'f32', dims: [1, 3, 7, 5] });
      const w = graph.constant('w', randomTensor(random, 'f32', [3, 3, 3, 3]));
      const [turned] = graph.add(new Transpose([1, 0, 2, 3]), [w]);
      const [padded] = graph.add(new Pad('constant', [0, 0, 1, 1], [0, 0, 1, 1], 0), [x]);
      const [same] = graph.add(new Identity(), [padded]);
      const [convolved] = graph.add(new Conv({ strides: [1, 1] }), [same, turned]);
      const [dropped] = graph.add(new Identity(), [normalized(graph, random, convolved)]);
      const [activated] = graph.add(new Unary(relu), [dropped]);
      const [sum] = graph.add(new Binary(add), [activated, x]);
      const [flat] = graph.add(new Reshape([1, 105]), [sum]);
      const matrix = graph.constant('m', randomTensor(random, 'f32', [105, 4]));
      const [product] = graph.add(new Gemm(), [flat, matrix]);
      graph.output('y', graph.add(new Unary(sigmoid), [normalized(graph, random, product)])[0]);
      graph.add(new Unary(relu), [sum]);
    },
    all,
    {
      // 2 identities, 1 transpose, 2 normalisations, 1 pad, 2 activations.
      count: 8,
      ops: ['Conv', 'Add', 'Reshape', 'Gemm'],
      tolerance: { relative: 1e-5, absolute: 1e-5 },
    },
  );
  expect(Array.from(graph.nodes, ({ op }) => op.attributes.activation)).toEqual([
    'Relu',
    undefined,
    undefined,
    'Sigmoid',
  ]);
});

test('counts say what was done, and a second time there is nothing left', () => {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'f32', dims: [2] });
  graph.output('y', graph.add(new Identity(), [x])[0]);
  expect(Object.fromEntries(rewriteGraph(graph))).toEqual({
    'drop identity': 1,
    'fold constants': 0,
    'fold batch normalisation': 0,
    'fold pad': 0,
    'fuse residual': 0,
    'fuse activation': 0,
  });
  expect([...rewriteGraph(graph).values()].every((count) => count === 0)).toBe(true);
});

/** A model's graph, twice, and tensors for its inputs. */
async function graphsOf(bytes: Uint8Array) {
  const model = await OnnxModel.parse(bytes);
  const dims = new Map(
    model.inputs.map((port) => [
      port.name,
      (port.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : 2)),
    ]),
  );
  const random = randomNumbers(3);
  const inputs = new Map(
    model.inputs.map(({ name, dtype }) => [name, randomTensor(random, dtype, dims.get(name) ?? [], 0, 1.9)]),
  );
  return { plain: model.build({ dims }), rewritten: model.build({ dims }), inputs };
}

describe('models give the same before and after', () => {
  const models = smallModels().filter(({ needsData }) => !needsData);
  test.each(models.map(({ name, bytes }) => [name, bytes] as const))('%s', async (_, bytes) => {
    const { plain, rewritten, inputs } = await graphsOf(bytes);
    rewriteGraph(rewritten);
    const after = evaluate(rewritten, inputs);
    for (const [name, tensor] of evaluate(plain, inputs)) {
      const found = after.get(name);
      if (!found) throw new Error(`${name} is gone`);
      expect(difference(found, tensor, { relative: 1e-6, absolute: 1e-6 })).toBeUndefined();
    }
  });

  test('the digits network', async () => {
    const bytes = await readFile(new URL('../../../models/digits/model.onnx', import.meta.url));
    const { plain, rewritten, inputs } = await graphsOf(bytes);
    rewriteGraph(rewritten);
    expect(rewritten.nodes.size).toBeLessThan(plain.nodes.size);
    expect(opTypes(rewritten)).not.toContain('Relu');
    const [[name, before]] = evaluate(plain, inputs);
    const after = evaluate(rewritten, inputs).get(name);
    expect(after && difference(after, before, { relative: 1e-5, absolute: 1e-6 })).toBeUndefined();
  });
});
