/** What data-movement ops share: copying storage elements by strides or by index tables, without decoding them. */
import { InputError, ShapeError } from '../errors.js';
import { Tensor, bytesOf, formatType, sizeOf, stridesOf, walk, } from '../tensor/index.js';
/** The storage of a tensor as elements to copy. */
export function elementsOf(tensor) {
    return tensor.data;
}
/** A dense copy of a view. @param dims the result's dims where they differ from the view's (same size) */
export function copyView(x, view, dims = view.dims) {
    const out = new Tensor(x.dtype, dims);
    const from = elementsOf(x);
    const to = elementsOf(out);
    const start = view.offset ?? 0;
    walk(view.dims, [view.strides], ([offset], flat) => {
        to[flat] = from[start + offset];
    });
    return out;
}
/** Copies all of `x` to the places of a view of `target`, which has x's dims. */
export function copyInto(target, x, strides, start) {
    const from = elementsOf(x);
    const to = elementsOf(target);
    walk(x.dims, [strides], ([offset], flat) => {
        to[start + offset] = from[flat];
    });
}
/**
 * Calls `visit(index, flat)` for every element of `dims` in row-major order. The array `index` is reused between
 * calls.
 */
export function forEachIndex(dims, visit) {
    const index = new Array(dims.length).fill(0);
    const size = sizeOf(dims);
    for (let flat = 0; flat < size; flat++) {
        visit(index, flat);
        for (let axis = dims.length - 1; axis >= 0; axis--) {
            if (++index[axis] < dims[axis])
                break;
            index[axis] = 0;
        }
    }
}
/** Stands in an index table where no element of the input is meant. */
export const OUTSIDE = -1;
/**
 * out[i0, i1, ...] = x[tables[0][i0], tables[1][i1], ...], or the fill where any of those is `OUTSIDE`.
 * @param fill one element of x's type
 */
export function copyByTables(x, tables, fill) {
    const dims = tables.map((table) => table.length);
    const out = new Tensor(x.dtype, dims);
    const strides = stridesOf(x.dims);
    const from = elementsOf(x);
    const to = elementsOf(out);
    const [fillElement] = fill.data;
    forEachIndex(dims, (index, flat) => {
        let offset = 0;
        let outside = false;
        for (let axis = 0; axis < dims.length; axis++) {
            const source = tables[axis][index[axis]];
            if (source === OUTSIDE)
                outside = true;
            offset += source * strides[axis];
        }
        to[flat] = outside ? fillElement : from[offset];
    });
    return out;
}
/** An index in [-extent, extent) made non-negative. @throws InputError outside that range */
export function wrapIndex(index, extent, axis) {
    if (!(index >= -extent && index < extent)) {
        throw new InputError(`index ${index} is outside axis ${axis}, which has ${extent} elements`, {
            remedy: `Indices go from ${-extent} to ${extent - 1}.`,
        });
    }
    return index < 0 ? index + extent : index;
}
/** Dims with another extent on one axis. */
export function withExtent(dims, axis, extent) {
    return dims.map((dim, i) => (i === axis ? extent : dim));
}
/** Checks the type of an index tensor. @throws ShapeError unless it is int32 or int64 */
export function expectIndices(type, name) {
    if (type.dtype !== 'i32' && type.dtype !== 'i64') {
        throw new ShapeError(`${name} is ${formatType(type)}`, { remedy: 'It must be of type i32 or i64.' });
    }
}
/** Checks that an op's axis exists. @throws ShapeError unless 0 <= axis < rank */
export function expectAxis(axis, type, name) {
    if (!Number.isInteger(axis) || axis < 0 || axis >= type.dims.length) {
        throw new ShapeError(`axis ${axis} is outside ${name}, which is ${formatType(type)}`, {
            remedy: `Use an axis from 0 to ${type.dims.length - 1}.`,
        });
    }
}
/** Checks that a per-axis list has one entry for each axis. @throws ShapeError otherwise */
export function expectPerAxis(list, what, type) {
    if (list.length !== type.dims.length) {
        throw new ShapeError(`${list.length} ${what} are given for ${formatType(type)}`, {
            remedy: `Give one for each of its ${type.dims.length} axes.`,
        });
    }
}
/** Ideal bytes of an op that reads only as many elements of its first input as it writes. */
export function bytesOfSelection(outputs, others) {
    let total = 0;
    for (const type of outputs)
        total += 2 * bytesOf(type);
    for (const type of others)
        if (type)
            total += bytesOf(type);
    return total;
}
//# sourceMappingURL=movement.js.map