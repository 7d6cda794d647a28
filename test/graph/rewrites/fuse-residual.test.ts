/* oxlint-disable vitest/expect-expect -- the assertions are in expectSameResults */
import { test } from 'vitest';
import type { Graph, Value } from '../../../src/graph/index.js';
import { fuseActivation } from '../../../src/graph/rewrites/fuse-activation.js';
import { foldBatchNormalization } from '../../../src/graph/rewrites/fold-batch-normalization.js';
import type { Rewrite } from '../../../src/graph/rewrites/rewrite.js';
import { fuseResidual } from '../../../src/graph/rewrites/fuse-residual.js';
import { BatchNormalization } from '../../../src/ops/batch-normalization.js';
import { Binary } from '../../../src/ops/binary.js';
import { add, mul } from '../../../src/ops/binary-functions.js';
import { Conv } from '../../../src/ops/conv.js';
import { Unary } from '../../../src/ops/unary.js';
import { relu } from '../../../src/ops/unary-functions.js';
import { expectSameResults, randomTensor, type Build } from '../evaluate.js';

/** A convolution with bias of x, which keeps its shape. */
function conv(graph: Graph, x: Value, random: () => number, activation = false): Value {
  const w = graph.constant('w', randomTensor(random, 'f32', [3, 3, 3, 3]));
  const b = graph.constant('b', randomTensor(random, 'f32', [3]));
  const options = { strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] };
  return graph.add(new Conv(activation ? { ...options, activation: relu } : options), [x, w, b])[0];
}

const input = (graph: Graph, name: string): Value => graph.input(name, { dtype: 'f32', dims: [2, 3, 5, 7] });
const sum = (graph: Graph, a: Value, b: Value): Value => graph.add(new Binary(add), [a, b])[0];

/** One rewrite after another. */
const both = (first: Rewrite, second: Rewrite): Rewrite => ({
  name: `${first.name}, ${second.name}`,
  apply: (graph) => first.apply(graph) + second.apply(graph),
});

test.each([
  ['first', false],
  ['second', true],
])('fuses an addition whose %s operand is a convolution, then the activation', (_, swapped) => {
  const build: Build = (graph, random) => {
    const x = input(graph, 'x');
    const y = conv(graph, x, random);
    graph.output('y', graph.add(new Unary(relu), [swapped ? sum(graph, x, y) : sum(graph, y, x)])[0]);
  };
  expectSameResults(build, both(fuseResidual, fuseActivation), { count: 2, ops: ['Conv'] });
});

const twoConvolutions: Build = (graph, random) => {
  const x = input(graph, 'x');
  graph.output('y', sum(graph, conv(graph, x, random), conv(graph, x, random)));
};

test('fuses one of two convolutions that are added', () => {
  expectSameResults(twoConvolutions, fuseResidual, { count: 1, ops: ['Conv', 'Conv'] });
});

const NOT: readonly (readonly [string, Build])[] = [
  [
    'a convolution that others read',
    (graph, random) => {
      const y = conv(graph, input(graph, 'x'), random);
      graph.output('conv', y);
      graph.output('y', sum(graph, y, input(graph, 'r')));
    },
  ],
  [
    'a convolution that ends in an activation',
    (graph, random) => {
      graph.output('y', sum(graph, conv(graph, input(graph, 'x'), random, true), input(graph, 'r')));
    },
  ],
  [
    'an operand that is broadcast',
    (graph, random) => {
      const r = graph.input('r', { dtype: 'f32', dims: [1, 3, 1, 1] });
      graph.output('y', sum(graph, conv(graph, input(graph, 'x'), random), r));
    },
  ],
  [
    'a convolution added to itself',
    (graph, random) => {
      const y = conv(graph, input(graph, 'x'), random);
      graph.output('y', sum(graph, y, y));
    },
  ],
  [
    'another function',
    (graph, random) => {
      const y = conv(graph, input(graph, 'x'), random);
      graph.output('y', graph.add(new Binary(mul), [y, input(graph, 'r')])[0]);
    },
  ],
];

test.each(NOT)('leaves %s alone', (_, build) => {
  expectSameResults(build, fuseResidual, { count: 0 });
});

const normalisedSum: Build = (graph, random) => {
  const x = input(graph, 'x');
  const parameters = ['scale', 'bias', 'mean', 'variance'].map((name) =>
    graph.constant(name, randomTensor(random, 'f32', [3], 0.5, 2)),
  );
  const y = sum(graph, conv(graph, x, random), x);
  graph.output('y', graph.add(new BatchNormalization({ epsilon: 1e-5 }), [y, ...parameters])[0]);
};

test('no normalisation is folded into a convolution that has a residual', () => {
  expectSameResults(normalisedSum, both(fuseResidual, foldBatchNormalization), {
    count: 1,
    ops: ['Conv', 'BatchNormalization'],
  });
});
