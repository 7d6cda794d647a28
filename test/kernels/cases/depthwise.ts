/** Cases of depthwise convolutions: patches of several sizes, in vectors of four and (halves) of eight. */
import { isCandidate, type Candidate } from '../../../src/candidates/candidate.js';
import { candidatesFor } from '../../../src/candidates/index.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { clip } from '../../../src/ops/unary-functions.js';
import type { OpCase } from '../harness.js';

/** Rows and columns of a patch; then, where they are not the default, what follows on the candidate's grid. */
type Sizes = readonly [rows: number, columns: number, ...ways: number[]];

/**
 * An op's candidates of one kernel that keep the layout.
 * @param sizes of the patches to run beside the defaults, as far as they fit
 */
export function patchesOf(
  op: Conv,
  variant: string,
  ...sizes: readonly Sizes[]
): NonNullable<OpCase['candidates']> {
  return (types, context) =>
    candidatesFor(op, types, context)
      .filter(isCandidate)
      .filter(({ id, inputs, outputs }) => id.includes(variant) && inputs[0]?.name === outputs[0].name)
      .flatMap((candidate) => inSizes(candidate, sizes));
}

function inSizes(candidate: Candidate, list: readonly Sizes[]): Candidate[] {
  if (!candidate.sizes) return [candidate];
  const { grid, at } = candidate.sizes;
  const start = grid.sizesAt(at);
  const points = list.map((sizes) => grid.pointOf([...sizes, ...start.slice(sizes.length)]) ?? at);
  const others = points.filter((point) => point.join() !== at.join() && grid.refusal(point) === undefined);
  return [candidate, ...others.map((point) => grid.at(point))];
}

function depthwise(
  name: string,
  x: readonly number[],
  kernel: readonly number[],
  { residual = false, ...options }: Partial<ConvOptions> & Activated & { readonly residual?: boolean },
): OpCase {
  const op = new Conv({ ...options, strides: options.strides ?? [1, 1], group: x[1] });
  const types = [x, [x[1], 1, ...kernel]].map((dims) => ({ dtype: 'f32', dims }) as const);
  const bias = { dtype: 'f32', dims: [x[1]] } as const;
  return {
    name: `depthwise conv ${name}`,
    op,
    inputs: [...types, bias, ...(residual ? [{ dtype: 'f32', dims: op.infer(types)[0].dims } as const] : [])],
    candidates: patchesOf(
      op,
      '_depthwise_',
      ...(kernel[0] * kernel[1] > 6 ? [[3, 2] as const] : [[1, 3] as const, [2, 8] as const]),
      // Loads that depend on no branch, in smaller workgroups; rows in vectors of four and two; halves in fours.
      ...([
        [2, 2, 64, 1],
        [1, 4, 128, 1],
        [2, 2, 32, 1, 4],
      ] as const),
    ),
  };
}

const padded = { padsBegin: [1, 1], padsEnd: [1, 1] };

export const depthwiseCases: readonly OpCase[] = [
  depthwise('3x3', [8, 16, 7, 9], [3, 3], { ...padded, activation: clip(0, 0.5) }),
  depthwise('2x3, stride 2, residual', [8, 8, 10, 7], [2, 3], { ...padded, strides: [2, 2], residual: true }),
  depthwise('3x3, odd', [3, 5, 8, 7], [3, 3], { ...padded, residual: true }),
  depthwise('3x2 without padding', [4, 12, 6, 5], [3, 2], {}),
  depthwise('2x3, dilated, asymmetric', [1, 16, 9, 12], [2, 3], {
    dilations: [3, 2],
    strides: [1, 3],
    padsBegin: [2, 0],
    padsEnd: [0, 4],
  }),
  depthwise('3x3, even rows', [2, 3, 5, 8], [3, 3], { ...padded, residual: true, activation: clip(-1, 1) }),
  depthwise('2x3, stride 2, rows in twos', [1, 4, 9, 14], [2, 3], {
    padsBegin: [0, 3],
    padsEnd: [2, 0],
    strides: [1, 2],
  }),
  depthwise('7x7, too large for patches', [4, 4, 8, 8], [7, 7], { padsBegin: [3, 3], padsEnd: [3, 3] }),
];
