/** Lp pooling. */
import { ShapeError } from '../errors.js';
import { Tensor, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { tensorAt } from './op.js';
import { Pool } from './pool.js';
/**
 * y[n, c, o] = (sum of |x[n, c, ...]|^p under window o)^(1/p). Padding counts as 0.
 *
 * Input: x [N, C, D...]. Output: [N, C, O...].
 */
export class LpPool extends Pool {
    type = 'LpPool';
    p;
    /** @throws ShapeError as `Pool` does, and when p is below 1 or not finite */
    constructor(options) {
        super(options);
        this.p = options.p ?? 2;
        if (!Number.isFinite(this.p) || this.p < 1) {
            throw new ShapeError(`p is ${this.p}`, { remedy: 'The order of a norm is a number of at least 1.' });
        }
    }
    get attributes() {
        return { ...super.attributes, p: this.p };
    }
    infer(inputs) {
        const { x, y } = this.types(inputs);
        expectElementType(this.type, x.dtype, FLOATS);
        return [y];
    }
    /** Magnitude, power and addition for each tap, and a root. */
    flops(_inputs, [y]) {
        return sizeOf(y.dims) * (3 * sizeOf(this.kernel) + 1);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const dims = this.outputDims(x.dims);
        const values = x.toFloat64();
        const y = new Float64Array(sizeOf(dims));
        this.forEachWindow(x.dims, dims, ({ input }, plane, at) => {
            let sum = 0;
            for (const offset of input)
                sum += Math.abs(values[plane + offset]) ** this.p;
            y[at] = sum ** (1 / this.p);
        });
        return [Tensor.from(x.dtype, dims, y)];
    }
}
//# sourceMappingURL=lp-pool.js.map