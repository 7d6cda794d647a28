import { expect, test } from 'vitest';
import type { Graph, Value } from '../../../src/graph/index.js';
import { fuseElementwise } from '../../../src/graph/rewrites/fuse-elementwise.js';
import { Binary } from '../../../src/ops/binary.js';
import { add, div, equal, less, max, mul, pow, prelu, sub } from '../../../src/ops/binary-functions.js';
import { ElementwiseChain } from '../../../src/ops/elementwise-chain.js';
import { Unary, type UnaryFunction } from '../../../src/ops/unary.js';
import { abs, clip, not, relu, sigmoid, tanh } from '../../../src/ops/unary-functions.js';
import { Tensor, type DType } from '../../../src/tensor/index.js';
import { expectSameResults, type Build } from '../evaluate.js';

const DIMS = [2, 3, 4];
const input = (graph: Graph, name: string, dims: readonly number[] = DIMS, dtype: DType = 'f32'): Value =>
  graph.input(name, { dtype, dims });
const apply = (graph: Graph, fn: UnaryFunction, x: Value): Value => graph.add(new Unary(fn), [x])[0];
const combine = (graph: Graph, fn: ConstructorParameters<typeof Binary>[0], a: Value, b: Value): Value =>
  graph.add(new Binary(fn), [a, b])[0];
const formulas = (graph: Graph): unknown[] => [...graph.nodes].map(({ op }) => op.attributes.formula);

test('a row of functions becomes one', () => {
  const graph = expectSameResults(
    (g) => {
      const x = input(g, 'x');
      g.output('y', apply(g, sigmoid, apply(g, abs, apply(g, tanh, x))));
    },
    fuseElementwise,
    { count: 2, ops: ['ElementwiseChain'] },
  );
  expect(formulas(graph)).toEqual(['Sigmoid(Abs(Tanh(x0)))']);
});

test('a tree becomes one, parameters broadcast', () => {
  const graph = expectSameResults(
    (g) => {
      const scaled = combine(g, mul, input(g, 'x'), input(g, 'scale', [3, 1]));
      const slope = combine(g, prelu, input(g, 'z'), input(g, 'slope', [4]));
      g.output('y', apply(g, clip(-1, 1), combine(g, sub, scaled, slope)));
    },
    fuseElementwise,
    { count: 2, ops: ['ElementwiseChain'] },
  );
  expect(formulas(graph)).toEqual(['Clip(Sub(Mul(x2, x3), PRelu(x0, x1)), min=-1, max=1)']);
});

test('what several steps of a chain read is computed once', () => {
  const graph = expectSameResults(
    (g) => {
      const x = apply(g, tanh, input(g, 'x'));
      const gate = apply(g, clip(0, 6), combine(g, add, x, g.constant('three', Tensor.scalar('f32', 3))));
      g.output('y', combine(g, div, combine(g, mul, x, gate), g.constant('six', Tensor.scalar('f32', 6))));
    },
    fuseElementwise,
    { count: 3, ops: ['ElementwiseChain'] },
  );
  const [{ op, inputs }] = graph.nodes;
  expect(op instanceof ElementwiseChain && op.steps.length).toBe(5);
  expect(new Set(inputs.map((value) => value?.name))).toEqual(new Set(['six', 'three', 'x']));
});

test('a value that is read twice is one input', () => {
  const graph = expectSameResults(
    (g) => {
      const x = input(g, 'x');
      g.output('y', apply(g, relu, combine(g, mul, x, x)));
    },
    fuseElementwise,
    { count: 1, ops: ['ElementwiseChain'] },
  );
  expect(formulas(graph)).toEqual(['Relu(Mul(x0, x0))']);
});

test.each<[string, Build]>([
  [
    'results that others read',
    (g) => {
      const x = apply(g, tanh, input(g, 'x'));
      g.output('a', apply(g, abs, x));
      g.output('b', apply(g, relu, x));
    },
  ],
  [
    'outputs of the graph',
    (g) => {
      const x = apply(g, tanh, input(g, 'x'));
      g.output('a', x);
      g.output('b', apply(g, relu, x));
    },
  ],
  [
    'results that are broadcast',
    (g) => {
      g.output('y', combine(g, mul, input(g, 'x'), apply(g, sigmoid, input(g, 'gate', [3, 1]))));
    },
  ],
  [
    'integers',
    (g) => {
      g.output('y', apply(g, abs, apply(g, relu, input(g, 'x', DIMS, 'i32'))));
    },
  ],
  [
    'comparisons',
    (g) => {
      g.output('y', apply(g, not, combine(g, less, input(g, 'a'), apply(g, tanh, input(g, 'b')))));
    },
  ],
  [
    'mixed types',
    (g) => {
      g.output('y', combine(g, pow, apply(g, abs, input(g, 'a')), input(g, 'b', DIMS, 'i32')));
    },
  ],
])('%s stay as they are', (_, build) => {
  const graph = expectSameResults(build, fuseElementwise, { count: 0 });
  expect([...graph.nodes].some(({ op }) => op instanceof ElementwiseChain)).toBe(false);
});

test('a chain has at most six inputs', () => {
  const graph = expectSameResults(
    (g) => {
      const inputs = Array.from({ length: 9 }, (_, i) => input(g, `x${i}`));
      g.output(
        'y',
        inputs.reduce((sum, x) => combine(g, add, sum, x)),
      );
    },
    fuseElementwise,
    { count: 6 },
  );
  const sizes = [...graph.nodes].map(({ inputs }) => inputs.length);
  expect(Math.max(...sizes)).toBe(6);
  expect(sizes).toHaveLength(2);
});

test('a chain has at most sixteen steps', () => {
  const graph = expectSameResults(
    (g) => {
      let x = input(g, 'x');
      for (let i = 0; i < 20; i++) x = apply(g, tanh, x);
      g.output('y', x);
    },
    fuseElementwise,
    { count: 18 },
  );
  expect([...graph.nodes].map(({ op }) => op instanceof ElementwiseChain && op.steps.length)).toEqual([
    16, 4,
  ]);
});

test('chains are taken in too, and types other than f32', () => {
  const graph = expectSameResults(
    (g) => {
      const x = input(g, 'x', DIMS, 'f64');
      const chain = new ElementwiseChain(2, [
        { fn: max, args: [0, 1] },
        { fn: mul, args: [2, 0] },
      ]);
      g.output('y', apply(g, abs, g.add(chain, [x, input(g, 'z', DIMS, 'f64')])[0]));
    },
    fuseElementwise,
    { count: 1, ops: ['ElementwiseChain'] },
  );
  expect(formulas(graph)).toEqual(['Abs(Mul(Max(x0, x1), x0))']);
});

test('a comparison is no step', () => {
  expect(() => new ElementwiseChain(2, [{ fn: equal, args: [0, 1] }])).toThrow(/its result a float/);
});
