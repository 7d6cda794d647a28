/** Mean-variance normalisation over any axes, without parameters. */
import { Tensor, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { Op, tensorAt, typeAt } from './op.js';
import { STANDARDISE_FLOPS, checkAxes, mapRows, momentsOf } from './rows.js';
/** Added to the standard deviation: fixed by ONNX's definition of the operator. */
export const MVN_EPSILON = 1e-9;
/** y = (x - mean) / (sqrt(variance) + 1e-9), with mean and variance over `axes`. */
export class MeanVarianceNormalization extends Op {
    type = 'MeanVarianceNormalization';
    /** Ascending, non-negative. */
    axes;
    constructor(axes) {
        super();
        this.axes = axes;
    }
    get attributes() {
        return { axes: this.axes };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        expectElementType(this.type, x.dtype, FLOATS);
        checkAxes(this.axes, x.dims);
        return [x];
    }
    flops(_inputs, outputs) {
        return STANDARDISE_FLOPS * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const y = mapRows(x.toFloat64(), x.dims, this.axes, (row) => {
            const { mean, variance } = momentsOf(row);
            return row.map((value) => (value - mean) / (Math.sqrt(variance) + MVN_EPSILON));
        });
        return [Tensor.from(x.dtype, x.dims, y)];
    }
}
//# sourceMappingURL=mean-variance-normalization.js.map