/** What linear quantisation and its inverse share: which scale belongs to which element. */
import { ShapeError } from '../errors.js';
import { formatDims, formatType, sameDims, sizeOf } from '../tensor/index.js';
/** Checks the shapes of scale and zero point. @throws ShapeError when they do not fit the tensor or each other */
export function checkGranularity(x, scale, zeroPoint, { axis, blockSize }) {
    if (zeroPoint &&
        !sameDims(zeroPoint.dims, scale.dims) &&
        sizeOf(scale.dims) * sizeOf(zeroPoint.dims) !== 1) {
        throw new ShapeError(`the zero point is ${formatType(zeroPoint)}, the scale ${formatType(scale)}`, {
            remedy: 'Their shapes must be equal.',
        });
    }
    if (sizeOf(scale.dims) === 1)
        return;
    const wanted = axis < x.dims.length ? scaleDims(x.dims, axis, blockSize) : undefined;
    if (!wanted || !sameDims(scale.dims, wanted)) {
        const blocks = blockSize > 0 ? ` in blocks of ${blockSize}` : '';
        throw new ShapeError(`the scale is ${formatType(scale)} for x of ${formatType(x)}, axis ${axis}${blocks}`, {
            remedy: wanted
                ? `Its dims must be ${formatDims(wanted)}, or scalar.`
                : `The axis must be below x's rank.`,
        });
    }
}
function scaleDims(dims, axis, blockSize) {
    if (blockSize === 0)
        return [dims[axis]];
    return dims.map((dim, i) => (i === axis ? Math.ceil(dim / blockSize) : dim));
}
/** The position of an element's scale, by the element's position; both row-major. */
export function scalePosition(x, scale, { axis, blockSize }) {
    if (sizeOf(scale) === 1)
        return () => 0;
    const extent = x[axis];
    const inner = sizeOf(x.slice(axis + 1));
    if (blockSize === 0)
        return (position) => Math.floor(position / inner) % extent;
    const blocks = Math.ceil(extent / blockSize);
    return (position) => {
        const along = Math.floor(position / inner) % extent;
        const outer = Math.floor(position / (inner * extent));
        return (outer * blocks + Math.floor(along / blockSize)) * inner + (position % inner);
    };
}
//# sourceMappingURL=quantization.js.map