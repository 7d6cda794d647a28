/* oxlint-disable vitest/expect-expect -- the assertions are in expectSameResults */
import { expect, test } from 'vitest';
import type { Graph, Value } from '../../../src/graph/index.js';
import { fuseActivation } from '../../../src/graph/rewrites/fuse-activation.js';
import { BatchNormalization } from '../../../src/ops/batch-normalization.js';
import { Conv } from '../../../src/ops/conv.js';
import { ConvTranspose } from '../../../src/ops/conv-transpose.js';
import { Gemm } from '../../../src/ops/gemm.js';
import { MatMul } from '../../../src/ops/matmul.js';
import type { Op } from '../../../src/ops/op.js';
import { Unary } from '../../../src/ops/unary.js';
import {
  UNARY_FUNCTIONS,
  abs,
  clip,
  isNaN as isNaNFunction,
  leakyRelu,
  relu,
  sigmoid,
} from '../../../src/ops/unary-functions.js';
import type { DType } from '../../../src/tensor/index.js';
import { expectSameResults, randomTensor, type Build } from '../evaluate.js';

type Layer = (graph: Graph, random: () => number) => Value;

const conv: Layer = (graph, random) => {
  const x = graph.input('x', { dtype: 'f32', dims: [2, 3, 7, 5] });
  const w = graph.constant('w', randomTensor(random, 'f32', [4, 3, 3, 2]));
  const b = graph.constant('b', randomTensor(random, 'f32', [4]));
  return graph.add(new Conv({ strides: [2, 1], padsBegin: [1, 0], padsEnd: [0, 1] }), [x, w, b])[0];
};

const convTranspose: Layer = (graph, random) => {
  const x = graph.input('x', { dtype: 'f32', dims: [1, 4, 3, 5] });
  const w = graph.constant('w', randomTensor(random, 'f32', [4, 3, 3, 2]));
  return graph.add(new ConvTranspose({ strides: [2, 1], group: 2, outputPadding: [1, 0] }), [x, w])[0];
};

const gemm: Layer = (graph, random) => {
  const x = graph.input('x', { dtype: 'f32', dims: [3, 5] });
  const w = graph.constant('w', randomTensor(random, 'f32', [7, 5]));
  const c = graph.constant('c', randomTensor(random, 'f32', [3, 1]));
  return graph.add(new Gemm({ alpha: 0.5, beta: 2, transB: true }), [x, w, c])[0];
};

const matmul: Layer = (graph, random) => {
  const x = graph.input('x', { dtype: 'f32', dims: [2, 3, 5] });
  const w = graph.constant('w', randomTensor(random, 'f32', [5, 4]));
  return graph.add(new MatMul(), [x, w])[0];
};

const batchNormalization: Layer = (graph, random) => {
  const x = graph.input('x', { dtype: 'f32', dims: [2, 3, 5] });
  const parameters = ['scale', 'bias', 'mean', 'variance'].map((name) =>
    graph.constant(name, randomTensor(random, 'f32', [3], 0.5, 2)),
  );
  return graph.add(new BatchNormalization({ epsilon: 1e-5 }), [x, ...parameters])[0];
};

const LAYERS: readonly (readonly [string, Layer])[] = [
  ['Conv', conv],
  ['ConvTranspose', convTranspose],
  ['Gemm', gemm],
  ['MatMul', matmul],
  ['BatchNormalization', batchNormalization],
];

/** A layer, then an element-wise op, then the output. */
function withUnary(layer: Layer, op: Op): Build {
  return (graph, random) => graph.output('y', graph.add(op, [layer(graph, random)])[0]);
}

test.each(LAYERS)('an activation goes into %s', (type, layer) => {
  const graph = expectSameResults(withUnary(layer, new Unary(leakyRelu(0.2))), fuseActivation, {
    count: 1,
    ops: [type],
  });
  const [node] = graph.nodes;
  expect(node.op.attributes.activation).toMatch(/^LeakyRelu/);
});

const activations = UNARY_FUNCTIONS.filter((fn) => fn.activation);
test.each(activations.map((fn) => [fn.name, fn] as const))('%s goes into Conv', (_, fn) => {
  expectSameResults(withUnary(conv, new Unary(fn)), fuseActivation, { count: 1, ops: ['Conv'] });
});

test('Clip keeps its bounds', () => {
  expectSameResults(withUnary(conv, new Unary(clip(-0.25, 0.5))), fuseActivation, {
    count: 1,
    ops: ['Conv'],
  });
});

test.each([
  ['a function that is no activation', abs],
  ['a function with another result type', isNaNFunction],
])('%s stays', (_, fn) => {
  expectSameResults(withUnary(conv, new Unary(fn)), fuseActivation, { count: 0, ops: ['Conv', fn.name] });
});

test('only the first of two activations is fused', () => {
  expectSameResults(
    (graph, random) => {
      const [first] = graph.add(new Unary(relu), [conv(graph, random)]);
      graph.output('y', graph.add(new Unary(sigmoid), [first])[0]);
    },
    fuseActivation,
    { count: 1, ops: ['Conv', 'Sigmoid'] },
  );
});

test('a layer whose result others read keeps it', () => {
  expectSameResults(
    (graph, random) => {
      const y = conv(graph, random);
      graph.output('a', graph.add(new Unary(relu), [y])[0]);
      graph.output('b', graph.add(new Unary(sigmoid), [y])[0]);
    },
    fuseActivation,
    { count: 0, ops: ['Conv', 'Relu', 'Sigmoid'] },
  );
});

test('a layer whose result is an output of the graph keeps it', () => {
  expectSameResults(
    (graph, random) => {
      const y = conv(graph, random);
      graph.output('before', y);
      graph.output('y', graph.add(new Unary(relu), [y])[0]);
    },
    fuseActivation,
    { count: 0, ops: ['Conv', 'Relu'] },
  );
});

test('an activation whose result has several readers is fused', () => {
  const graph = expectSameResults(
    (graph, random) => {
      const [y] = graph.add(new Unary(relu), [conv(graph, random)]);
      graph.output('y', y);
      graph.output('a', graph.add(new Unary(abs), [y])[0]);
      graph.output('b', graph.add(new Unary(sigmoid), [y])[0]);
    },
    fuseActivation,
    { count: 1, ops: ['Conv', 'Abs', 'Sigmoid'] },
  );
  expect(graph.outputs.map(({ name }) => name)).toEqual(['y', 'a', 'b']);
});

test.each<[DType, number]>([
  ['f64', 1],
  ['f16', 1],
  ['i32', 0],
])('a product of %s is fused %i times: integers stay exact', (dtype, count) => {
  expectSameResults(
    (graph, random) => {
      const x = graph.input('x', { dtype, dims: [3, 5] });
      const w = graph.constant('w', randomTensor(random, dtype, [5, 4], -9, 9));
      graph.output('y', graph.add(new Unary(relu), [graph.add(new MatMul(), [x, w])[0]])[0]);
    },
    fuseActivation,
    { count },
  );
});
