import { expect, test } from 'vitest';
import { add, mul, prelu } from '../../src/ops/binary-functions.js';
import { ElementwiseChain } from '../../src/ops/elementwise-chain.js';
import { leakyRelu, relu, sigmoid } from '../../src/ops/unary-functions.js';
import { Tensor } from '../../src/tensor/index.js';

const affine = new ElementwiseChain(3, [
  { fn: mul, args: [0, 1] },
  { fn: add, args: [3, 2] },
  { fn: leakyRelu(0.5), args: [4] },
]);

/** Types, shortly. */
const types = (...list: [dtype: 'f32' | 'f64' | 'i32', dims: number[]][]) =>
  list.map(([dtype, dims]) => ({ dtype, dims }));

test('it says what it computes', () => {
  expect(affine.title).toBe('ElementwiseChain');
  expect(affine.attributes).toEqual({ formula: 'LeakyRelu(Add(Mul(x0, x1), x2), alpha=0.5)' });
});

test('steps are composed, inputs broadcast, and the result is rounded once', () => {
  const x = Tensor.from('f32', [2, 3], [1, -2, 3, 4, -5, 6]);
  const scale = Tensor.from('f32', [3], [1, 2, 3]);
  const shift = Tensor.from('f32', [2, 1], [0.5, -0.5]);
  const [y] = affine.reference([x, scale, shift]);
  expect(y.dims).toEqual([2, 3]);
  expect(y.toNumbers()).toEqual([1.5, -1.75, 9.5, 3.5, -5.25, 17.5]);
  expect(affine.infer([x, scale, shift])).toEqual([{ dtype: 'f32', dims: [2, 3] }]);
  // 3e38 times 10 over 10 passes the range of f32 on the way.
  const there = new ElementwiseChain(3, [
    { fn: mul, args: [0, 1] },
    { fn: mul, args: [3, 2] },
  ]);
  const [same] = there.reference([3e38, 10, 0.1].map((value) => Tensor.from('f32', [1], [value])));
  expect(same.toNumbers()[0] / 3e38).toBeCloseTo(1, 6);
});

test('operations are counted where they happen', () => {
  // Multiplication of [3] and [3], then addition to [2, 3].
  const chain = new ElementwiseChain(3, [
    { fn: mul, args: [0, 1] },
    { fn: add, args: [2, 3] },
    { fn: sigmoid, args: [4] },
  ]);
  expect(chain.flops(types(['f32', [3]], ['f32', [3]], ['f32', [2, 3]]))).toBe(3 + 6 + 3 * 6);
});

test.each([
  ['no step', 1, []],
  ['a step that refers to itself', 1, [{ fn: relu, args: [1] }]],
  ['an argument that is no number of a value', 1, [{ fn: relu, args: [-1] }]],
  ['an input that nothing uses', 2, [{ fn: relu, args: [0] }]],
  [
    'a step that nothing uses',
    1,
    [
      { fn: relu, args: [0] },
      { fn: sigmoid, args: [0] },
    ],
  ],
] as const)('%s is refused', (_, arity, steps) => {
  expect(() => new ElementwiseChain(arity, steps)).toThrow(/chain/);
});

test('types must be floats and equal, and fit', () => {
  expect(() => affine.infer(types(['i32', [2]], ['i32', [2]], ['i32', [2]]))).toThrow(
    /i32 of ElementwiseChain/,
  );
  expect(() => affine.infer(types(['f32', [2]], ['f64', [2]], ['f32', [2]]))).toThrow(/one element type/);
  expect(() => affine.infer(types(['f32', [2]], ['f32', [3]], ['f32', [2]]))).toThrow(/do not broadcast/);
  const slopes = new ElementwiseChain(2, [{ fn: prelu, args: [0, 1] }]);
  expect(() => slopes.infer(types(['f32', [2]], ['f32', [3, 2]]))).toThrow(/PRelu/);
});
