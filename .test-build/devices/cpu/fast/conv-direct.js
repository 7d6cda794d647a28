/**
 * Direct convolution, one output channel at a time, for depthwise layers and others with few output channels per group.
 *
 * There a packed element would be used by one to three rows only, so that packing costs more than the arithmetic; the
 * padded input is small enough to stay in L1 or L2, and each tap is one broadcast weight times shifted rows of it.
 */
import {} from './conv-call.js';
import { cutPlane, slabFor, slabSource, tapOffset } from './conv-geometry.js';
import { fillSlab, slabStaging } from './conv-slab.js';
import { activate } from './epilogue.js';
import {} from './kernels.js';
import { layScratch } from './scratch.js';
/** Floats of padded input that we aim at: 256 KiB, a quarter of L2. */
const slabBudget = 65_536;
/** Runs any convolution; worth it below 4 output channels per group. */
export function convolveDirect(kernels, call) {
    const { shape, outHeight, outWidth } = call;
    const channels = shape.inChannels / shape.groups;
    const rectangles = cutPlane(outHeight, outWidth, outputsWithin(call, channels));
    const [first] = rectangles; // the largest
    if (first === undefined)
        return;
    const slabSize = slabFor(shape, first.rows, first.cols);
    const taps = channels * shape.kernelHeight * shape.kernelWidth;
    const [slab, table, result, staging] = layScratch(kernels, [
        slabSize.floats * channels,
        2 * taps,
        first.rows * first.cols,
        slabStaging(shape, slabSize),
    ]);
    const outputsPerGroup = shape.outChannels / shape.groups;
    for (let n = 0; n < shape.batch; n++) {
        for (const rectangle of rectangles) {
            const source = slabSource(shape, rectangle);
            writeOffsets(kernels, call, source.slab, channels, table);
            kernels.f32.fill(0, slab / 4, slab / 4 + source.slab.floats * channels);
            for (let group = 0; group < shape.groups; group++) {
                for (let channel = 0; channel < channels; channel++) {
                    const plane = n * shape.inChannels + group * channels + channel;
                    const to = slab + 4 * channel * source.slab.floats;
                    fillSlab(kernels, shape, source, call.x, plane * shape.inHeight * shape.inWidth, to, staging);
                }
                for (let i = 0; i < outputsPerGroup; i++) {
                    convolveChannel(kernels, call, n, group * outputsPerGroup + i, rectangle, source.slab, taps, {
                        slab,
                        table,
                        result,
                    });
                }
            }
        }
    }
}
/** How many outputs of a plane may be computed at a time so that their padded input is near the budget. */
function outputsWithin(call, channels) {
    const { shape, outWidth } = call;
    const oneRow = slabFor(shape, 1, outWidth);
    const spare = slabBudget / channels - oneRow.floats;
    const moreRows = Math.max(Math.floor(spare / (oneRow.rowFloats * shape.strideHeight)), 0);
    // A row too long for the budget is cut; 1024 outputs hide the fixed costs well.
    return oneRow.floats * channels > slabBudget ? Math.min(outWidth, 1024) : outWidth * (1 + moreRows);
}
function writeOffsets(kernels, call, slab, channels, table) {
    const { shape } = call;
    const integers = kernels.i32;
    let at = table / 4;
    for (let channel = 0; channel < channels; channel++) {
        for (let ky = 0; ky < shape.kernelHeight; ky++) {
            for (let kx = 0; kx < shape.kernelWidth; kx++) {
                integers[at] = 4 * (channel * slab.floats + tapOffset(shape, slab, ky, kx));
                at += 2;
            }
        }
    }
}
function convolveChannel(kernels, call, n, channel, rectangle, slab, taps, at) {
    const { shape, outHeight, outWidth } = call;
    const { rows, cols } = rectangle;
    const scratch = kernels.f32;
    for (let tap = 0; tap < taps; tap++)
        scratch[at.table / 4 + 2 * tap + 1] = call.weights[channel * taps + tap];
    const bias = call.bias?.[channel] ?? 0;
    kernels.convolveTaps(at.slab, at.table, taps, at.result, rows, cols, 4 * shape.strideHeight * slab.rowFloats, bias);
    activate(kernels, call.activation, at.result, rows * cols);
    const to = ((n * shape.outChannels + channel) * outHeight + rectangle.y) * outWidth + rectangle.x;
    call.out.set(scratch.subarray(at.result / 4, at.result / 4 + rows * cols), to);
}
//# sourceMappingURL=conv-direct.js.map