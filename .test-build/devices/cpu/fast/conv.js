/** 2-D convolution in f32 on the CPU, NCHW. */
import {} from './conv-call.js';
import { convolveDirect } from './conv-direct.js';
import { conv2dOutputSize } from './conv-geometry.js';
import { convolveImplicit } from './conv-implicit.js';
import {} from './epilogue.js';
import { multiply } from './gemm.js';
import {} from './kernels.js';
import { sharedKernels } from './shared-kernels.js';
/**
 * `out = activation(x * weights + bias)` (cross-correlation, as in ONNX Conv), accumulated in f32. NaN and infinities
 * propagate as in IEEE 754, padding included: a padded zero times an infinite weight is NaN.
 *
 * A 1-D convolution is the case of height 1; three dimensions are not supported.
 *
 * @param kernels the inner loops; the thread's shared ones if absent.
 * @throws RangeError if a size is out of its range, groups do not divide the channels, or an array is shorter than its shape.
 */
export function conv2d(args, kernels = sharedKernels()) {
    const call = checkedCall(args);
    if (call.out.length === 0 ||
        call.shape.batch * call.shape.outChannels * call.outHeight * call.outWidth === 0)
        return;
    const run = { gemm: convolvePointwise, implicit: convolveImplicit, direct: convolveDirect }[conv2dMethod(args.shape)];
    run(kernels, call);
}
/**
 * From this many output channels per group on, packing image columns pays. Measured on 3 x 3 windows, 128 x 28 x 28 in 32
 * groups and 64 x 56 x 56 in one: direct is 1.2 to 2.2 times as fast with 2 or 3, even with 4, and slower from 6 on.
 */
const packingOutputs = 4;
/** Which method {@link conv2d} uses for a shape. */
export function conv2dMethod(shape) {
    const outputsPerGroup = shape.outChannels / shape.groups;
    const pointwise = shape.kernelHeight === 1 && shape.kernelWidth === 1 && !isStrided(shape) && !isPadded(shape);
    if (pointwise && (shape.groups === 1 || outputsPerGroup >= packingOutputs))
        return 'gemm';
    return outputsPerGroup < packingOutputs ? 'direct' : 'implicit';
}
const isStrided = (shape) => shape.strideHeight !== 1 || shape.strideWidth !== 1;
const isPadded = (shape) => shape.padTop + shape.padLeft + shape.padBottom + shape.padRight !== 0;
/** 1 x 1 windows, stride 1, no padding: the input is B as it lies. */
function convolvePointwise(kernels, call) {
    const { shape, weights, bias } = call;
    const plane = shape.inHeight * shape.inWidth;
    const m = shape.outChannels / shape.groups;
    const k = shape.inChannels / shape.groups;
    for (let image = 0; image < shape.batch; image++) {
        for (let group = 0; group < shape.groups; group++) {
            const input = (image * shape.inChannels + group * k) * plane;
            const output = (image * shape.outChannels + group * m) * plane;
            multiply(kernels, {
                m,
                n: plane,
                k,
                alpha: 1,
                a: { data: weights, offset: group * m * k, rowStride: k, colStride: 1 },
                b: { data: call.x, offset: input, rowStride: plane, colStride: 1 },
                bias: bias && { data: bias, offset: group * m, rowStride: 1, colStride: 0 },
                out: { data: call.out, offset: output, rowStride: plane, colStride: 1 },
                activation: call.activation,
            });
        }
    }
}
function checkedCall(args) {
    const { shape, x, weights, bias, out, activation } = args;
    const least = {
        batch: 0,
        inChannels: 0,
        inHeight: 0,
        inWidth: 0,
        outChannels: 0,
        kernelHeight: 1,
        kernelWidth: 1,
        strideHeight: 1,
        strideWidth: 1,
        dilationHeight: 1,
        dilationWidth: 1,
        padTop: 0,
        padLeft: 0,
        padBottom: 0,
        padRight: 0,
        groups: 1,
    };
    for (const [name, minimum] of Object.entries(least)) {
        const value = shape[name];
        if (!Number.isInteger(value) || value < minimum) {
            throw new RangeError(`conv2d: ${name} is ${value}, not a whole number >= ${minimum}`);
        }
    }
    if (shape.inChannels % shape.groups !== 0 || shape.outChannels % shape.groups !== 0) {
        const channels = `${shape.inChannels} input and ${shape.outChannels} output channels`;
        throw new RangeError(`conv2d: ${shape.groups} groups do not divide ${channels}`);
    }
    const { height, width } = conv2dOutputSize(shape);
    const taps = shape.kernelHeight * shape.kernelWidth;
    requireLength('x', x, shape.batch * shape.inChannels * shape.inHeight * shape.inWidth);
    requireLength('weights', weights, shape.outChannels * (shape.inChannels / shape.groups) * taps);
    requireLength('out', out, shape.batch * shape.outChannels * height * width);
    if (bias !== undefined)
        requireLength('bias', bias, shape.outChannels);
    return { shape, outHeight: height, outWidth: width, x, weights, bias, out, activation };
}
function requireLength(what, data, length) {
    if (data.length < length) {
        throw new RangeError(`conv2d: ${what} has ${data.length} elements, its shape needs ${length}`);
    }
}
//# sourceMappingURL=conv.js.map