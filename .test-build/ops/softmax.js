/** Softmax and its logarithm. */
import { Tensor, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
import { checkAxes, mapRows, sumOf } from './rows.js';
/**
 * Softmax over rows: exp(x) / sum(exp(x)), or, with `log`, x - log(sum(exp(x))). The row's maximum is subtracted
 * first, which changes nothing but keeps exp from overflowing.
 *
 * A row may span several axes (ONNX before operator set 13 has it span all from `axis` on). They are kept as a
 * list, not reshaped away, so that a tensor keeps its logical N, C, H, W and with them the choice of its layout.
 */
export class Softmax extends Op {
    /** Axes that a row spans: ascending, non-negative. */
    axes;
    /** Whether the result is the logarithm. */
    log;
    constructor(axes, log = false) {
        super();
        this.axes = axes;
        this.log = log;
    }
    get type() {
        return this.log ? 'LogSoftmax' : 'Softmax';
    }
    get attributes() {
        return { axes: this.axes };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'input');
        expectElementType(this.type, x.dtype, FLOATS);
        checkAxes(this.axes, x.dims);
        return [x];
    }
    /** Maximum, subtract, exp, sum, divide (with `log`, a second subtraction): 5 per element. */
    flops(_inputs, outputs) {
        return 5 * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const rowFunction = this.log ? logSoftmax : softmax;
        return [Tensor.from(x.dtype, x.dims, mapRows(x.toFloat64(), x.dims, this.axes, rowFunction))];
    }
}
/** Math.max gives NaN when any element is NaN, and so does every row that holds one. */
function shiftByMaximum(row) {
    const maximum = row.reduce((a, b) => Math.max(a, b), -Infinity);
    return row.map((x) => x - maximum);
}
function softmax(row) {
    const powers = shiftByMaximum(row).map(Math.exp);
    const sum = sumOf(powers);
    return powers.map((power) => power / sum);
}
function logSoftmax(row) {
    const shifted = shiftByMaximum(row);
    const logSum = Math.log(sumOf(shifted.map(Math.exp)));
    return shifted.map((x) => x - logSum);
}
//# sourceMappingURL=softmax.js.map