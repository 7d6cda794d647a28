/** Broadcasting to a given shape. */
import { ShapeError } from '../errors.js';
import {
  broadcastDims,
  broadcastStrides,
  formatDims,
  formatType,
  sameDims,
  type Dims,
  type Tensor,
  type TensorType,
} from '../tensor/index.js';
import { copyView } from './movement.js';
import { Op, tensorAt, typeAt, type AttributeValue, type InputTensors, type InputTypes } from './op.js';

/** x repeated along its dimensions of extent 1, and along new outer ones, until it has `dims`. */
export class Expand extends Op {
  readonly type = 'Expand';
  readonly dims: Dims;

  /** @param dims the output's dims, to which x's dims broadcast */
  constructor(dims: Dims) {
    super();
    this.dims = [...dims];
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { dims: this.dims };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'input');
    if (!sameDims(broadcastDims(x.dims, this.dims), this.dims)) {
      throw new ShapeError(`${formatType(x)} does not expand to ${formatDims(this.dims)}`, {
        remedy: 'Only dimensions of extent 1 are repeated.',
      });
    }
    return [{ dtype: x.dtype, dims: this.dims }];
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    return [copyView(x, { dims: this.dims, strides: broadcastStrides(x.dims, this.dims) })];
  }
}
