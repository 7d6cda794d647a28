/** Reductions: every row of a tensor becomes one number. */
import { DTYPES, Tensor, isFloat, sizeOf } from '../tensor/index.js';
import { expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
import { checkAxes, reduceRows, reducedDims } from './rows.js';
/** y = function over the axes of x. An empty list of axes applies `map` and `finish` to every element. */
export class Reduce extends Op {
    fn;
    /** Ascending, non-negative. */
    axes;
    /** Whether the axes stay, with size 1. */
    keepdims;
    constructor(fn, axes, keepdims) {
        super();
        this.fn = fn;
        this.axes = axes;
        this.keepdims = keepdims;
    }
    get type() {
        return this.fn.name;
    }
    get attributes() {
        return { axes: this.axes, keepdims: this.keepdims };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'data');
        expectElementType(this.type, x.dtype, this.fn.dtypes);
        checkAxes(this.axes, x.dims);
        return [{ dtype: x.dtype, dims: reducedDims(x.dims, this.axes, this.keepdims) }];
    }
    flops(inputs) {
        return this.fn.flops * sizeOf(typeAt(inputs, 0, 'data').dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'data');
        const dims = reducedDims(x.dims, this.axes, this.keepdims);
        const { float, integer } = this.fn;
        if (isFloat(x.dtype) || !integer) {
            const results = reduceRows(x.toFloat64(), x.dims, this.axes, (row) => fold(float, row, x.dtype));
            return [Tensor.from(x.dtype, dims, results)];
        }
        const results = reduceRows(x.toBigInts(), x.dims, this.axes, (row) => wrap(fold(integer, row, x.dtype), x.dtype));
        return [Tensor.from(x.dtype, dims, results)];
    }
}
function fold({ identity, map, combine, finish }, row, dtype) {
    let result = identity(dtype);
    for (const x of row)
        result = combine(result, map ? map(x) : x);
    return finish ? finish(result, row.length) : result;
}
/** The integer modulo 2^bits, as fixed-width arithmetic overflows. */
function wrap(x, dtype) {
    const { kind, bits } = DTYPES[dtype];
    return kind === 'int' ? BigInt.asIntN(bits, x) : BigInt.asUintN(bits, x);
}
//# sourceMappingURL=reduce.js.map