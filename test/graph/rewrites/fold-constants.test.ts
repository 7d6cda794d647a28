/* oxlint-disable vitest/expect-expect -- the assertions are in expectSameResults */
import { expect, test } from 'vitest';
import { Constant, Graph } from '../../../src/graph/index.js';
import { foldConstants } from '../../../src/graph/rewrites/fold-constants.js';
import { Gather } from '../../../src/ops/gather.js';
import { MatMul } from '../../../src/ops/matmul.js';
import { Split } from '../../../src/ops/split.js';
import { Tile } from '../../../src/ops/tile.js';
import { Transpose } from '../../../src/ops/transpose.js';
import { Unary } from '../../../src/ops/unary.js';
import { neg, relu } from '../../../src/ops/unary-functions.js';
import { InputError } from '../../../src/errors.js';
import { Tensor } from '../../../src/tensor/index.js';
import { expectSameResults, opTypes, randomTensor } from '../evaluate.js';

test('a chain of nodes on constants becomes one constant', () => {
  expectSameResults(
    (graph, random) => {
      const x = graph.input('x', { dtype: 'f32', dims: [3, 5] });
      const w = graph.constant('w', randomTensor(random, 'f32', [7, 5]));
      const [turned] = graph.add(new Transpose([1, 0]), [w]);
      const [negated] = graph.add(new Unary(neg), [turned]);
      graph.output('y', graph.add(new MatMul(), [x, negated])[0]);
    },
    foldConstants,
    { count: 2, ops: ['MatMul'], tolerance: { relative: 0, absolute: 0 } },
  );
});

test('every output of a node is replaced, graph outputs keep their names', () => {
  const graph = expectSameResults(
    (graph, random) => {
      const w = graph.constant('w', randomTensor(random, 'f32', [2, 5]));
      const [a, b] = graph.add(new Split(1, [2, 3]), [w], { outputNames: ['a', 'b'] });
      graph.output('first', a);
      graph.output('second', b);
      graph.output('again', b);
    },
    foldConstants,
    { count: 1, ops: [] },
  );
  expect(graph.outputs.map(({ name, value }) => [name, value.constant !== undefined])).toEqual([
    ['first', true],
    ['second', true],
    ['again', true],
  ]);
});

test('nodes that read a graph input stay', () => {
  expectSameResults(
    (graph) => {
      const x = graph.input('x', { dtype: 'f32', dims: [3] });
      graph.output('y', graph.add(new Unary(relu), [x])[0]);
    },
    foldConstants,
    { count: 0, ops: ['Relu'] },
  );
});

test('a large fill is not materialised', () => {
  const graph = new Graph();
  const fill = Constant.fill(Tensor.scalar('f32', 1), [1 << 20]);
  graph.output('y', graph.add(new Unary(neg), [graph.constant('fill', fill)])[0]);
  expect(foldConstants.apply(graph)).toBe(0);
  const small = graph.constant('small', Constant.fill(Tensor.scalar('f32', 1), [100]));
  graph.output('z', graph.add(new Unary(neg), [small])[0]);
  expect(foldConstants.apply(graph)).toBe(1);
  expect(opTypes(graph)).toEqual(['Neg']);
});

test('a result that is too large stays a node', () => {
  const graph = new Graph();
  const one = graph.constant('one', Tensor.from('f32', [1, 1], [1]));
  graph.output('y', graph.add(new Tile([1 << 13, 1 << 13]), [one])[0]);
  expect(foldConstants.apply(graph)).toBe(0);
});

test('too many operations stay a node', () => {
  const graph = new Graph();
  const a = graph.constant('a', new Tensor('f32', [512, 512]));
  graph.output('y', graph.add(new MatMul(), [a, a])[0]);
  expect(foldConstants.apply(graph)).toBe(0);
});

test('what may be spent on one graph is bounded: a model cannot make its preparation slow', () => {
  const graph = new Graph();
  const w = graph.constant('w', new Tensor('u8', [1 << 22]));
  for (let i = 0; i < 200; i++) {
    // Reversing and reversing again would be cheap; repeating the bytes costs memory too.
    graph.output(`y${i}`, graph.add(new Tile([3]), [w])[0]);
  }
  const start = performance.now();
  const folded = foldConstants.apply(graph);
  expect(folded).toBeGreaterThan(0);
  expect(folded).toBeLessThan(50);
  expect(performance.now() - start).toBeLessThan(20_000);
});

test('an index that is out of range is refused with the name of the node', () => {
  const graph = new Graph();
  const data = graph.constant('data', Tensor.from('f32', [2], [1, 2]));
  const index = graph.constant('index', Tensor.from('i64', [1], [5]));
  graph.output('y', graph.add(new Gather(0), [data, index], { name: 'pick' })[0]);
  expect(() => foldConstants.apply(graph)).toThrow(InputError);
  expect(() => foldConstants.apply(graph)).toThrow(/Gather "pick"/);
});
