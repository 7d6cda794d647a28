/**
 * Rows: the slices in which normalisations and reductions see a tensor. A set of axes splits a tensor into rows,
 * one for each index along the other axes; a row's elements are taken in row-major order.
 */
import { ShapeError } from '../errors.js';
import { formatDims, sizeOf, stridesOf, walk } from '../tensor/index.js';
/** Checks the axes that rows span. @throws ShapeError unless they ascend strictly within [0, rank) */
export function checkAxes(axes, dims) {
    const valid = axes.every((axis, i) => Number.isInteger(axis) && axis >= 0 && axis < dims.length && (i === 0 || axis > axes[i - 1]));
    if (!valid) {
        throw new ShapeError(`axes [${axes.join(', ')}] do not fit a tensor of shape ${formatDims(dims)}`, {
            remedy: `Name axes from 0 to ${dims.length - 1} in ascending order, each once.`,
        });
    }
}
/** The axes of a tensor of this rank that are not in `axes`, ascending. */
export function otherAxes(axes, rank) {
    const taken = new Set(axes);
    return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !taken.has(axis));
}
/** Dims once each row is one element: the rows' axes gone, or kept with size 1. */
export function reducedDims(dims, axes, keepdims) {
    const others = new Set(otherAxes(axes, dims.length));
    return keepdims
        ? dims.map((dim, axis) => (others.has(axis) ? dim : 1))
        : dims.filter((_, axis) => others.has(axis));
}
/** The rows that `axes` (ascending, non-negative) span. */
export function rowsOf(dims, axes) {
    const offsetsAlong = (along) => {
        const spanned = along.map((axis) => dims[axis]);
        const strides = stridesOf(dims);
        const offsets = new Float64Array(sizeOf(spanned));
        walk(spanned, [along.map((axis) => strides[axis])], ([offset], flat) => (offsets[flat] = offset));
        return offsets;
    };
    const starts = offsetsAlong(otherAxes(axes, dims.length));
    // Where there is no row, a row may be of any length: nothing is allocated for it.
    return { starts, steps: starts.length === 0 ? starts : offsetsAlong(axes) };
}
/** Reads one row. */
export function readRow(data, start, steps) {
    const row = [];
    for (const step of steps)
        row.push(data[start + step]);
    return row;
}
/** One result for each row, in row-major order of the other axes. */
export function reduceRows(data, dims, axes, reduce) {
    const { starts, steps } = rowsOf(dims, axes);
    const results = [];
    for (const start of starts)
        results.push(reduce(readRow(data, start, steps)));
    return results;
}
/** The elements with every row replaced by `map(row)`, which has the row's length. */
export function mapRows(data, dims, axes, map) {
    if (data.length === 0)
        return data;
    const { starts, steps } = rowsOf(dims, axes);
    const out = new Float64Array(data.length);
    for (const start of starts) {
        const mapped = map(readRow(data, start, steps));
        for (let i = 0; i < steps.length; i++)
            out[start + steps[i]] = mapped[i];
    }
    return out;
}
/** Sum of a row; 0 when it is empty. */
export function sumOf(row) {
    let sum = 0;
    for (const x of row)
        sum += x;
    return sum;
}
/** Mean and population variance (divided by n, not n - 1) of a row; NaN when it is empty. */
export function momentsOf(row) {
    const mean = sumOf(row) / row.length;
    return { mean, variance: sumOf(row.map((x) => (x - mean) ** 2)) / row.length };
}
/** A row shifted and scaled to mean 0 and variance 1: (x - mean) / sqrt(variance + epsilon). */
export function standardise(row, epsilon) {
    const { mean, variance } = momentsOf(row);
    return row.map((x) => (x - mean) / Math.sqrt(variance + epsilon));
}
/** Operations of `standardise` per element: 1 for the mean, 3 for the variance, 2 to shift and scale. */
export const STANDARDISE_FLOPS = 6;
//# sourceMappingURL=rows.js.map