/** Arithmetic on dimension lists. Dims are non-negative integers, outermost first; [] is a scalar. */
import { ShapeError } from '../errors.js';
/** Number of elements; 1 for a scalar, 0 when a dimension is 0. */
export function sizeOf(dims) {
    let size = 1;
    for (const dim of dims)
        size *= dim;
    return size;
}
/** Row-major strides in elements. */
export function stridesOf(dims) {
    const strides = new Array(dims.length);
    let stride = 1;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
        strides[axis] = stride;
        stride *= dims[axis];
    }
    return strides;
}
/** Whether two shapes are equal. */
export function sameDims(a, b) {
    return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}
/** Dims as people read them: `1x3x224x224`, or `scalar`. */
export function formatDims(dims) {
    return dims.length === 0 ? 'scalar' : dims.map((dim) => dim ?? '?').join('x');
}
/** An axis in [-rank, rank) made non-negative. @throws ShapeError outside that range */
export function normaliseAxis(axis, rank) {
    if (!Number.isInteger(axis) || axis < -rank || axis >= Math.max(rank, 1)) {
        throw new ShapeError(`axis ${axis} is outside a tensor of rank ${rank}`, {
            remedy: `Use an axis from ${-rank} to ${rank - 1}.`,
        });
    }
    return axis < 0 ? axis + rank : axis;
}
/** Axes made non-negative. @throws ShapeError when one is out of range or named twice */
export function normaliseAxes(axes, rank) {
    const result = axes.map((axis) => normaliseAxis(axis, rank));
    if (new Set(result).size !== result.length) {
        throw new ShapeError(`axes [${axes.join(', ')}] name an axis twice`, {
            remedy: 'Name every axis once.',
        });
    }
    return result;
}
/** The common shape under NumPy's (and ONNX's multidirectional) broadcasting. @throws ShapeError if there is none */
export function broadcastDims(...shapes) {
    const rank = Math.max(0, ...shapes.map((dims) => dims.length));
    const result = new Array(rank).fill(1);
    for (const dims of shapes) {
        const shift = rank - dims.length;
        for (const [axis, dim] of dims.entries()) {
            if (dim === 1)
                continue;
            const so = result[axis + shift];
            if (so !== 1 && so !== dim) {
                throw new ShapeError(`shapes ${shapes.map((s) => formatDims(s)).join(' and ')} do not broadcast`, {
                    remedy: 'Dimensions must be equal or 1, aligned from the last.',
                });
            }
            result[axis + shift] = dim;
        }
    }
    return result;
}
/** Strides that walk `dims` as if broadcast to `target`: 0 along repeated dimensions. */
export function broadcastStrides(dims, target) {
    const own = stridesOf(dims);
    const shift = target.length - dims.length;
    return target.map((_, axis) => (axis < shift || dims[axis - shift] === 1 ? 0 : own[axis - shift]));
}
/**
 * Calls `visit(offsets, flat)` for every element of `dims` in row-major order, where `offsets[k]` is the
 * element's offset under `strides[k]`. The array `offsets` is reused between calls.
 */
export function walk(dims, strides, visit) {
    const size = sizeOf(dims);
    const index = new Array(dims.length).fill(0);
    const offsets = new Array(strides.length).fill(0);
    for (let flat = 0; flat < size; flat++) {
        visit(offsets, flat);
        for (let axis = dims.length - 1; axis >= 0; axis--) {
            index[axis]++;
            for (let k = 0; k < strides.length; k++)
                offsets[k] += strides[k][axis];
            if (index[axis] < dims[axis])
                break;
            for (let k = 0; k < strides.length; k++)
                offsets[k] -= strides[k][axis] * dims[axis];
            index[axis] = 0;
        }
    }
}
//# sourceMappingURL=shape.js.map