/** Convolution. */
import { ShapeError } from '../errors.js';
import {
  Tensor,
  formatDims,
  formatType,
  sameDims,
  sizeOf,
  type Dims,
  type TensorType,
} from '../tensor/index.js';
import { expectPerChannel } from './channels.js';
import { FLOATS, expectElementType } from './element-types.js';
import { activate, activationFlops, formatActivation, type Activated } from './fused-activation.js';
import {
  expectRank,
  expectSameDType,
  tensorAt,
  typeAt,
  type AttributeValue,
  type InputTensors,
  type InputTypes,
} from './op.js';
import type { UnaryFunction } from './unary.js';
import { WindowOp } from './window-op.js';
import { checkPerAxis, outputDims, placedWindows, type WindowStepOptions } from './window.js';

/** Attributes of a convolution. The strides tell how many spatial axes there are. */
export interface ConvOptions extends WindowStepOptions {
  readonly strides: readonly number[];
  /** Groups that channels are divided into; 1 when left out. */
  readonly group?: number;
}

/** What float and integer convolutions share. */
export abstract class Convolution extends WindowOp {
  readonly group: number;

  /** @throws ShapeError for lists of different lengths, zero strides or dilations, negative pads, a bad group */
  constructor(options: ConvOptions) {
    super(options.strides.length, options);
    this.group = checkGroup(options.group ?? 1);
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { ...super.attributes, group: this.group };
  }

  /** Shape of the output. @throws ShapeError when input, weight and attributes do not fit */
  protected outputDims(x: TensorType, w: TensorType): number[] {
    const rank = this.strides.length + 2;
    expectRank(x, 'x', rank);
    expectRank(w, 'w', rank);
    const [outChannels, groupChannels, ...kernel] = w.dims;
    checkPerAxis(kernel, 'the kernel of w', rank - 2, 1);
    if (x.dims[1] !== groupChannels * this.group || outChannels % this.group !== 0) {
      throw new ShapeError(`x is ${formatType(x)} and w ${formatType(w)} in ${this.group} groups`, {
        remedy: 'x must have w.dims[1] * group channels, and w.dims[0] must be a multiple of group.',
      });
    }
    return [x.dims[0], outChannels, ...outputDims(x.dims.slice(2), { ...this.steps, kernel })];
  }

  override flops(inputs: InputTypes, [y]: readonly TensorType[]): number {
    const w = typeAt(inputs, 1, 'w');
    return 2 * sizeOf(y.dims) * sizeOf(w.dims.slice(1));
  }

  /** The sums of products, in doubles. `yDims` is the result of `outputDims`. */
  protected convolve(x: Float64Array, xDims: Dims, w: Float64Array, wDims: Dims, yDims: Dims): Float64Array {
    const [batch, channels, ...input] = xDims;
    const [outChannels, groupChannels, ...kernel] = wDims;
    const output = yDims.slice(2);
    const [xPlane, wPlane, yPlane] = [sizeOf(input), sizeOf(kernel), sizeOf(output)];
    const outPerGroup = outChannels / this.group;
    const y = new Float64Array(sizeOf(yDims));
    for (const placed of placedWindows(input, { ...this.steps, kernel }, output)) {
      for (let n = 0; n < batch; n++) {
        for (let m = 0; m < outChannels; m++) {
          const firstChannel = n * channels + Math.floor(m / outPerGroup) * groupChannels;
          let sum = 0;
          for (let c = 0; c < groupChannels; c++) {
            const xAt = (firstChannel + c) * xPlane;
            const wAt = (m * groupChannels + c) * wPlane;
            for (let t = 0; t < placed.input.length; t++)
              sum += x[xAt + placed.input[t]] * w[wAt + placed.kernel[t]];
          }
          y[(n * outChannels + m) * yPlane + placed.output] = sum;
        }
      }
    }
    return y;
  }
}

/**
 * y[n, m, o] = activation(bias[m] + residual[n, m, o] + sum over c, t of x[n, g * C/group + c, o * stride - padBegin +
 * t * dilation] * w[m, c, t]), where g = floor(m / (M / group)) and x is 0 outside its dims.
 *
 * Inputs: x [N, C, D...], w [M, C / group, K...], bias [M] (optional), residual [N, M, O...] (optional; ONNX has none:
 * graph rewrites fuse an addition behind the convolution into it). Output: [N, M, O...].
 */
export class Conv extends Convolution {
  readonly type = 'Conv';
  readonly activation: UnaryFunction | undefined;

  constructor(options: ConvOptions & Activated) {
    super(options);
    this.activation = options.activation;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { ...super.attributes, activation: formatActivation(this.activation) };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'x');
    const w = typeAt(inputs, 1, 'w');
    expectElementType(this.type, x.dtype, FLOATS);
    expectSameDType(inputs);
    const dims = this.outputDims(x, w);
    if (inputs[2]) expectPerChannel(inputs[2], 'bias', w.dims[0]);
    if (inputs[3] && !sameDims(inputs[3].dims, dims)) {
      throw new ShapeError(`residual is ${formatType(inputs[3])}`, {
        remedy: `It must have the output's shape, ${formatDims(dims)}.`,
      });
    }
    return [{ dtype: x.dtype, dims }];
  }

  override flops(inputs: InputTypes, outputs: readonly TensorType[]): number {
    const perElement = (inputs[2] ? 1 : 0) + (inputs[3] ? 1 : 0) + activationFlops(this.activation);
    return super.flops(inputs, outputs) + perElement * sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'x');
    const w = tensorAt(inputs, 1, 'w');
    const dims = this.outputDims(x, w);
    const y = this.convolve(x.toFloat64(), x.dims, w.toFloat64(), w.dims, dims);
    if (inputs[2]) addPerChannel(y, dims, inputs[2].toFloat64());
    const residual = inputs[3]?.toFloat64();
    if (residual) for (let i = 0; i < y.length; i++) y[i] += residual[i];
    return [Tensor.from(x.dtype, dims, activate(y, this.activation))];
  }
}

/** @throws ShapeError unless the group is a positive integer */
export function checkGroup(group: number): number {
  if (!Number.isSafeInteger(group) || group < 1) {
    throw new ShapeError(`group is ${group}`, { remedy: 'It must be a positive integer.' });
  }
  return group;
}

/** Adds `bias[m]` to every element of channel m of y [N, M, ...], in place. */
export function addPerChannel(y: Float64Array, yDims: Dims, bias: Float64Array): void {
  const plane = sizeOf(yDims.slice(2));
  for (let i = 0; i < y.length; i++) y[i] += bias[Math.floor(i / plane) % yDims[1]];
}
