/** Cases of softmax, log-softmax and hardmax. */
import { Hardmax } from '../../../src/ops/hardmax.js';
import { Softmax } from '../../../src/ops/softmax.js';
import { randomNumbers, type OpCase } from '../harness.js';

function softmaxCase(dims: readonly number[], axes: readonly number[], log = false): OpCase {
  const op = new Softmax(axes, log);
  return {
    name: `${op.type} ${dims.join('x')} over ${axes.join(',')}`,
    op,
    inputs: [{ dtype: 'f32', dims, range: [-4, 4] }],
  };
}

function hardmaxCase(dims: readonly number[], axes: readonly number[]): OpCase {
  // Few different values, so that rows have equal maxima.
  const random = randomNumbers(dims.length);
  const values = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => Math.floor(random() * 5) - 2);
  return {
    name: `hardmax ${dims.join('x')} over ${axes.join(',')}`,
    op: new Hardmax(axes),
    inputs: [{ dtype: 'f32', dims, values }],
  };
}

/** Shapes from a fixed seed: any rank, any set of axes. */
function randomCases(count: number): OpCase[] {
  const random = randomNumbers(7);
  const below = (n: number): number => Math.floor(random() * n);
  return Array.from({ length: count }, () => {
    const rank = 1 + below(5);
    const dims = Array.from({ length: rank }, () => 1 + below(rank > 3 ? 6 : 12));
    const chosen = dims.map((_, axis) => axis).filter(() => random() < 0.5);
    return softmaxCase(dims, chosen.length > 0 ? chosen : [below(rank)], random() < 0.3);
  });
}

const INFINITE = [-Infinity, 1, 2, -Infinity, 0, -Infinity, -Infinity, -Infinity];

export const softmaxCases: readonly OpCase[] = [
  softmaxCase([3, 10], [1]),
  softmaxCase([129, 10], [1], true),
  softmaxCase([40, 4], [1]),
  softmaxCase([20, 1000], [1]),
  softmaxCase([3, 1001], [1], true),
  softmaxCase([2, 1], [1]),
  softmaxCase([1, 7000], [1]),
  softmaxCase([2, 20000], [1], true),
  softmaxCase([1, 70000], [1]),
  softmaxCase([6, 5], [0]),
  softmaxCase([300, 8], [0]),
  softmaxCase([2, 21, 5, 7], [1]),
  softmaxCase([1, 3, 6, 6], [2, 3]),
  softmaxCase([2, 5, 3, 4], [1, 2, 3]),
  softmaxCase([2, 3, 4, 5], [0, 2]),
  softmaxCase([2, 3, 2, 3, 2], [1]),
  softmaxCase([7], [0]),
  softmaxCase([2, 1, 2, 3, 1, 2], [3, 5]),
  softmaxCase([2, 3, 0], [1]),
  {
    name: 'softmax with minus infinity, and of nothing else',
    op: new Softmax([1]),
    inputs: [{ dtype: 'f32', dims: [2, 4], values: INFINITE }],
  },
  {
    name: 'softmax of large numbers',
    op: new Softmax([1]),
    inputs: [{ dtype: 'f32', dims: [2, 2], values: [1e30, -1e30, 1000, 1001] }],
  },
  ...randomCases(5),
  hardmaxCase([3, 17], [1]),
  hardmaxCase([2, 6, 3, 3], [1]),
  hardmaxCase([2, 6, 3, 3], [1, 2, 3]),
  hardmaxCase([2, 3, 4, 2, 3], [0, 3]),
];
