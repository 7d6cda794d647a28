/** Max pooling. */
import { Tensor, integerRange, isFloat, sizeOf } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { tensorAt } from './op.js';
import { Pool } from './pool.js';
import { EIGHT_BIT } from './requantize.js';
/**
 * y[n, c, o] = the largest x[n, c, ...] under window o, padding left out; NaN if one of them is NaN. A window wholly in
 * the padding gives the element type's lowest value (-Infinity for floats) and index -1.
 *
 * Input: x [N, C, D...]. Outputs: y [N, C, O...]; with `indices`, also the i64 index in x of each maximum, the first one
 * of equals: (n * C + c) * D1 * ... * Dk plus the offset in its plane.
 */
export class MaxPool extends Pool {
    type = 'MaxPool';
    indices;
    constructor(options) {
        super(options);
        this.indices = options.indices;
    }
    get attributes() {
        return { ...super.attributes, indices: this.indices };
    }
    infer(inputs) {
        const { x, y } = this.types(inputs);
        expectElementType(this.type, x.dtype, [...FLOATS, ...EIGHT_BIT]);
        return this.indices ? [y, { dtype: 'i64', dims: y.dims }] : [y];
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const dims = this.outputDims(x.dims);
        const values = x.toFloat64();
        const lowest = isFloat(x.dtype) ? -Infinity : integerRange(x.dtype).min;
        const y = new Float64Array(sizeOf(dims)).fill(lowest);
        const indices = new Float64Array(y.length).fill(-1);
        this.forEachWindow(x.dims, dims, ({ input }, plane, at) => {
            for (const offset of input) {
                const value = values[plane + offset];
                const first = indices[at] === -1;
                if (first || value > y[at] || (Number.isNaN(value) && !Number.isNaN(y[at]))) {
                    y[at] = value;
                    indices[at] = plane + this.#offset(offset, x.dims.slice(2));
                }
            }
        });
        const result = Tensor.from(x.dtype, dims, y);
        return this.indices ? [result, Tensor.from('i64', dims, indices)] : [result];
    }
    /** A row-major offset in a plane, in the order of the indices. */
    #offset(rowMajor, plane) {
        if (this.indices !== 'column-major')
            return rowMajor;
        let [rest, columnMajor] = [rowMajor, 0];
        for (let axis = plane.length - 1; axis >= 0; axis--) {
            columnMajor = columnMajor + (rest % plane[axis]) * sizeOf(plane.slice(0, axis));
            rest = Math.floor(rest / plane[axis]);
        }
        return columnMajor;
    }
}
//# sourceMappingURL=max-pool.js.map