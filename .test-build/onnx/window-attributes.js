/** The attributes that ONNX's convolutions and poolings share, resolved to explicit steps and pads. */
import { ShapeError } from '../errors.js';
import { checkPerAxis, samePadding, windowExtent, windowSteps, } from '../ops/window.js';
import { sameDims } from '../tensor/index.js';
const AUTO_PADS = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'];
export function autoPad(node) {
    return node.attributes.choice('auto_pad', AUTO_PADS, 'NOTSET');
}
/** The side that auto_pad gives the larger half of an odd padding. */
export function largerSide(mode) {
    return mode === 'SAME_UPPER' ? 'end' : 'begin';
}
/** Dims of the spatial axes of input X [N, C, D1, ...]. @throws ShapeError when there is none */
export function spatialDims(x) {
    if (x.length < 3) {
        throw new ShapeError(`X has rank ${x.length}`, {
            remedy: 'It must be [N, C, D1, ...] with a spatial axis.',
        });
    }
    return x.slice(2);
}
/** The attribute kernel_shape of a pooling. @throws ShapeError when it is missing or not one integer per axis */
export function kernelShape(node, rank) {
    const kernel = node.attributes.ints('kernel_shape');
    if (!kernel)
        throw new ShapeError('attribute kernel_shape is missing', { remedy: 'Export the model again.' });
    return checkPerAxis(kernel, 'kernel_shape', rank, 1);
}
/**
 * The kernel of a convolution's weight [M, C / group, K1, ...].
 * @throws ShapeError when it is not over `rank` axes or contradicts the attribute kernel_shape
 */
export function weightKernel(node, weight, rank) {
    const kernel = checkPerAxis(weight.slice(2), 'the kernel of W', rank, 1);
    const declared = node.attributes.ints('kernel_shape', kernel);
    if (!sameDims(declared, kernel)) {
        throw new ShapeError(`kernel_shape is [${declared.join(', ')}] but W has a kernel of [${kernel.join(', ')}]`, {
            remedy: 'The model is damaged: export it again.',
        });
    }
    return kernel;
}
/**
 * Strides, dilations and pads of a node as they are written, without auto_pad.
 * @throws ShapeError for lists of the wrong length, strides or dilations below 1, negative pads
 */
export function explicitSteps(node, rank) {
    const { attributes } = node;
    const pads = attributes.ints('pads', new Array(2 * rank).fill(0));
    if (pads.length !== 2 * rank) {
        throw new ShapeError(`pads is [${pads.join(', ')}]`, {
            remedy: `It must have ${2 * rank} entries: the beginnings of all spatial axes, then their ends.`,
        });
    }
    return windowSteps(rank, {
        strides: attributes.ints('strides'),
        dilations: attributes.ints('dilations'),
        padsBegin: pads.slice(0, rank),
        padsEnd: pads.slice(rank),
    });
}
/**
 * ONNX forbids auto_pad and pads together; exporters that write pads all the same write zeros.
 * @throws UnsupportedError when both ask for something
 */
export function refuseBothPads(node, mode, { padsBegin, padsEnd }) {
    if (mode !== 'NOTSET' && [...padsBegin, ...padsEnd].some((pad) => pad > 0)) {
        throw node.unsupported(`attribute pads together with auto_pad=${mode} of ${node.opType}`);
    }
}
/**
 * Strides, dilations and pads of a convolution or pooling, auto_pad resolved for its input shape.
 * @throws ShapeError as `explicitSteps` does; UnsupportedError when both auto_pad and pads ask for padding
 */
export function resolvedSteps(node, input, kernel) {
    const mode = autoPad(node);
    const steps = explicitSteps(node, input.length);
    refuseBothPads(node, mode, steps);
    if (mode === 'NOTSET' || mode === 'VALID')
        return steps;
    const pads = input.map((extent, axis) => samePadding(extent, windowExtent(kernel[axis], steps.dilations[axis]), steps.strides[axis], largerSide(mode)));
    return { ...steps, padsBegin: pads.map(({ begin }) => begin), padsEnd: pads.map(({ end }) => end) };
}
//# sourceMappingURL=window-attributes.js.map