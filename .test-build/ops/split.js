/** Cutting a tensor into pieces along an axis. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf } from '../tensor/index.js';
import { copyView, expectAxis, withExtent } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
/** Output i is the next sizes[i] indices of the input along `axis`. */
export class Split extends Op {
    type = 'Split';
    axis;
    sizes;
    /**
     * @param axis non-negative
     * @param sizes extent of each output along the axis; their sum is the input's
     */
    constructor(axis, sizes) {
        super();
        this.axis = axis;
        this.sizes = [...sizes];
    }
    get attributes() {
        return { axis: this.axis, sizes: this.sizes };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'input');
        expectAxis(this.axis, x, 'input');
        const total = this.sizes.reduce((sum, size) => sum + size, 0);
        if (this.sizes.some((size) => !Number.isInteger(size) || size < 0) || total !== x.dims[this.axis]) {
            throw new ShapeError(`axis ${this.axis} of ${formatType(x)} cannot be split into [${this.sizes.join(', ')}]`, { remedy: `The sizes must be non-negative and their sum must be ${x.dims[this.axis]}.` });
        }
        return this.sizes.map((size) => ({ dtype: x.dtype, dims: withExtent(x.dims, this.axis, size) }));
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const strides = stridesOf(x.dims);
        let start = 0;
        return this.sizes.map((size) => {
            const offset = start * strides[this.axis];
            start += size;
            return copyView(x, { dims: withExtent(x.dims, this.axis, size), strides, offset });
        });
    }
}
//# sourceMappingURL=split.js.map