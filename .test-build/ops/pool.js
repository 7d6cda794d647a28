/** What max, average and Lp pooling share. */
import { sizeOf } from '../tensor/index.js';
import { expectRank, typeAt } from './op.js';
import { WindowOp } from './window-op.js';
import { checkPerAxis, outputDims, placedWindows, } from './window.js';
/** An op that makes one number of every window of every channel. Input x: [N, C, D...]; output y: [N, C, O...]. */
export class Pool extends WindowOp {
    kernel;
    ceilMode;
    /** @throws ShapeError for lists of different lengths, zero kernels, strides or dilations, negative pads */
    constructor(options) {
        const rank = options.kernel.length;
        super(rank, options);
        this.kernel = checkPerAxis(options.kernel, 'kernel', rank, 1);
        this.ceilMode = options.ceilMode ?? false;
    }
    get attributes() {
        return { kernel: this.kernel, ...super.attributes, ceilMode: this.ceilMode };
    }
    flops(_inputs, [y]) {
        return sizeOf(y.dims) * sizeOf(this.kernel);
    }
    /** Type of x and of y. @throws ShapeError when they do not fit the window */
    types(inputs) {
        const x = typeAt(inputs, 0, 'x');
        expectRank(x, 'x', this.kernel.length + 2);
        return { x, y: { dtype: x.dtype, dims: this.outputDims(x.dims) } };
    }
    outputDims([batch, channels, ...spatial]) {
        return [batch, channels, ...outputDims(spatial, this, this.ceilMode)];
    }
    /**
     * Calls `visit` for every window of every plane [n, c].
     * @param xDims dims of the input
     * @param yDims dims of the output
     */
    forEachWindow(xDims, yDims, visit) {
        const [batch, channels, ...input] = xDims;
        const output = yDims.slice(2);
        const [xPlane, yPlane] = [sizeOf(input), sizeOf(output)];
        for (const placed of placedWindows(input, this, output)) {
            for (let plane = 0; plane < batch * channels; plane++) {
                visit(placed, plane * xPlane, plane * yPlane + placed.output);
            }
        }
    }
}
//# sourceMappingURL=pool.js.map