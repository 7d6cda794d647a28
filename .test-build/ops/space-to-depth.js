/** Blocks of pixels rearranged into channels: the inverse of DepthToSpace. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf } from '../tensor/index.js';
import { expectBlockSize } from './depth-to-space.js';
import { copyView } from './movement.js';
import { Op, expectRank, tensorAt, typeAt, } from './op.js';
/** [N, C, H * b, W * b] -> [N, C * b * b, H, W]. */
export class SpaceToDepth extends Op {
    type = 'SpaceToDepth';
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
        if (x.dims[2] % this.blockSize !== 0 || x.dims[3] % this.blockSize !== 0) {
            throw new ShapeError(`${formatType(x)} does not divide into blocks of ${this.blockSize}`, {
                remedy: `Height and width must be multiples of ${this.blockSize}.`,
            });
        }
        return [{ dtype: x.dtype, dims: this.#outputDims(x) }];
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const b = this.blockSize;
        const [n, c] = x.dims;
        const outputDims = this.#outputDims(x);
        const [, , h, w] = outputDims;
        const [image, channel, row, column] = stridesOf(x.dims);
        const view = this.mode === 'DCR'
            ? { dims: [n, b, b, c, h, w], strides: [image, row, column, channel, b * row, b * column] }
            : { dims: [n, c, b, b, h, w], strides: [image, channel, row, column, b * row, b * column] };
        return [copyView(x, view, outputDims)];
    }
    #outputDims(x) {
        const [n, c, h, w] = x.dims;
        return [n, c * this.blockSize ** 2, h / this.blockSize, w / this.blockSize];
    }
}
//# sourceMappingURL=space-to-depth.js.map