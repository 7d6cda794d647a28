/** Batch normalisation: every channel shifted and scaled by given statistics. */
import { Tensor, sizeOf, type TensorType } from '../tensor/index.js';
import { channelAffine, expectPerChannel } from './channels.js';
import { FLOATS, expectElementType } from './element-types.js';
import { activate, activationFlops, formatActivation, type Activated } from './fused-activation.js';
import {
  Op,
  expectRank,
  tensorAt,
  typeAt,
  type AttributeValue,
  type InputTensors,
  type InputTypes,
} from './op.js';
import type { UnaryFunction } from './unary.js';

/** Statistics and parameters of batch normalisation, one number per channel each. */
export interface BatchStatistics {
  readonly scale: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
}

/**
 * The affine function that batch normalisation with known statistics is: y = x * scale + shift per channel, with
 * scale = s / sqrt(variance + epsilon) and shift = bias - mean * scale (Ioffe and Szegedy 2015, algorithm 2).
 * What folds the operator into a preceding convolution multiplies weights by `scale` and adds `shift` to the bias.
 */
export function batchNormalizationAffine(
  { scale, bias, mean, variance }: BatchStatistics,
  epsilon: number,
): { readonly scale: Float64Array; readonly shift: Float64Array } {
  const folded = Float64Array.from(scale, (s, c) => s / Math.sqrt(variance[c] + epsilon));
  return { scale: folded, shift: folded.map((s, c) => bias[c] - mean[c] * s) };
}

export interface BatchNormalizationAttributes extends Activated {
  readonly epsilon: number;
}

/** Inputs 1 to 4, by ONNX's names. */
const PARAMETERS = ['scale', 'B', 'input_mean', 'input_var'];

/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel.
 *
 * Inputs: x [N, C, ...], scale [C], bias [C], mean [C], variance [C]; element types may differ. Output: y like x.
 */
export class BatchNormalization extends Op implements BatchNormalizationAttributes {
  readonly type = 'BatchNormalization';
  readonly epsilon: number;
  readonly activation: UnaryFunction | undefined;

  constructor({ epsilon, activation }: BatchNormalizationAttributes) {
    super();
    this.epsilon = epsilon;
    this.activation = activation;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { epsilon: this.epsilon, activation: formatActivation(this.activation) };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'X');
    expectElementType(this.type, x.dtype, FLOATS);
    expectRank(x, 'X', 2, Infinity);
    for (const [i, name] of PARAMETERS.entries()) {
      const parameter = typeAt(inputs, i + 1, name);
      expectElementType(this.type, parameter.dtype, FLOATS);
      expectPerChannel(parameter, name, x.dims[1]);
    }
    return [x];
  }

  /** A multiply-add per element. */
  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    return (2 + activationFlops(this.activation)) * sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'X');
    const [scale, bias, mean, variance] = PARAMETERS.map((name, i) =>
      tensorAt(inputs, i + 1, name).toFloat64(),
    );
    const affine = batchNormalizationAffine({ scale, bias, mean, variance }, this.epsilon);
    const y = channelAffine(x.toFloat64(), x.dims, affine.scale, affine.shift);
    return [Tensor.from(x.dtype, x.dims, activate(y, this.activation))];
  }
}
