/** Division of every row by its norm. */
import { Tensor, sizeOf, type TensorType } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { expectAxis } from './movement.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';
import { mapRows, sumOf } from './rows.js';

/** y = x / norm along an axis, with the norm sum(|x|) or sqrt(sum(x^2)); a row of zeros stays zero. */
export class LpNormalization extends Op {
  readonly type = 'LpNormalization';
  /** Non-negative. */
  readonly axis: number;
  /** The order of the norm. */
  readonly p: 1 | 2;

  constructor(axis: number, p: 1 | 2) {
    super();
    this.axis = axis;
    this.p = p;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axis: this.axis, p: this.p };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'input');
    expectElementType(this.type, x.dtype, FLOATS);
    expectAxis(this.axis, x, 'input');
    return [x];
  }

  /** Square or magnitude, add, divide: 3 per element. */
  override flops(_inputs: InputTypes, outputs: readonly TensorType[]): number {
    return 3 * sizeOf(outputs[0].dims);
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    const y = mapRows(x.toFloat64(), x.dims, [this.axis], (row) => {
      const norm =
        this.p === 1 ? sumOf(row.map(Math.abs)) : Math.sqrt(sumOf(row.map((value) => value * value)));
      return norm === 0 ? row : row.map((value) => value / norm);
    });
    return [Tensor.from(x.dtype, x.dims, y)];
  }
}
