/** Channels rearranged into blocks of pixels: sub-pixel upsampling. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf } from '../tensor/index.js';
import { copyView } from './movement.js';
import { Op, expectRank, tensorAt, typeAt, } from './op.js';
/** Checks a block size. @throws ShapeError unless it is a positive integer */
export function expectBlockSize(blockSize) {
    if (!Number.isInteger(blockSize) || blockSize < 1) {
        throw new ShapeError(`the block size is ${blockSize}`, { remedy: 'It must be a positive integer.' });
    }
}
/** [N, C * b * b, H, W] -> [N, C, H * b, W * b]. */
export class DepthToSpace extends Op {
    type = 'DepthToSpace';
    blockSize;
    mode;
    constructor(blockSize, mode) {
        super();
        this.blockSize = blockSize;
        this.mode = mode;
    }
    get attributes() {
        return { blockSize: this.blockSize, mode: this.mode };
    }
    infer(inputs) {
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
    reference(inputs) {
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
    #outputDims(x) {
        const [n, c, h, w] = x.dims;
        return [n, c / this.blockSize ** 2, h * this.blockSize, w * this.blockSize];
    }
}
//# sourceMappingURL=depth-to-space.js.map