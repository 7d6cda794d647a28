/** Cutting a tensor into pieces along an axis. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf, type Tensor, type TensorType } from '../tensor/index.js';
import { copyView, expectAxis, withExtent } from './movement.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';

/** Output i is the next sizes[i] indices of the input along `axis`. */
export class Split extends Op {
  readonly type = 'Split';
  readonly axis: number;
  readonly sizes: readonly number[];

  /**
   * @param axis non-negative
   * @param sizes extent of each output along the axis; their sum is the input's
   */
  constructor(axis: number, sizes: readonly number[]) {
    super();
    this.axis = axis;
    this.sizes = [...sizes];
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { axis: this.axis, sizes: this.sizes };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'input');
    expectAxis(this.axis, x, 'input');
    const total = this.sizes.reduce((sum, size) => sum + size, 0);
    if (this.sizes.some((size) => !Number.isInteger(size) || size < 0) || total !== x.dims[this.axis]) {
      throw new ShapeError(
        `axis ${this.axis} of ${formatType(x)} cannot be split into [${this.sizes.join(', ')}]`,
        { remedy: `The sizes must be non-negative and their sum must be ${x.dims[this.axis]}.` },
      );
    }
    return this.sizes.map((size) => ({ dtype: x.dtype, dims: withExtent(x.dims, this.axis, size) }));
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    const strides = stridesOf(x.dims);
    let start = 0;
    return this.sizes.map((size) => {
      const offset = start * strides[this.axis];
      start += size;
      return copyView(x, { dims: withExtent(x.dims, this.axis, size), strides, offset });
    });
  }
}
