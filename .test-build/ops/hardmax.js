/** Hardmax: 1 at each row's first maximum, 0 elsewhere. */
import { Tensor, sizeOf } from '../tensor/index.js';
import { indexOfExtreme } from './arg-reduce.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
import { checkAxes, mapRows } from './rows.js';
export class Hardmax extends Op {
    type = 'Hardmax';
    /** Axes that a row spans, as in `Softmax`: ascending, non-negative. */
    axes;
    constructor(axes) {
        super();
        this.axes = axes;
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
    flops(_inputs, outputs) {
        return sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const y = mapRows(x.toFloat64(), x.dims, this.axes, (row) => {
            const hot = indexOfExtreme(row, 'max', false);
            return row.map((_, i) => (i === hot ? 1 : 0));
        });
        return [Tensor.from(x.dtype, x.dims, y)];
    }
}
//# sourceMappingURL=hardmax.js.map