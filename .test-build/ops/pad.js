/** Padding and cropping at the edges. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sizeOf } from '../tensor/index.js';
import { OUTSIDE, copyByTables, expectPerAxis } from './movement.js';
import { Op, tensorAt, typeAt } from './op.js';
/** The remainder in [0, divisor), also for negative numbers. */
function modulo(value, divisor) {
    return ((value % divisor) + divisor) % divisor;
}
/**
 * The input index along one axis that output index `position` shows, or `OUTSIDE` for the constant. Cropping
 * comes before padding: what negative pads remove is neither reflected nor repeated.
 */
export function padSource(mode, axis, position) {
    const first = Math.max(0, -axis.begin);
    const kept = axis.extent - first - Math.max(0, -axis.end);
    const index = position - Math.max(0, axis.begin);
    if (index >= 0 && index < kept)
        return first + index;
    switch (mode) {
        case 'constant':
            return OUTSIDE;
        case 'edge':
            return first + (index < 0 ? 0 : kept - 1);
        case 'wrap':
            return first + modulo(index, kept);
        case 'reflect': {
            // There and back again without repeating the two ends; one lone element is all there is to reflect.
            const period = Math.max(1, 2 * (kept - 1));
            const phase = modulo(index, period);
            return first + (phase < kept ? phase : period - phase);
        }
    }
}
/** x with a border added, or cut off where pads are negative. */
export class Pad extends Op {
    type = 'Pad';
    mode;
    begins;
    ends;
    value;
    /**
     * @param begins elements added before the first, per axis of x
     * @param ends elements added after the last, per axis of x
     * @param value what mode `constant` fills in; a bigint for 64-bit integers beyond 2^53
     */
    constructor(mode, begins, ends, value = 0) {
        super();
        this.mode = mode;
        this.begins = [...begins];
        this.ends = [...ends];
        this.value = value;
    }
    get attributes() {
        const value = this.mode === 'constant' ? Number(this.value) : undefined;
        return { mode: this.mode, begins: this.begins, ends: this.ends, value };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'data');
        expectPerAxis(this.begins, 'leading pads', x);
        expectPerAxis(this.ends, 'trailing pads', x);
        const dims = x.dims.map((_, axis) => this.#outputExtent(x, axis));
        return [{ dtype: x.dtype, dims }];
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'data');
        const dims = x.dims.map((_, axis) => this.#outputExtent(x, axis));
        // An empty output may have other axes too long for a table.
        if (sizeOf(dims) === 0)
            return [new Tensor(x.dtype, dims)];
        const tables = dims.map((length, axis) => Array.from({ length }, (_, position) => padSource(this.mode, this.axis(x, axis), position)));
        return [copyByTables(x, tables, Tensor.scalar(x.dtype, this.value))];
    }
    /** What `padSource` needs to know about an axis of `x`. */
    axis(x, axis) {
        return { extent: x.dims[axis], begin: this.begins[axis], end: this.ends[axis] };
    }
    #outputExtent(x, axis) {
        const { extent, begin, end } = this.axis(x, axis);
        const output = extent + begin + end;
        const kept = extent + Math.min(0, begin) + Math.min(0, end);
        if (!Number.isSafeInteger(output) || output < 0 || kept < 0) {
            throw new ShapeError(`pads ${begin} and ${end} do not fit axis ${axis} of ${formatType(x)}`, {
                remedy: 'Pads are integers; negative ones must not remove more than there is.',
            });
        }
        if (this.mode !== 'constant' && kept === 0 && output > 0) {
            throw new ShapeError(`mode ${this.mode} has nothing to repeat along axis ${axis} of ${formatType(x)}`, {
                remedy: 'Use mode constant, or an input that is not empty.',
            });
        }
        return output;
    }
}
//# sourceMappingURL=pad.js.map