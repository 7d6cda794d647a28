/** Indices to rows of a unit matrix. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sizeOf } from '../tensor/index.js';
import { elementsOf } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
/**
 * A new axis of extent `depth`, on along it where its position is the index and off elsewhere; off and on are
 * the two elements of the second input. Indices count from the end where negative; others match nowhere.
 */
export class OneHot extends Op {
    type = 'OneHot';
    axis;
    depth;
    /** @param axis of the output, non-negative */
    constructor(axis, depth) {
        super();
        this.axis = axis;
        this.depth = depth;
    }
    get attributes() {
        return { axis: this.axis, depth: this.depth };
    }
    infer(inputs) {
        const indices = typeAt(inputs, 0, 'indices');
        const values = typeAt(inputs, 1, 'values');
        if (sizeOf(values.dims) !== 2) {
            throw new ShapeError(`values are ${formatType(values)}`, { remedy: 'They must be two: off and on.' });
        }
        if (!(this.axis >= 0 && this.axis <= indices.dims.length)) {
            throw new ShapeError(`axis ${this.axis} cannot be added to ${formatType(indices)}`, {
                remedy: `Use an axis from 0 to ${indices.dims.length}.`,
            });
        }
        const outer = indices.dims.slice(0, this.axis);
        const inner = indices.dims.slice(this.axis);
        return [{ dtype: values.dtype, dims: [...outer, this.depth, ...inner] }];
    }
    reference(inputs) {
        const indices = tensorAt(inputs, 0, 'indices');
        const [off, on] = tensorAt(inputs, 1, 'values').data;
        const [type] = this.infer(inputs);
        const out = new Tensor(type.dtype, type.dims);
        const inner = sizeOf(indices.dims.slice(this.axis));
        const picked = indices.toFloat64();
        const to = elementsOf(out);
        for (let i = 0; i < out.size; i++)
            to[i] = off;
        for (let i = 0; i < picked.length; i++) {
            const whole = Math.trunc(picked[i]);
            const index = whole < 0 ? whole + this.depth : whole;
            if (!(index >= 0 && index < this.depth))
                continue;
            const outer = Math.floor(i / inner);
            to[(outer * this.depth + index) * inner + (i % inner)] = on;
        }
        return [out];
    }
}
//# sourceMappingURL=one-hot.js.map