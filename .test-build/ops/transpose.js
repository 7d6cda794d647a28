/** Permutation of axes. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf } from '../tensor/index.js';
import { copyView } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
/** Axis i of y is axis perm[i] of x. */
export class Transpose extends Op {
    type = 'Transpose';
    perm;
    /** @param perm each axis of x once */
    constructor(perm) {
        super();
        this.perm = [...perm];
    }
    get attributes() {
        return { perm: this.perm };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'data');
        const axes = new Set(this.perm);
        const rank = x.dims.length;
        if (this.perm.length !== rank || axes.size !== rank || x.dims.some((_, axis) => !axes.has(axis))) {
            throw new ShapeError(`perm [${this.perm.join(', ')}] does not permute the axes of ${formatType(x)}`, {
                remedy: `It must name each axis from 0 to ${rank - 1} once.`,
            });
        }
        return [{ dtype: x.dtype, dims: this.perm.map((axis) => x.dims[axis]) }];
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'data');
        const strides = stridesOf(x.dims);
        return [
            copyView(x, {
                dims: this.perm.map((axis) => x.dims[axis]),
                strides: this.perm.map((axis) => strides[axis]),
            }),
        ];
    }
}
//# sourceMappingURL=transpose.js.map