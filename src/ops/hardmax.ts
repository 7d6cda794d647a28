/** Hardmax: 1 at each row's first maximum, 0 elsewhere. */
import { Tensor, sizeOf, type TensorType } from '../tensor/index.js';
import { indexOfExtreme } from './arg-reduce.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { checkAxes, mapRows } from './rows.js';

export class Hardmax extends Op {
  readonly type = 'Hardmax';
  /** Axes that a row spans, as in `Softmax`: ascending, non-negative. */
  readonly axes: readonly number[];

  constructor(axes: readonly number[]) {
    super();
    this.axes = axes;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axes: this.axes };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'input');
    expectElementType(this.type, x.dtype, FLOATS);
    checkAxes(this.axes, x.dims);
    return [x];
  }

  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    return sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    const y = mapRows(x.toFloat64(), x.dims, this.axes, (row) => {
      const hot = indexOfExtreme(row, 'max', false);
      return row.map((_, i) => (i === hot ? 1 : 0));
    });
    return [Tensor.from(x.dtype, x.dims, y)];
  }
}
