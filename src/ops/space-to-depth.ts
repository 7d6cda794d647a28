/** Blocks of pixels rearranged into channels: the inverse of DepthToSpace. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf, type Tensor, type TensorType } from '../tensor/index.js';
import { expectBlockSize, type BlockOrder } from './depth-to-space.js';
import { copyView } from './movement.js';
import {
  Op,
  expectRank,
  tensorAt,
  typeAt,
  type AttributeValue,
  type InputTensors,
  type InputTypes,
} from './op.js';

/** [N, C, H * b, W * b] -> [N, C * b * b, H, W]. */
export class SpaceToDepth extends Op {
  readonly type = 'SpaceToDepth';
  readonly blockSize: number;
  readonly mode: BlockOrder;

  constructor(blockSize: number, mode: BlockOrder) {
    super();
    this.blockSize = blockSize;
    this.mode = mode;
  }

  override get attributes(): Readonly<Record<string, AttributeValue>> {
    return { blockSize: this.blockSize, mode: this.mode };
  }

  infer(inputs: InputTypes): TensorType[] {
    const x = typeAt(inputs, 0, 'input');
    expectRank(x, 'input', 4);
    expectBlockSize(this.blockSize);
    if (x.dims[2] % this.blockSize !== 0 || x.dims[3] % this.blockSize !== 0) {
      throw new ShapeError(`${formatType(x)} does not divide into blocks of ${this.blockSize}`, {
        remedy: `Height and width must be multiples of ${this.blockSize}.`,
      });
    }
    return [{ dtype: x.dtype, dims: this.#outputDims(x) }];
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    const b = this.blockSize;
    const [n, c] = x.dims;
    const outputDims = this.#outputDims(x);
    const [, , h, w] = outputDims;
    const [image, channel, row, column] = stridesOf(x.dims);
    const view =
      this.mode === 'DCR'
        ? { dims: [n, b, b, c, h, w], strides: [image, row, column, channel, b * row, b * column] }
        : { dims: [n, c, b, b, h, w], strides: [image, channel, row, column, b * row, b * column] };
    return [copyView(x, view, outputDims)];
  }

  #outputDims(x: TensorType): number[] {
    const [n, c, h, w] = x.dims;
    return [n, c * this.blockSize ** 2, h / this.blockSize, w / this.blockSize];
  }
}
