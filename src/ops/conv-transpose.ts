/** Transposed convolution. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sizeOf, type Dims, type TensorType } from '../tensor/index.js';
import { expectPerChannel } from './channels.js';
import { addPerChannel, checkGroup, type ConvOptions } from './conv.js';
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
import { checkPerAxis, placedWindows, transposedDims } from './window.js';

/** Attributes of a transposed convolution. */
export interface ConvTransposeOptions extends ConvOptions, Activated {
  /** Positions added to the end of every spatial axis of the output; 0 when left out. */
  readonly outputPadding?: readonly number[];
}

/**
 * The adjoint of `Conv` in x: every x[n, c, i] adds x[n, c, i] * w[c, m, t] to output position
 * i * stride - padBegin + t * dilation of channel g * M/group + m, g being c's group; what falls outside is cut away.
 * Then bias and activation are applied.
 *
 * Inputs: x [N, C, D...], w [C, M / group, K...], bias [M] (optional).
 * Output: [N, M, O...], with O by `transposedExtent`.
 */
export class ConvTranspose extends WindowOp {
  readonly type = 'ConvTranspose';
  readonly outputPadding: readonly number[];
  readonly group: number;
  readonly activation: UnaryFunction | undefined;

  /** @throws ShapeError for lists of different lengths, zero strides or dilations, negative pads, a bad group */
  constructor(options: ConvTransposeOptions) {
    const rank = options.strides.length;
    super(rank, options);
    this.outputPadding = checkPerAxis(
      options.outputPadding ?? this.strides.map(() => 0),
      'outputPadding',
      rank,
      0,
    );
    this.group = checkGroup(options.group ?? 1);
    this.activation = options.activation;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    const { outputPadding, group } = this;
    return { ...super.attributes, outputPadding, group, activation: formatActivation(this.activation) };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'x');
    const w = typeAt(inputs, 1, 'w');
    expectElementType(this.type, x.dtype, FLOATS);
    expectSameDType(inputs);
    const dims = this.#outputDims(x, w);
    if (inputs[2]) expectPerChannel(inputs[2], 'bias', dims[1]);
    return [{ dtype: x.dtype, dims }];
  }

  override flops(inputs: InputTypes, [y]: readonly TensorType[]): number {
    const x = typeAt(inputs, 0, 'x');
    const w = typeAt(inputs, 1, 'w');
    const perElement = (inputs[2] ? 1 : 0) + activationFlops(this.activation);
    return 2 * sizeOf(x.dims) * sizeOf(w.dims.slice(1)) + perElement * sizeOf(y.dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'x');
    const w = tensorAt(inputs, 1, 'w');
    const dims = this.#outputDims(x, w);
    const y = this.#scatter(x, w, dims);
    if (inputs[2]) addPerChannel(y, dims, inputs[2].toFloat64());
    return [Tensor.from(x.dtype, dims, activate(y, this.activation))];
  }

  #outputDims(x: TensorType, w: TensorType): number[] {
    const rank = this.strides.length + 2;
    expectRank(x, 'x', rank);
    expectRank(w, 'w', rank);
    const [channels, outPerGroup, ...kernel] = w.dims;
    checkPerAxis(kernel, 'the kernel of w', rank - 2, 1);
    if (x.dims[1] !== channels || channels % this.group !== 0) {
      throw new ShapeError(`x is ${formatType(x)} and w ${formatType(w)} in ${this.group} groups`, {
        remedy: 'x must have w.dims[0] channels, and these must be a multiple of group.',
      });
    }
    const spatial = transposedDims(x.dims.slice(2), { ...this.steps, kernel }, this.outputPadding);
    return [x.dims[0], outPerGroup * this.group, ...spatial];
  }

  #scatter(xTensor: Tensor, wTensor: Tensor, yDims: Dims): Float64Array {
    const [batch, channels, ...input] = xTensor.dims;
    const [, outPerGroup, ...kernel] = wTensor.dims;
    const [, outChannels, ...output] = yDims;
    const [xPlane, wPlane, yPlane] = [sizeOf(input), sizeOf(kernel), sizeOf(output)];
    const [x, w] = [xTensor.toFloat64(), wTensor.toFloat64()];
    const y = new Float64Array(sizeOf(yDims));
    // The windows of the convolution that this is the adjoint of: they lie in y, and each belongs to one x.
    for (const placed of placedWindows(output, { ...this.steps, kernel }, input)) {
      for (let n = 0; n < batch; n++) {
        for (let c = 0; c < channels; c++) {
          const value = x[(n * channels + c) * xPlane + placed.output];
          const firstOut = n * outChannels + Math.floor((c * this.group) / channels) * outPerGroup;
          for (let m = 0; m < outPerGroup; m++) {
            const yAt = (firstOut + m) * yPlane;
            const wAt = (c * outPerGroup + m) * wPlane;
            for (let t = 0; t < placed.input.length; t++)
              y[yAt + placed.input[t]] += value * w[wAt + placed.kernel[t]];
          }
        }
      }
    }
    return y;
  }
}
