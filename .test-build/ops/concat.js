/** Joining tensors along an axis. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, stridesOf } from '../tensor/index.js';
import { copyInto, expectAxis, withExtent } from './movement.js';
import { Op, expectSameDType, tensorAt, typeAt, } from './op.js';
/** The inputs one after the other along `axis`. They agree in all other dims. */
export class Concat extends Op {
    type = 'Concat';
    axis;
    /** @param axis non-negative */
    constructor(axis) {
        super();
        this.axis = axis;
    }
    get attributes() {
        return { axis: this.axis };
    }
    infer(inputs) {
        const first = typeAt(inputs, 0, 'inputs[0]');
        expectAxis(this.axis, first, 'inputs[0]');
        expectSameDType(inputs);
        let extent = 0;
        for (let i = 0; i < inputs.length; i++) {
            const type = typeAt(inputs, i, `inputs[${i}]`);
            const fits = type.dims.length === first.dims.length &&
                type.dims.every((dim, axis) => axis === this.axis || dim === first.dims[axis]);
            if (!fits) {
                throw new ShapeError(`${formatType(first)} and ${formatType(type)} cannot be joined along axis ${this.axis}`, { remedy: 'Inputs must have the same dims, that axis excepted.' });
            }
            extent += type.dims[this.axis];
        }
        return [{ dtype: first.dtype, dims: withExtent(first.dims, this.axis, extent) }];
    }
    reference(inputs) {
        const [type] = this.infer(inputs);
        const out = new Tensor(type.dtype, type.dims);
        const strides = stridesOf(out.dims);
        let start = 0;
        for (let i = 0; i < inputs.length; i++) {
            const x = tensorAt(inputs, i, `inputs[${i}]`);
            copyInto(out, x, strides, start * strides[this.axis]);
            start += x.dims[this.axis];
        }
        return [out];
    }
}
//# sourceMappingURL=concat.js.map