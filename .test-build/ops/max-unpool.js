/** The partial inverse of max pooling. */
import { ShapeError } from '../errors.js';
import { Tensor, createStorage, formatType, sameDims, sizeOf, walk, stridesOf, } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { expectRank, tensorAt, typeAt, } from './op.js';
import { WindowOp } from './window-op.js';
import { checkPerAxis, transposedDims } from './window.js';
/**
 * Puts x's elements where the indices say, 0 elsewhere. Indices count in a tensor [N, C, U...] with U =
 * stride * (D - 1) + kernel - padBegin - padEnd (`unpooledDims`); with larger `outputDims`, that tensor lies in the
 * first corner of the output, as in ONNX's reference implementation and node tests. (ONNX Runtime takes the indices
 * as counting in the output, which is another tensor when the dims differ.)
 *
 * Inputs: x [N, C, D...], indices i64 of the same dims. Output: [N, C, U...] or [N, C, outputDims...].
 */
export class MaxUnpool extends WindowOp {
    type = 'MaxUnpool';
    kernel;
    outputDims;
    /** @throws ShapeError for lists of different lengths, zero kernels or strides, negative pads */
    constructor(options) {
        const { kernel, strides, padsBegin, padsEnd, outputDims } = options;
        const rank = kernel.length;
        super(rank, { strides, padsBegin, padsEnd });
        this.kernel = checkPerAxis(kernel, 'kernel', rank, 1);
        this.outputDims = outputDims && checkPerAxis(outputDims, 'outputDims', rank, 1);
    }
    get attributes() {
        const { kernel, strides, padsBegin, padsEnd, outputDims } = this;
        return { kernel, strides, pads: [...padsBegin, ...padsEnd], outputDims };
    }
    /** Shape of the tensor that the indices count in. @throws ShapeError when nothing of it is left */
    unpooledDims([batch, channels, ...spatial]) {
        const window = { ...this.steps, kernel: this.kernel };
        return [
            batch,
            channels,
            ...transposedDims(spatial, window, this.kernel.map(() => 0)),
        ];
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'x');
        const indices = typeAt(inputs, 1, 'indices');
        expectElementType(this.type, x.dtype, FLOATS);
        expectElementType(this.type, indices.dtype, ['i64']);
        expectRank(x, 'x', this.kernel.length + 2);
        if (!sameDims(x.dims, indices.dims)) {
            throw new ShapeError(`x is ${formatType(x)} and indices ${formatType(indices)}`, {
                remedy: 'They must have the same shape.',
            });
        }
        const unpooled = this.unpooledDims(x.dims);
        const dims = this.#fullDims(unpooled);
        if (dims.some((dim, axis) => dim < unpooled[axis])) {
            throw new ShapeError(`the output is [${dims.join(', ')}] where the window gives [${unpooled.join(', ')}]`, {
                remedy: 'No dimension may be smaller.',
            });
        }
        return [{ dtype: x.dtype, dims }];
    }
    /** @throws ShapeError for an index outside the unpooled tensor */
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const indices = tensorAt(inputs, 1, 'indices').toFloat64();
        const unpooled = this.unpooledDims(x.dims);
        const dims = this.#fullDims(unpooled);
        const corner = scatter(x, indices, sizeOf(unpooled));
        const y = createStorage(x.dtype, sizeOf(dims));
        walk(unpooled, [stridesOf(dims)], ([to], from) => (y[to] = corner[from]));
        return [new Tensor(x.dtype, dims, y)];
    }
    #fullDims(unpooled) {
        return [...unpooled.slice(0, 2), ...(this.outputDims ?? unpooled.slice(2))];
    }
}
function scatter(x, indices, size) {
    const unpooled = createStorage(x.dtype, size);
    for (const [i, index] of indices.entries()) {
        if (index < 0 || index >= size) {
            throw new ShapeError(`index ${index} lies outside the ${size} unpooled elements`, {
                remedy: 'Take the indices from a MaxPool whose input has the unpooled shape.',
            });
        }
        unpooled[index] = x.data[i];
    }
    return unpooled;
}
//# sourceMappingURL=max-unpool.js.map