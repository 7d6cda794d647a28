/** Transposed convolution. */
import { ShapeError } from '../errors.js';
import { Tensor, formatType, sizeOf } from '../tensor/index.js';
import { expectPerChannel } from './channels.js';
import { addPerChannel, checkGroup } from './conv.js';
import { FLOATS, expectElementType } from './element-types.js';
import { activate, activationFlops, formatActivation } from './fused-activation.js';
import { expectRank, expectSameDType, tensorAt, typeAt, } from './op.js';
import { WindowOp } from './window-op.js';
import { checkPerAxis, placedWindows, transposedDims } from './window.js';
/**
 * The adjoint of `Conv` in x: every x[n, c, i] adds x[n, c, i] * w[c, m, t] to output position
 * i * stride - padBegin + t * dilation of channel g * M/group + m, g being c's group; what falls outside is cut away.
 * Then bias and activation are applied.
 *
 * Inputs: x [N, C, D...], w [C, M / group, K...], bias [M] (optional).
 * Output: [N, M, O...], with O by `transposedExtent`.
 */
export class ConvTranspose extends WindowOp {
    type = 'ConvTranspose';
    outputPadding;
    group;
    activation;
    /** @throws ShapeError for lists of different lengths, zero strides or dilations, negative pads, a bad group */
    constructor(options) {
        const rank = options.strides.length;
        super(rank, options);
        this.outputPadding = checkPerAxis(options.outputPadding ?? this.strides.map(() => 0), 'outputPadding', rank, 0);
        this.group = checkGroup(options.group ?? 1);
        this.activation = options.activation;
    }
    get attributes() {
        const { outputPadding, group } = this;
        return { ...super.attributes, outputPadding, group, activation: formatActivation(this.activation) };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'x');
        const w = typeAt(inputs, 1, 'w');
        expectElementType(this.type, x.dtype, FLOATS);
        expectSameDType(inputs);
        const dims = this.#outputDims(x, w);
        if (inputs[2])
            expectPerChannel(inputs[2], 'bias', dims[1]);
        return [{ dtype: x.dtype, dims }];
    }
    flops(inputs, [y]) {
        const x = typeAt(inputs, 0, 'x');
        const w = typeAt(inputs, 1, 'w');
        const perElement = (inputs[2] ? 1 : 0) + activationFlops(this.activation);
        return 2 * sizeOf(x.dims) * sizeOf(w.dims.slice(1)) + perElement * sizeOf(y.dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'x');
        const w = tensorAt(inputs, 1, 'w');
        const dims = this.#outputDims(x, w);
        const y = this.#scatter(x, w, dims);
        if (inputs[2])
            addPerChannel(y, dims, inputs[2].toFloat64());
        return [Tensor.from(x.dtype, dims, activate(y, this.activation))];
    }
    #outputDims(x, w) {
        const rank = this.strides.length + 2;
        expectRank(x, 'x', rank);
        expectRank(w, 'w', rank);
        const [channels, outPerGroup, ...kernel] = w.dims;
        checkPerAxis(kernel, 'the kernel of w', rank - 2, 1);
        if (x.dims[1] !== channels || channels % this.group !== 0) {
            throw new ShapeError(`x is ${formatType(x)} and w ${formatType(w)} in ${this.group} groups`, {
                remedy: 'x must have w.dims[0] channels, and these must be a multiple of group.',
            });
        }
        const spatial = transposedDims(x.dims.slice(2), { ...this.steps, kernel }, this.outputPadding);
        return [x.dims[0], outPerGroup * this.group, ...spatial];
    }
    #scatter(xTensor, wTensor, yDims) {
        const [batch, channels, ...input] = xTensor.dims;
        const [, outPerGroup, ...kernel] = wTensor.dims;
        const [, outChannels, ...output] = yDims;
        const [xPlane, wPlane, yPlane] = [sizeOf(input), sizeOf(kernel), sizeOf(output)];
        const [x, w] = [xTensor.toFloat64(), wTensor.toFloat64()];
        const y = new Float64Array(sizeOf(yDims));
        // The windows of the convolution that this is the adjoint of: they lie in y, and each belongs to one x.
        for (const placed of placedWindows(output, { ...this.steps, kernel }, input)) {
            for (let n = 0; n < batch; n++) {
                for (let c = 0; c < channels; c++) {
                    const value = x[(n * channels + c) * xPlane + placed.output];
                    const firstOut = n * outChannels + Math.floor((c * this.group) / channels) * outPerGroup;
                    for (let m = 0; m < outPerGroup; m++) {
                        const yAt = (firstOut + m) * yPlane;
                        const wAt = (c * outPerGroup + m) * wPlane;
                        for (let t = 0; t < placed.input.length; t++)
                            y[yAt + placed.input[t]] += value * w[wAt + placed.kernel[t]];
                    }
                }
            }
        }
        return y;
    }
}
//# sourceMappingURL=conv-transpose.js.map