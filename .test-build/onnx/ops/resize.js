/** Resampling of images and volumes. */
import { ShapeError } from '../../errors.js';
import { GridSample as GridSampleOp } from '../../ops/grid-sample.js';
import { Resize as ResizeOp } from '../../ops/resize.js';
import { isFloat, formatType, normaliseAxes } from '../../tensor/index.js';
import { expectLength, integerInput, required, spreadOverAxes } from '../integer-inputs.js';
const COORDINATES = [
    'half_pixel',
    'half_pixel_symmetric',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
    'tf_half_pixel_for_nn',
    'tf_crop_and_resize',
];
const NEAREST = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'];
export const Upsample = (node) => {
    const x = node.input(0, 'X');
    const scales = node.opset < 9 ? node.attributes.floats('scales') : floatInput(node, 1, 'scales');
    return emitSimple(node, x, required(scales, 'scales'));
};
export const Resize = (node) => {
    const x = node.input(0, 'X');
    if (node.opset < 11)
        return emitSimple(node, x, required(floatInput(node, 1, 'scales'), 'scales'));
    const { attributes } = node;
    const { dims } = x.type;
    const axes = attributes.ints('axes');
    const coordinates = attributes.choice('coordinate_transformation_mode', COORDINATES, 'half_pixel');
    const nearest = attributes.choice('nearest_mode', NEAREST, 'round_prefer_floor');
    const options = resizeOptions(node);
    const { scales, outputs } = resizeExtents(node, dims, axes);
    const roi = coordinates === 'tf_crop_and_resize' ? regionOf(node, dims, axes) : undefined;
    const resized = dims.map((input, axis) => ({
        input,
        output: outputs[axis],
        scale: scales[axis],
        coordinates,
        nearest,
        roi: roi?.[axis] ?? [0, 1],
    }));
    return node.emit1(new ResizeOp(resized, options), [x]);
};
/** Upsample and the first Resize: asymmetric coordinates, and rounding as ONNX Runtime does. */
function emitSimple(node, x, scales) {
    const { dims } = x.type;
    const mode = node.attributes.choice('mode', ['nearest', 'linear'], 'nearest');
    const outputs = scaledExtents(dims, spreadOverAxes(scales, undefined, dims, 'scales', () => 1));
    const axes = dims.map((input, axis) => ({
        input,
        output: outputs[axis],
        scale: scales[axis],
        coordinates: 'asymmetric',
        // ONNX's own example for downsampling takes the later element.
        nearest: scales[axis] < 1 ? 'ceil' : 'floor',
        roi: [0, 1],
    }));
    const options = { ...PLAIN, mode };
    return node.emit1(new ResizeOp(axes, options), [x]);
}
const PLAIN = { cubicCoefficient: -0.75, excludeOutside: false, antialias: false, extrapolation: 0 };
function resizeOptions(node) {
    const { attributes } = node;
    const mode = attributes.choice('mode', ['nearest', 'linear', 'cubic'], 'nearest');
    const antialias = node.opset >= 18 && attributes.flag('antialias');
    if (antialias && mode === 'nearest')
        throw node.unsupported('attribute antialias of Resize with mode nearest');
    return {
        mode,
        antialias,
        cubicCoefficient: attributes.float('cubic_coeff_a', PLAIN.cubicCoefficient),
        excludeOutside: attributes.flag('exclude_outside'),
        extrapolation: attributes.float('extrapolation_value', PLAIN.extrapolation),
    };
}
function resizeExtents(node, dims, axes) {
    const policy = node.attributes.choice('keep_aspect_ratio_policy', ['stretch', 'not_larger', 'not_smaller'], 'stretch');
    const scales = emptyIsMissing(floatInput(node, 2, 'scales'));
    const sizes = emptyIsMissing(integerInput(node, 3, 'sizes'));
    if ((scales === undefined) === (sizes === undefined)) {
        throw new ShapeError(`scales and sizes are ${scales ? 'both' : 'not'} given`, {
            remedy: 'Give one of the two.',
        });
    }
    if (scales) {
        const all = spreadOverAxes(scales, axes, dims, 'scales', () => 1);
        return { scales: all, outputs: scaledExtents(dims, all) };
    }
    const all = spreadOverAxes(required(sizes, 'sizes'), axes, dims, 'sizes', (axis) => dims[axis]);
    const ratios = all.map((size, axis) => (size === dims[axis] ? 1 : size / dims[axis]));
    if (policy === 'stretch')
        return { scales: ratios, outputs: all };
    const named = new Set(axes ? normaliseAxes(axes, dims.length) : dims.keys());
    const pick = policy === 'not_larger' ? Math.min : Math.max;
    const common = ratios.filter((_, axis) => named.has(axis)).reduce((a, b) => pick(a, b));
    return {
        scales: dims.map((_, axis) => (named.has(axis) ? common : 1)),
        outputs: dims.map((dim, axis) => (named.has(axis) ? Math.floor(dim * common + 0.5) : dim)),
    };
}
/**
 * floor(dim * scale), in float32 as ONNX's shape inference does: 10 * 0.7 is 7.
 * @throws ShapeError unless scales are positive
 */
function scaledExtents(dims, scales) {
    if (!scales.every((scale) => scale > 0)) {
        throw new ShapeError(`scales are [${scales.join(', ')}]`, { remedy: 'They must be positive.' });
    }
    return dims.map((dim, axis) => Math.floor(Math.fround(dim * scales[axis])));
}
/** Start and end of the cropped region per axis. */
function regionOf(node, dims, axes) {
    const roi = required(floatInput(node, 1, 'roi'), 'roi');
    const count = axes?.length ?? dims.length;
    expectLength(roi, 2 * count, 'roi');
    const regions = roi.slice(0, count).map((start, i) => [start, roi[count + i]]);
    return spreadOverAxes(regions, axes, dims, 'roi', () => [0, 1]);
}
/** Resize of operator set 11 had no way but an empty tensor to leave scales or sizes out. */
function emptyIsMissing(list) {
    return list?.length === 0 ? undefined : list;
}
function floatInput(node, index, name) {
    const value = node.optional(index);
    if (!value)
        return undefined;
    if (!isFloat(value.type.dtype) || value.type.dims.length > 1) {
        throw new ShapeError(`${name} is ${formatType(value.type)}`, {
            remedy: 'It must be a list of floating-point numbers.',
        });
    }
    return node.known(value, name).toNumbers();
}
export const GridSample = (node) => {
    const { attributes } = node;
    // Operator set 20 renamed the modes when it added volumes.
    const mode = attributes.choice('mode', ['linear', 'nearest', 'cubic', 'bilinear', 'bicubic'], node.opset < 20 ? 'bilinear' : 'linear');
    const sampling = {
        mode: mode === 'bilinear' ? 'linear' : mode === 'bicubic' ? 'cubic' : mode,
        padding: attributes.choice('padding_mode', ['zeros', 'border', 'reflection'], 'zeros'),
        alignCorners: attributes.flag('align_corners'),
    };
    return node.emit1(new GridSampleOp(sampling), [node.input(0, 'X'), node.input(1, 'grid')]);
};
//# sourceMappingURL=resize.js.map