/** A regular sub-grid of a tensor. */
import { ShapeError } from '../errors.js';
import { formatType, stridesOf } from '../tensor/index.js';
import { bytesOfSelection, copyView, expectPerAxis } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
/** y[i] = x[starts + i * steps] on every axis. */
export class Slice extends Op {
    type = 'Slice';
    starts;
    steps;
    dims;
    /**
     * @param starts index of the first element, per axis of x
     * @param steps distance between elements, per axis; negative walks backwards
     * @param dims number of elements, per axis: the output's dims
     */
    constructor(starts, steps, dims) {
        super();
        this.starts = [...starts];
        this.steps = [...steps];
        this.dims = [...dims];
    }
    get attributes() {
        return { starts: this.starts, steps: this.steps, dims: this.dims };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'data');
        for (const [list, what] of [
            [this.starts, 'starts'],
            [this.steps, 'steps'],
            [this.dims, 'dims'],
        ]) {
            expectPerAxis(list, what, x);
        }
        for (const [axis, extent] of x.dims.entries())
            this.#checkAxis(axis, extent, x);
        return [{ dtype: x.dtype, dims: this.dims }];
    }
    bytes(_inputs, outputs) {
        return bytesOfSelection(outputs, []);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'data');
        const strides = stridesOf(x.dims);
        return [
            copyView(x, {
                dims: this.dims,
                strides: strides.map((stride, axis) => stride * this.steps[axis]),
                offset: strides.reduce((sum, stride, axis) => sum + stride * this.starts[axis], 0),
            }),
        ];
    }
    #checkAxis(axis, extent, x) {
        if (this.dims[axis] === 0)
            return;
        const first = this.starts[axis];
        const last = first + (this.dims[axis] - 1) * this.steps[axis];
        const inside = (index) => Number.isInteger(index) && index >= 0 && index < extent;
        if (!inside(first) || !inside(last)) {
            throw new ShapeError(`a slice of axis ${axis} from ${first} to ${last} leaves ${formatType(x)}`, {
                remedy: `Its elements must lie between 0 and ${extent - 1}.`,
            });
        }
    }
}
//# sourceMappingURL=slice.js.map