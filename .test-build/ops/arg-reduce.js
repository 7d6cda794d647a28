/** ArgMax and ArgMin: where along an axis the largest or smallest element stands. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, isBigInteger, sizeOf } from '../tensor/index.js';
import { FLOATS, INTEGERS, expectElementType } from './element-types.js';
import { expectAxis } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
import { reduceRows, reducedDims } from './rows.js';
/**
 * Index of a row's largest or smallest element; 0 for an empty row. NaN counts as the extreme, as in NumPy.
 * @param last among equals, take the last instead of the first
 */
export function indexOfExtreme(row, extreme, last) {
    const beats = (a, b) => (extreme === 'max' ? a > b : a < b) || (Number.isNaN(a) && !Number.isNaN(b));
    let best = 0;
    for (let i = 1; i < row.length; i++) {
        if (last ? !beats(row[best], row[i]) : beats(row[i], row[best]))
            best = i;
    }
    return best;
}
/** y = argmax(x) or argmin(x) along an axis, as i64. */
export class ArgReduce extends Op {
    extreme;
    axis;
    keepdims;
    selectLastIndex;
    constructor(extreme, { axis, keepdims, selectLastIndex }) {
        super();
        this.extreme = extreme;
        this.axis = axis;
        this.keepdims = keepdims;
        this.selectLastIndex = selectLastIndex;
    }
    get type() {
        return this.extreme === 'max' ? 'ArgMax' : 'ArgMin';
    }
    get attributes() {
        return { axis: this.axis, keepdims: this.keepdims, selectLastIndex: this.selectLastIndex };
    }
    /** @throws ShapeError when the axis has size 0: it holds no element to point at */
    infer(inputs) {
        const x = typeAt(inputs, 0, 'data');
        expectElementType(this.type, x.dtype, [...FLOATS, ...INTEGERS]);
        expectAxis(this.axis, x, 'data');
        if (x.dims[this.axis] === 0) {
            throw new ShapeError(`axis ${this.axis} of data (${formatType(x)}) is empty`, {
                remedy: `${this.type} needs at least one element along its axis.`,
            });
        }
        return [{ dtype: 'i64', dims: reducedDims(x.dims, [this.axis], this.keepdims) }];
    }
    /** One comparison per element. */
    flops(inputs) {
        return sizeOf(typeAt(inputs, 0, 'data').dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'data');
        const [{ dtype, dims }] = this.infer(inputs);
        const elements = isBigInteger(x.dtype) ? x.toBigInts() : x.toFloat64();
        const indices = reduceRows(elements, x.dims, [this.axis], (row) => indexOfExtreme(row, this.extreme, this.selectLastIndex));
        return [Tensor.from(dtype, dims, indices)];
    }
}
//# sourceMappingURL=arg-reduce.js.map