/** TopK: the k largest or smallest elements along an axis, with their indices. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, isBigInteger, sizeOf } from '../tensor/index.js';
import { FLOATS, INTEGERS, expectElementType } from './element-types.js';
import { elementsOf, expectAxis, withExtent } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
import { readRow, rowsOf } from './rows.js';
/**
 * Outputs values (of the input's type) and indices (i64), best first; of equal elements the one with the lower
 * index comes first, and NaN counts as larger than any number, as in NumPy. ONNX's `sorted=0` leaves the order
 * open, so this order serves it too.
 */
export class TopK extends Op {
    type = 'TopK';
    k;
    axis;
    largest;
    constructor({ k, axis, largest }) {
        super();
        this.k = k;
        this.axis = axis;
        this.largest = largest;
    }
    get attributes() {
        return { k: this.k, axis: this.axis, largest: this.largest };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        expectElementType(this.type, x.dtype, [...FLOATS, ...INTEGERS]);
        expectAxis(this.axis, x, 'X');
        if (!Number.isInteger(this.k) || this.k < 0 || this.k > x.dims[this.axis]) {
            throw new ShapeError(`k is ${this.k} for axis ${this.axis} of X (${formatType(x)})`, {
                remedy: `Use a k from 0 to ${x.dims[this.axis]}.`,
            });
        }
        const dims = withExtent(x.dims, this.axis, this.k);
        return [
            { dtype: x.dtype, dims },
            { dtype: 'i64', dims },
        ];
    }
    /** As of a heap of k elements: log2(k + 1) comparisons per element. */
    flops(inputs) {
        return sizeOf(typeAt(inputs, 0, 'X').dims) * Math.ceil(Math.log2(this.k + 1));
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const [{ dims }] = this.infer(inputs);
        const keys = isBigInteger(x.dtype) ? x.toBigInts() : x.toFloat64();
        const values = new Tensor(x.dtype, dims);
        const indices = new Tensor('i64', dims);
        if (values.size === 0)
            return [values, indices];
        const source = rowsOf(x.dims, [this.axis]);
        const target = rowsOf(dims, [this.axis]);
        for (const [r, start] of source.starts.entries()) {
            const best = ranking(readRow(keys, start, source.steps), this.largest);
            for (const [i, step] of target.steps.entries()) {
                elementsOf(values)[target.starts[r] + step] = elementsOf(x)[start + source.steps[best[i]]];
                indices.data[target.starts[r] + step] = BigInt(best[i]);
            }
        }
        return [values, indices];
    }
}
/** Indices of a row's elements, best first. Array sorting is stable: equal elements stay in order. */
function ranking(row, largest) {
    return row.map((_, i) => i).sort((i, j) => (largest ? compare(row[j], row[i]) : compare(row[i], row[j])));
}
/** The order of numbers, with NaN above them all. */
function compare(a, b) {
    if (a < b)
        return -1;
    if (a > b)
        return 1;
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
//# sourceMappingURL=top-k.js.map