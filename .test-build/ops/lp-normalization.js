/** Division of every row by its norm. */
import { Tensor, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { expectAxis } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
import { mapRows, sumOf } from './rows.js';
/** y = x / norm along an axis, with the norm sum(|x|) or sqrt(sum(x^2)); a row of zeros stays zero. */
export class LpNormalization extends Op {
    type = 'LpNormalization';
    /** Non-negative. */
    axis;
    /** The order of the norm. */
    p;
    constructor(axis, p) {
        super();
        this.axis = axis;
        this.p = p;
    }
    get attributes() {
        return { axis: this.axis, p: this.p };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'input');
        expectElementType(this.type, x.dtype, FLOATS);
        expectAxis(this.axis, x, 'input');
        return [x];
    }
    /** Square or magnitude, add, divide: 3 per element. */
    flops(_inputs, outputs) {
        return 3 * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const y = mapRows(x.toFloat64(), x.dims, [this.axis], (row) => {
            const norm = this.p === 1 ? sumOf(row.map(Math.abs)) : Math.sqrt(sumOf(row.map((value) => value * value)));
            return norm === 0 ? row : row.map((value) => value / norm);
        });
        return [Tensor.from(x.dtype, x.dims, y)];
    }
}
//# sourceMappingURL=lp-normalization.js.map