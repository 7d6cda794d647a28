/** Cases of convolutions in groups of few channels: patches of several sizes, in vectors of channels, images or neither. */
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { relu } from '../../../src/ops/unary-functions.js';
import type { OpCase } from '../harness.js';
import { patchesOf } from './depthwise.js';

function grouped(
  name: string,
  x: readonly number[],
  w: readonly number[],
  { residual = false, ...options }: Partial<ConvOptions> & Activated & { readonly residual?: boolean },
): OpCase {
  const op = new Conv({ ...options, strides: options.strides ?? [1, 1] });
  const types = [x, w].map((dims) => ({ dtype: 'f32', dims }) as const);
  const bias = { dtype: 'f32', dims: [w[0]] } as const;
  return {
    name: `grouped conv ${name}`,
    op,
    inputs: [...types, bias, ...(residual ? [{ dtype: 'f32', dims: op.infer(types)[0].dims } as const] : [])],
    candidates: patchesOf(op, '_grouped_', [1, 3], [3, 1]),
  };
}

const padded = { padsBegin: [1, 1], padsEnd: [1, 1] };

export const groupedCases: readonly OpCase[] = [
  grouped('4 of 4', [4, 16, 5, 7], [16, 4, 2, 3], { ...padded, group: 4, activation: relu, residual: true }),
  grouped('2 of 8 to 12, stride 2', [8, 16, 9, 6], [24, 8, 2, 2], { ...padded, strides: [2, 2], group: 2 }),
  grouped('3 of 5 to 4, dilated', [3, 15, 7, 8], [12, 5, 2, 3], {
    dilations: [2, 1],
    group: 3,
    residual: true,
  }),
  grouped('2 of 16, pointwise', [1, 32, 3, 5], [8, 16, 1, 1], { group: 2 }),
];
