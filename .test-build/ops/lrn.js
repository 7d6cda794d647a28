/** Local response normalisation across channels. */
import { ShapeError } from '../errors.js';
import { Tensor, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, expectRank, tensorAt, typeAt, } from './op.js';
import { mapRows, sumOf } from './rows.js';
/**
 * y[n, c, ...] = x[n, c, ...] / (bias + alpha / size * sum of x[n, i, ...]^2)^beta, with i over the channels from
 * c - floor((size - 1) / 2) to c + ceil((size - 1) / 2) that exist (Krizhevsky et al. 2012, section 3.3, but for
 * the division by size, which is ONNX's).
 */
export class LRN extends Op {
    type = 'LRN';
    size;
    alpha;
    beta;
    bias;
    constructor({ size, alpha, beta, bias }) {
        super();
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.bias = bias;
    }
    get attributes() {
        return { size: this.size, alpha: this.alpha, beta: this.beta, bias: this.bias };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        expectElementType(this.type, x.dtype, FLOATS);
        expectRank(x, 'X', 2, Infinity);
        if (!Number.isInteger(this.size) || this.size < 1) {
            throw new ShapeError(`the window is of ${this.size} channels`, { remedy: 'Use a positive size.' });
        }
        return [x];
    }
    /** Square and add over the window; scale, add, power and divide once. */
    flops(inputs) {
        const { dims } = typeAt(inputs, 0, 'X');
        return (2 * Math.min(this.size, dims[1]) + 4) * sizeOf(dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const before = Math.floor((this.size - 1) / 2);
        const after = Math.ceil((this.size - 1) / 2);
        const y = mapRows(x.toFloat64(), x.dims, [1], (channels) => channels.map((value, c) => {
            const window = channels.slice(Math.max(0, c - before), c + after + 1);
            const squares = sumOf(window.map((element) => element * element));
            return value / (this.bias + (this.alpha / this.size) * squares) ** this.beta;
        }));
        return [Tensor.from(x.dtype, x.dims, y)];
    }
}
//# sourceMappingURL=lrn.js.map