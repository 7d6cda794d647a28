/** Cases of depthwise separable convolutions as one kernel. */
import { fusionsFor } from '../../../src/candidates/index.js';
import { Conv, type ConvOptions } from '../../../src/ops/conv.js';
import type { Activated } from '../../../src/ops/fused-activation.js';
import { Op, type InputTensors, type InputTypes } from '../../../src/ops/op.js';
import { clip, hardSwish, leakyRelu, relu } from '../../../src/ops/unary-functions.js';
import type { Tensor, TensorType } from '../../../src/tensor/index.js';
import { randomNumbers, type OpCase } from '../harness.js';

/** Inputs of the depthwise convolution: x, w and a bias. */
const OWN = 3;

/** What a depthwise convolution and a pointwise one are together. */
class Separable extends Op {
  readonly type = 'Separable';
  readonly depthwise: Conv;
  readonly pointwise: Conv;

  constructor(depthwise: Conv, pointwise: Conv) {
    super();
    this.depthwise = depthwise;
    this.pointwise = pointwise;
  }

  infer(inputs: InputTypes): TensorType[] {
    return this.pointwise.infer([...this.depthwise.infer(inputs.slice(0, OWN)), ...inputs.slice(OWN)]);
  }

  reference(inputs: InputTensors): Tensor[] {
    const middle = this.depthwise.reference(inputs.slice(0, OWN));
    return this.pointwise.reference([...middle, ...inputs.slice(OWN)]);
  }
}

interface Shape extends Partial<ConvOptions>, Activated {
  readonly kernel?: readonly number[];
  readonly bias?: boolean;
  /** Of the pointwise convolution. */
  readonly ending?: Activated & { readonly bias?: boolean; readonly residual?: boolean };
}

function f32(dims: readonly number[]): TensorType {
  return { dtype: 'f32', dims };
}

/** A case of `x` with windows per channel, then `outChannels` sums of all. */
function separable(
  name: string,
  x: readonly number[],
  outChannels: number,
  { kernel = [3, 3], bias = true, ending = {}, ...options }: Shape,
): OpCase {
  const [, channels] = x;
  const axes = x.slice(2);
  const depthwise = new Conv({ strides: axes.map(() => 1), group: channels, ...options });
  const pointwise = new Conv({ strides: axes.map(() => 1), activation: ending.activation });
  const first = [f32(x), f32([channels, 1, ...kernel]), bias ? f32([channels]) : undefined];
  const [middle] = depthwise.infer(first);
  const w = f32([outChannels, channels, ...axes.map(() => 1)]);
  const [y] = pointwise.infer([middle, w]);
  const second = [w, ending.bias === false ? undefined : f32([outChannels]), ...(ending.residual ? [y] : [])];
  return {
    name: `separable ${name}`,
    op: new Separable(depthwise, pointwise),
    inputs: [...first, ...second],
    candidates: ({ inputs, outputs }, context) => {
      const types = { inputs: inputs.slice(0, OWN), others: inputs.slice(OWN), outputs, middle };
      return fusionsFor(depthwise, pointwise, types, context);
    },
  };
}

const padded = { padsBegin: [1, 1], padsEnd: [1, 1] };
const halving = { ...padded, strides: [2, 2] };

/** Shapes drawn at random, deterministic. */
function randomShapes(count: number): OpCase[] {
  const random = randomNumbers(23);
  const from = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: count }, (_, i) => {
    const kernel = [from(1, 4), from(1, 5)];
    const dilations = [from(1, 2), from(1, 2)];
    const [padsBegin, padsEnd] = [0, 1].map(() => kernel.map((taps) => from(0, taps - 1)));
    const spatial = kernel.map((taps, axis) => {
      const window = (taps - 1) * dilations[axis] + 1;
      return Math.max(1, window - padsBegin[axis] - padsEnd[axis]) + from(0, 8);
    });
    return separable(
      `random ${i}`,
      [[1, 4, 8, 3][from(0, 3)], [4, 5, 8, 12][from(0, 3)], ...spatial],
      from(1, 37),
      {
        kernel,
        dilations,
        padsBegin,
        padsEnd,
        strides: [from(1, 3), from(1, 3)],
        bias: from(0, 1) === 1,
        activation: leakyRelu(0.2),
        ending: { bias: from(0, 1) === 1, residual: from(0, 1) === 1, activation: hardSwish },
      },
    );
  });
}

/** How many random shapes every test run has. */
const DEFAULT_RANDOM = 3;

/** A case per kernel and kind of load and edge, and some random ones. */
export const separableCases: readonly OpCase[] = [
  separable('in vectors', [4, 8, 8, 8], 12, { ...padded, activation: clip(0, 6) }),
  separable('halving', [4, 12, 8, 12], 20, { ...halving, activation: relu, ending: { residual: true } }),
  separable('without biases', [1, 8, 5, 8], 8, { ...padded, bias: false, ending: { bias: false } }),
  separable('of odd planes', [8, 4, 7, 5], 6, { ...padded, ending: { activation: relu } }),
  separable('unpadded, 5x5', [1, 4, 9, 12], 40, { kernel: [5, 5], activation: hardSwish }),
  separable('dilated', [4, 4, 8, 9], 5, { padsBegin: [2, 2], padsEnd: [2, 2], dilations: [2, 2] }),
  separable('of a line', [4, 8, 12], 9, { kernel: [3], padsBegin: [1], padsEnd: [1], strides: [1] }),
  separable('deep, in parts', [4, 160, 4, 4], 36, { ...padded, activation: relu }),
  ...randomShapes(DEFAULT_RANDOM),
];

/** More of the same, for changes to the kernels. */
export const thoroughSeparableCases: readonly OpCase[] = [
  separable('of one pixel', [1, 4, 1, 1], 4, padded),
  separable('of many outputs', [4, 32, 8, 8], 100, { ...padded, ending: { residual: true } }),
  separable('of few planes that halve', [4, 96, 12, 12], 24, { ...halving, activation: clip(0, 6) }),
  ...randomShapes(14).slice(DEFAULT_RANDOM),
];
