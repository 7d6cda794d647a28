/** Sampling at arbitrary places: the spatial transformer's sampler. */
import { ShapeError, UnsupportedError } from '../errors.js';
import { roundHalfEven } from '../tensor/floats.js';
import { Tensor, formatType, sizeOf, stridesOf } from '../tensor/index.js';
import { Op, expectFloat, expectRank, tensorAt, typeAt, } from './op.js';
import { clampIndex, cubicKernel, linearKernel } from './resample.js';
/** PyTorch's, to which ONNX refers. */
const CUBIC_COEFFICIENT = -0.75;
/** The places -1 and 1 along an axis, in elements from the first one's centre. */
function bordersOf(extent, alignCorners) {
    return alignCorners ? [0, extent - 1] : [-0.5, extent - 0.5];
}
/** A coordinate mirrored at the borders until it lies between them. */
function reflect(coordinate, low, high) {
    const range = high - low;
    if (coordinate >= low && coordinate <= high)
        return coordinate;
    if (range <= 0 || !Number.isFinite(coordinate))
        return low;
    const phase = Math.abs(coordinate - low) % (2 * range);
    return low + Math.min(phase, 2 * range - phase);
}
/**
 * The input coordinate along one axis, in elements from the first one's centre, for a normalised one.
 * @param normalised -1 to 1 inside the input; NaN counts as -1, as in PyTorch
 */
function inputCoordinate(normalised, extent, sampling) {
    const [low, high] = bordersOf(extent, sampling.alignCorners);
    const place = Number.isNaN(normalised) ? -1 : normalised;
    let coordinate = low + ((place + 1) / 2) * (high - low);
    // Ties are meant among float32 coordinates: double would miss them by the grid's own rounding.
    if (sampling.mode === 'nearest')
        coordinate = roundHalfEven(Math.fround(coordinate));
    if (coordinate >= low && coordinate <= high)
        return coordinate;
    switch (sampling.padding) {
        case 'zeros':
            // Further out than the widest kernel all is zero, also at infinity.
            return Math.min(Math.max(coordinate, -3), extent + 2);
        case 'border':
            return clampIndex(coordinate, extent);
        case 'reflection':
            return reflect(coordinate, low, high);
    }
}
/**
 * The elements of one axis of X, all inside it, that a normalised coordinate is made of. Their weights sum to 1,
 * less what falls on the zeros outside.
 */
export function gridTaps(normalised, extent, sampling) {
    const coordinate = inputCoordinate(normalised, extent, sampling);
    const [low, high] = bordersOf(extent, sampling.alignCorners);
    const radius = sampling.mode === 'cubic' ? 2 : 1;
    const indices = [];
    const weights = [];
    for (let i = Math.floor(coordinate) + 1 - radius; i <= Math.floor(coordinate) + radius; i++) {
        const distance = i - coordinate;
        const weight = radius === 2 ? cubicKernel(distance, CUBIC_COEFFICIENT) : linearKernel(distance);
        if (weight === 0)
            continue;
        const inside = i >= 0 && i < extent;
        if (!inside && sampling.padding === 'zeros')
            continue;
        const mirrored = sampling.padding === 'reflection' ? reflect(i, low, high) : i;
        indices.push(clampIndex(mirrored, extent));
        weights.push(weight);
    }
    return { indices, weights };
}
/** Y[n, c, o...] = X[n, c] at the place grid[n, o...], whose last axis holds the coordinates, innermost first. */
export class GridSample extends Op {
    type = 'GridSample';
    sampling;
    constructor(sampling) {
        super();
        this.sampling = sampling;
    }
    get attributes() {
        const { mode, padding, alignCorners } = this.sampling;
        return { mode, padding, alignCorners };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        const grid = typeAt(inputs, 1, 'grid');
        expectFloat(x, 'X');
        expectFloat(grid, 'grid');
        expectRank(x, 'X', 3, Infinity);
        const rank = x.dims.length;
        if (rank > 5)
            throw new UnsupportedError(`GridSample of rank ${rank}`);
        const fits = grid.dims.length === rank && grid.dims[0] === x.dims[0] && grid.dims[rank - 1] === rank - 2;
        if (!fits) {
            throw new ShapeError(`grid (${formatType(grid)}) does not fit X (${formatType(x)})`, {
                remedy: `It must be N x outputs... x ${rank - 2}, of X's rank and batch size.`,
            });
        }
        const dims = [x.dims[0], x.dims[1], ...grid.dims.slice(1, -1)];
        if (sizeOf(dims) > 0 && sizeOf(x.dims) === 0) {
            throw new ShapeError(`X (${formatType(x)}) is empty`, { remedy: 'There must be something to sample.' });
        }
        return [{ dtype: x.dtype, dims }];
    }
    /** A multiply-add for each tap. */
    flops(inputs, outputs) {
        if (this.sampling.mode === 'nearest')
            return 0;
        const spatial = typeAt(inputs, 0, 'X').dims.length - 2;
        return 2 * (this.sampling.mode === 'cubic' ? 4 : 2) ** spatial * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const grid = tensorAt(inputs, 1, 'grid');
        const [type] = this.infer(inputs);
        const [n, c, ...extents] = x.dims;
        const positions = sizeOf(type.dims.slice(2));
        const image = sizeOf(extents);
        const values = x.toFloat64();
        const places = grid.toFloat64();
        const out = new Float64Array(sizeOf(type.dims));
        for (let place = 0; out.length > 0 && place < n * positions; place++) {
            const start = place * extents.length;
            const taps = this.#tapsAt(places.subarray(start, start + extents.length), extents);
            const batch = Math.floor(place / positions);
            for (let channel = 0; channel < c; channel++) {
                const plane = batch * c + channel;
                let sum = 0;
                for (const [k, offset] of taps.indices.entries())
                    sum += taps.weights[k] * values[plane * image + offset];
                out[plane * positions + (place % positions)] = sum;
            }
        }
        return [Tensor.from(x.dtype, type.dims, out)];
    }
    /** Offsets in an image and weights for one place: the product of the axes' taps. */
    #tapsAt(place, extents) {
        const strides = stridesOf(extents);
        let product = { indices: [0], weights: [1] };
        for (const [axis, extent] of extents.entries()) {
            const normalised = place[extents.length - 1 - axis];
            const taps = gridTaps(normalised, extent, this.sampling);
            const { indices, weights } = product;
            product = {
                indices: indices.flatMap((offset) => taps.indices.map((i) => offset + i * strides[axis])),
                weights: weights.flatMap((weight) => taps.weights.map((factor) => weight * factor)),
            };
        }
        return product;
    }
}
//# sourceMappingURL=grid-sample.js.map