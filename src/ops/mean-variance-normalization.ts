/** Mean-variance normalisation over any axes, without parameters. */
import { Tensor, sizeOf, type TensorType } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { STANDARDISE_FLOPS, checkAxes, mapRows, momentsOf } from './rows.js';

/** Added to the standard deviation: fixed by ONNX's definition of the operator. */
export const MVN_EPSILON = 1e-9;

/** y = (x - mean) / (sqrt(variance) + 1e-9), with mean and variance over `axes`. */
export class MeanVarianceNormalization extends Op {
  readonly type = 'MeanVarianceNormalization';
  /** Ascending, non-negative. */
  readonly axes: readonly number[];

  constructor(axes: readonly number[]) {
    super();
    this.axes = axes;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axes: this.axes };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'X');
    expectElementType(this.type, x.dtype, FLOATS);
    checkAxes(this.axes, x.dims);
    return [x];
  }

  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    return STANDARDISE_FLOPS * sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'X');
    const y = mapRows(x.toFloat64(), x.dims, this.axes, (row) => {
      const { mean, variance } = momentsOf(row);
      return row.map((value) => (value - mean) / (Math.sqrt(variance) + MVN_EPSILON));
    });
    return [Tensor.from(x.dtype, x.dims, y)];
  }
}
