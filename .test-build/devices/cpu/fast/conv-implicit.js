/**
 * Convolution as a matrix product whose B, the image columns, exists one packed panel at a time.
 *
 * After Chetlur et al. 2014, "cuDNN: Efficient Primitives for Deep Learning", section 3 (implicit im2col), with the
 * blocking of Goto & van de Geijn 2008.
 */
import {} from './conv-call.js';
import { cutPlane, slabFor, slabSource, tapOffset, } from './conv-geometry.js';
import { fillSlab, slabStaging } from './conv-slab.js';
import {} from './kernels.js';
import { multiplyPanel, panelScratch, panelWidth, tileFloats } from './panel.js';
import { layScratch } from './scratch.js';
/** Rows of image columns staged at a time on their way into tiles. */
const stagedTaps = 16;
/** Runs any convolution. Best with at least 4 output channels per group: each packed element is used once for each. */
export function convolveImplicit(kernels, call) {
    const { shape, outHeight, outWidth } = call;
    const rows = shape.outChannels / shape.groups;
    const depth = (shape.inChannels / shape.groups) * shape.kernelHeight * shape.kernelWidth;
    const rectangles = cutPlane(outHeight, outWidth, panelWidth(depth));
    const [first] = rectangles; // the largest
    if (first === undefined)
        return;
    const width = Math.ceil((first.rows * first.cols) / 8) * 8;
    const sizes = panelScratch(rows, depth, width);
    const slabSize = slabFor(shape, first.rows, first.cols);
    const [b, a, c, staging, slab, planeAt] = layScratch(kernels, [
        sizes.b,
        sizes.a,
        sizes.c,
        width * Math.min(stagedTaps, shape.kernelHeight * shape.kernelWidth),
        slabSize.floats,
        slabStaging(shape, slabSize),
    ]);
    const plane = outHeight * outWidth;
    for (let n = 0; n < shape.batch; n++) {
        for (let group = 0; group < shape.groups; group++) {
            const product = {
                rows,
                depth,
                alpha: 1,
                a: { data: call.weights, offset: group * rows * depth, rowStride: depth, colStride: 1 },
                bias: call.bias && { data: call.bias, offset: group * rows, rowStride: 1, colStride: 0 },
                out: {
                    data: call.out,
                    offset: (n * shape.outChannels + group * rows) * plane,
                    rowStride: plane,
                    colStride: 1,
                },
                activation: call.activation,
                at: { a, b, c },
            };
            for (const rectangle of rectangles) {
                packImageColumns(kernels, call, n, group, rectangle, { slab, plane: planeAt, staging, panel: b });
                multiplyPanel(kernels, product, rectangle.y * outWidth + rectangle.x, rectangle.rows * rectangle.cols);
            }
        }
    }
}
/** Packs the image columns of a rectangle: channel by channel into the slab, tap by tap into rows, rows into tiles. */
function packImageColumns(kernels, call, n, group, rectangle, at) {
    const { shape } = call;
    const scratch = kernels.f32;
    const source = slabSource(shape, rectangle);
    const channels = shape.inChannels / shape.groups;
    const cols = rectangle.rows * rectangle.cols;
    const plane = shape.inHeight * shape.inWidth;
    const taps = shape.kernelHeight * shape.kernelWidth;
    const offsets = tapOffsets(call, source);
    const tiles = Math.ceil(cols / 8);
    const tileBytes = 4 * tileFloats(channels * taps);
    const rowStep = 4 * shape.strideHeight * source.slab.rowFloats;
    scratch.fill(0, at.slab / 4, at.slab / 4 + source.slab.floats);
    for (let i = 0; i < Math.min(stagedTaps, taps); i++) {
        scratch.fill(0, at.staging / 4 + i * 8 * tiles + cols, at.staging / 4 + (i + 1) * 8 * tiles);
    }
    for (let channel = 0; channel < channels; channel++) {
        const planeOffset = (n * shape.inChannels + group * channels + channel) * plane;
        fillSlab(kernels, shape, source, call.x, planeOffset, at.slab, at.plane);
        for (let tap = 0; tap < taps; tap += stagedTaps) {
            const count = Math.min(stagedTaps, taps - tap);
            for (let i = 0; i < count; i++) {
                const from = at.slab + 4 * offsets[tap + i];
                const to = at.staging + 32 * tiles * i;
                kernels.spreadRows(from, to, rectangle.rows, rectangle.cols, rowStep, 4 * rectangle.cols, 1);
            }
            const to = at.panel + 32 * (channel * taps + tap);
            kernels.packTiles(at.staging, to, count, 32 * tiles, tiles, tileBytes);
        }
    }
}
function tapOffsets(call, source) {
    const { shape } = call;
    const offsets = new Int32Array(shape.kernelHeight * shape.kernelWidth);
    for (let tap = 0; tap < offsets.length; tap++) {
        const ky = Math.floor(tap / shape.kernelWidth);
        offsets[tap] = tapOffset(shape, source.slab, ky, tap % shape.kernelWidth);
    }
    return offsets;
}
//# sourceMappingURL=conv-implicit.js.map