/**
 * Resampling along one axis, as pure functions: from an output position to the input coordinate, and from there
 * to the elements that contribute and their weights. Formulas are those of ONNX's Resize (operator and reference
 * implementation); the cubic kernel is Keys', "Cubic convolution interpolation", 1981.
 */
/** The input coordinate, in elements from the first one's centre, that an output position shows. */
export function inputCoordinate(axis, position) {
    const { input, output, scale, roi } = axis;
    // ONNX's `output_width`: fractional when it comes from a scale. In float32, as scales are: 10 * 0.7 is 7.
    const length = Math.fround(input * scale);
    switch (axis.coordinates) {
        case 'asymmetric':
            return position / scale;
        case 'align_corners':
            return length === 1 ? 0 : (position * (input - 1)) / (length - 1);
        case 'half_pixel':
            return (position + 0.5) / scale - 0.5;
        case 'pytorch_half_pixel':
            return length > 1 ? (position + 0.5) / scale - 0.5 : 0;
        case 'half_pixel_symmetric':
            return (input / 2) * (1 - output / length) + (position + 0.5) / scale - 0.5;
        case 'tf_half_pixel_for_nn':
            return (position + 0.5) / scale;
        case 'tf_crop_and_resize': {
            const [start, end] = roi;
            if (length === 1)
                return ((start + end) / 2) * (input - 1);
            return start * (input - 1) + (position * (end - start) * (input - 1)) / (length - 1);
        }
    }
}
/** Whether a position of `tf_crop_and_resize` lies outside the input, where the extrapolation value goes. */
export function isExtrapolated(axis, position) {
    if (axis.coordinates !== 'tf_crop_and_resize')
        return false;
    // Rounded to float32, so that a region that ends on the last element does not pass it by a rounding error.
    const coordinate = Math.fround(inputCoordinate(axis, position));
    return coordinate < 0 || coordinate > axis.input - 1;
}
/** The index that `nearest` takes for a coordinate, inside the axis. */
export function nearestIndex(axis, position) {
    // Scales are float32: with scale 1/3, position 1 is meant to be coordinate 3, not 2.9999999.
    const coordinate = Math.fround(inputCoordinate(axis, position));
    return clampIndex(roundCoordinate(coordinate, axis.nearest), axis.input);
}
function roundCoordinate(coordinate, mode) {
    switch (mode) {
        case 'round_prefer_floor':
            return Math.ceil(coordinate - 0.5);
        case 'round_prefer_ceil':
            return Math.floor(coordinate + 0.5);
        case 'floor':
            return Math.floor(coordinate);
        case 'ceil':
            return Math.ceil(coordinate);
    }
}
/** An index moved into [0, extent). */
export function clampIndex(index, extent) {
    return Math.min(Math.max(index, 0), extent - 1);
}
/** The triangle kernel of linear interpolation; zero from distance 1 on. */
export function linearKernel(distance) {
    return Math.max(0, 1 - Math.abs(distance));
}
/** Keys' cubic convolution kernel with parameter `a`; zero from distance 2 on. */
export function cubicKernel(distance, a) {
    const d = Math.abs(distance);
    if (d <= 1)
        return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}
/** Elements on either side of a coordinate that may get weight: the kernel's radius, stretched by antialiasing. */
export function kernelRadius(axis, { mode, antialias }) {
    const radius = mode === 'cubic' ? 2 : 1;
    return antialias ? radius * Math.max(1, 1 / axis.scale) : radius;
}
/**
 * The elements, all inside the axis, that an output position is made of, with weights whose sum is 1. Not for
 * positions that are extrapolated.
 */
export function resizeTaps(axis, interpolation, position) {
    if (interpolation.mode === 'nearest')
        return { indices: [nearestIndex(axis, position)], weights: [1] };
    const { mode, cubicCoefficient, excludeOutside, antialias } = interpolation;
    const coordinate = inputCoordinate(axis, position);
    const radius = kernelRadius(axis, interpolation);
    const stretch = radius / (mode === 'cubic' ? 2 : 1);
    const taps = [];
    for (let index = Math.floor(coordinate - radius) + 1; index < coordinate + radius; index++) {
        const distance = (index - coordinate) / stretch;
        const weight = mode === 'cubic' ? cubicKernel(distance, cubicCoefficient) : linearKernel(distance);
        if (weight !== 0)
            taps.push({ index, weight });
    }
    const inside = taps.filter(({ index }) => index >= 0 && index < axis.input);
    // With nothing inside, only the repeated edge is left.
    const kept = excludeOutside && inside.length > 0 ? inside : taps;
    const sum = excludeOutside || antialias ? kept.reduce((total, { weight }) => total + weight, 0) : 1;
    return {
        indices: kept.map(({ index }) => clampIndex(index, axis.input)),
        weights: kept.map(({ weight }) => weight / sum),
    };
}
//# sourceMappingURL=resample.js.map