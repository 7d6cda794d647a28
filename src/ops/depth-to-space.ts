/** Channels rearranged into blocks of pixels: sub-pixel upsampling. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf, type Tensor, type TensorType } from '../tensor/index.js';
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

/**
 * Which part of the channel index is the place in the block: the outer one (`DCR`: depth, column, row as ONNX
 * names it) or the inner one (`CRD`, PyTorch's pixel shuffle).
 */
export type BlockOrder = 'DCR' | 'CRD';

/** Checks a block size. @throws ShapeError unless it is a positive integer */
export function expectBlockSize(blockSize: number): void {
  if (!Number.isInteger(blockSize) || blockSize < 1) {
    throw new ShapeError(`the block size is ${blockSize}`, { remedy: 'It must be a positive integer.' });
  }
}

/** [N, C * b * b, H, W] -> [N, C, H * b, W * b]. */
export class DepthToSpace extends Op {
  readonly type = 'DepthToSpace';
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
    if (x.dims[1] % this.blockSize ** 2 !== 0) {
      throw new ShapeError(`the channels of ${formatType(x)} do not fill blocks of ${this.blockSize}`, {
        remedy: `Their number must be a multiple of ${this.blockSize ** 2}.`,
      });
    }
    return [{ dtype: x.dtype, dims: this.#outputDims(x) }];
  }

  reference(inputs: InputTensors): Tensor[] {
    const x = tensorAt(inputs, 0, 'input');
    const b = this.blockSize;
    const [n, c, h, w] = this.#outputDims(x);
    const [image, channel, row, column] = stridesOf(x.dims);
    // Strides, in input channels, of the output channel and of the place in the block.
    const [depth, place] = this.mode === 'DCR' ? [1, c] : [b * b, 1];
    const view = {
      dims: [n, c, h / b, b, w / b, b],
      strides: [image, depth * channel, row, b * place * channel, column, place * channel],
    };
    return [copyView(x, view, [n, c, h, w])];
  }

  #outputDims(x: TensorType): number[] {
    const [n, c, h, w] = x.dims;
    return [n, c / this.blockSize ** 2, h * this.blockSize, w * this.blockSize];
  }
}
