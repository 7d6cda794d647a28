/** Repetition of a whole tensor along its axes. */
import { ShapeError } from '../errors.js';
import { stridesOf } from '../tensor/index.js';
import { copyView, expectPerAxis } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
/** y[i] = x[i mod dims of x], with dims(y) = dims(x) * repeats. */
export class Tile extends Op {
    type = 'Tile';
    repeats;
    /** @param repeats how often x is laid out along each of its axes */
    constructor(repeats) {
        super();
        this.repeats = [...repeats];
    }
    get attributes() {
        return { repeats: this.repeats };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'input');
        expectPerAxis(this.repeats, 'repeats', x);
        if (this.repeats.some((repeat) => !Number.isInteger(repeat) || repeat < 0)) {
            throw new ShapeError(`repeats are [${this.repeats.join(', ')}]`, {
                remedy: 'They must be non-negative integers.',
            });
        }
        return [{ dtype: x.dtype, dims: this.#outputDims(x) }];
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'input');
        const strides = stridesOf(x.dims);
        // Each axis is walked as two: which repetition (which moves nothing), then where in x.
        const view = {
            dims: x.dims.flatMap((dim, axis) => [this.repeats[axis], dim]),
            strides: strides.flatMap((stride) => [0, stride]),
        };
        return [copyView(x, view, this.#outputDims(x))];
    }
    #outputDims(x) {
        return x.dims.map((dim, axis) => dim * this.repeats[axis]);
    }
}
//# sourceMappingURL=tile.js.map