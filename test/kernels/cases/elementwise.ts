/** Cases of element-wise ops. */
import { Unary } from '../../../src/ops/unary.js';
import { leakyRelu, relu } from '../../../src/ops/unary-functions.js';
import type { OpCase } from '../harness.js';

export const elementwiseCases: readonly OpCase[] = [
  { name: 'relu 2x3x5x7', op: new Unary(relu), inputs: [{ dtype: 'f32', dims: [2, 3, 5, 7] }] },
  { name: 'relu 2x4x8x4', op: new Unary(relu), inputs: [{ dtype: 'f32', dims: [2, 4, 8, 4] }] },
  { name: 'leaky relu 3x5', op: new Unary(leakyRelu(0.1)), inputs: [{ dtype: 'f32', dims: [3, 5] }] },
];
