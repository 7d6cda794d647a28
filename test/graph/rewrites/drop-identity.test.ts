/* oxlint-disable vitest/expect-expect -- the assertions are in expectSameResults */
import { expect, test } from 'vitest';
import type { Graph } from '../../../src/graph/index.js';
import { dropIdentity } from '../../../src/graph/rewrites/drop-identity.js';
import { Cast } from '../../../src/ops/cast.js';
import { Concat } from '../../../src/ops/concat.js';
import { Expand } from '../../../src/ops/expand.js';
import { Identity } from '../../../src/ops/identity.js';
import type { Op } from '../../../src/ops/op.js';
import { Pad } from '../../../src/ops/pad.js';
import { Reshape } from '../../../src/ops/reshape.js';
import { Slice } from '../../../src/ops/slice.js';
import { Tile } from '../../../src/ops/tile.js';
import { Transpose } from '../../../src/ops/transpose.js';
import { Unary } from '../../../src/ops/unary.js';
import { neg } from '../../../src/ops/unary-functions.js';
import { expectSameResults } from '../evaluate.js';

const DIMS = [3, 1, 5];

/** x -> -x -> the op -> -x, which is the output. */
function between(op: Op) {
  return (graph: Graph): void => {
    const x = graph.input('x', { dtype: 'f32', dims: DIMS });
    const [before] = graph.add(new Unary(neg), [x]);
    const [middle] = graph.add(op, [before]);
    graph.output('y', graph.add(new Unary(neg), [middle])[0]);
  };
}

test.each([
  ['Identity', new Identity()],
  ['a Reshape to the same dims', new Reshape(DIMS)],
  ['a Cast to the same type', new Cast('f32')],
  ['an Expand to the same dims', new Expand(DIMS)],
  ['a Tile that repeats nothing', new Tile([1, 1, 1])],
  ['a Concat of one tensor', new Concat(2)],
  ['a Transpose that keeps the axes', new Transpose([0, 1, 2])],
  ['a Pad by nothing', new Pad('reflect', [0, 0, 0], [0, 0, 0])],
  ['a Slice of everything', new Slice([0, 0, 0], [1, 1, 1], DIMS)],
])('%s goes', (_, op) => {
  expectSameResults(between(op), dropIdentity, { count: 1, ops: ['Neg', 'Neg'] });
});

test.each([
  ['a Reshape to other dims', new Reshape([5, 3])],
  ['a Cast to another type', new Cast('f64')],
  ['an Expand to more', new Expand([3, 2, 5])],
  ['a Tile that repeats', new Tile([1, 2, 1])],
  ['a Transpose of axes', new Transpose([2, 1, 0])],
  ['a Pad that shifts: one end cropped, the other filled', new Pad('constant', [1, 0, 0], [-1, 0, 0], 9)],
  ['a Slice that runs backwards', new Slice([2, 0, 0], [-1, 1, 1], DIMS)],
])('%s stays', (_, op) => {
  expectSameResults(between(op), dropIdentity, { count: 0, ops: ['Neg', op.type, 'Neg'] });
});

test('a Transpose of a square stays though the dims are the same', () => {
  expectSameResults(
    (graph) => {
      const x = graph.input('x', { dtype: 'f32', dims: [4, 4] });
      graph.output('y', graph.add(new Transpose([1, 0]), [x])[0]);
    },
    dropIdentity,
    { count: 0, ops: ['Transpose'] },
  );
});

test('a Concat of two tensors, one of them empty, stays', () => {
  expectSameResults(
    (graph) => {
      const x = graph.input('x', { dtype: 'f32', dims: [4] });
      const empty = graph.input('empty', { dtype: 'f32', dims: [0] });
      graph.output('y', graph.add(new Concat(0), [x, empty])[0]);
    },
    dropIdentity,
    { count: 0, ops: ['Concat'] },
  );
});

test('chains of identities with several readers and several output names go', () => {
  const graph = expectSameResults(
    (graph) => {
      const x = graph.input('x', { dtype: 'f32', dims: DIMS });
      const [a] = graph.add(new Identity(), [x]);
      const [b] = graph.add(new Identity(), [a]);
      graph.output('copy', b);
      graph.output('same copy', b);
      graph.output('middle', a);
      graph.output('y', graph.add(new Concat(0), [b, a, b])[0]);
    },
    dropIdentity,
    { count: 2, ops: ['Concat'] },
  );
  expect(graph.outputs.map(({ value }) => value.name)).toEqual(['x', 'x', 'x', 'Concat_2']);
});
