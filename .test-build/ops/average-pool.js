/** Average pooling. */
import { Tensor, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { tensorAt } from './op.js';
import { Pool } from './pool.js';
import { paddedTapCount, windowAxis } from './window.js';
/**
 * y[n, c, o] = sum of x[n, c, ...] under window o, divided by how many these are (with `countIncludePad`, explicit
 * padding counted too). A window wholly in the padding gives 0.
 *
 * Input: x [N, C, D...]. Output: [N, C, O...].
 */
export class AveragePool extends Pool {
    type = 'AveragePool';
    countIncludePad;
    constructor(options) {
        super(options);
        this.countIncludePad = options.countIncludePad ?? false;
    }
    get attributes() {
        return { ...super.attributes, countIncludePad: this.countIncludePad };
    }
    infer(inputs) {
        const { x, y } = this.types(inputs);
        expectElementType(this.type, x.dtype, FLOATS);
        return [y];
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const dims = this.outputDims(x.dims);
        const values = x.toFloat64();
        const y = new Float64Array(sizeOf(dims));
        this.forEachWindow(x.dims, dims, (window, plane, at) => {
            let sum = 0;
            for (const offset of window.input)
                sum += values[plane + offset];
            y[at] = window.input.length === 0 ? 0 : sum / this.#count(window, x.dims.slice(2));
        });
        return [Tensor.from(x.dtype, dims, y)];
    }
    #count({ input, position }, spatial) {
        if (!this.countIncludePad)
            return input.length;
        return sizeOf(position.map((output, axis) => paddedTapCount(spatial[axis], windowAxis(this, axis), output)));
    }
}
//# sourceMappingURL=average-pool.js.map