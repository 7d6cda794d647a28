/** Batch normalisation: every channel shifted and scaled by statistics over batch and space. */
import { Tensor, sizeOf } from '../tensor/index.js';
import { channelAffine, expectPerChannel } from './channels.js';
import { FLOATS, expectElementType } from './element-types.js';
import { activate, activationFlops, formatActivation } from './fused-activation.js';
import { Op, expectRank, tensorAt, typeAt, } from './op.js';
import { momentsOf, otherAxes, reduceRows } from './rows.js';
/**
 * The affine function that batch normalisation with known statistics is: y = x * scale + shift per channel, with
 * scale = s / sqrt(variance + epsilon) and shift = bias - mean * scale (Ioffe and Szegedy 2015, algorithm 2).
 * What folds the operator into a preceding convolution multiplies weights by `scale` and adds `shift` to the bias.
 */
export function batchNormalizationAffine({ scale, bias, mean, variance }, epsilon) {
    const folded = Float64Array.from(scale, (s, c) => s / Math.sqrt(variance[c] + epsilon));
    return { scale: folded, shift: folded.map((s, c) => bias[c] - mean[c] * s) };
}
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel.
 *
 * Inputs: x [N, C, ...], scale [C], bias [C], mean [C], variance [C]; element types may differ. Outputs: y like x;
 * in training also the running mean and variance, of the types of the inputs `mean` and `variance`.
 */
export class BatchNormalization extends Op {
    type = 'BatchNormalization';
    epsilon;
    training;
    activation;
    constructor({ epsilon, training, activation }) {
        super();
        this.epsilon = epsilon;
        this.training = training;
        this.activation = activation;
    }
    get attributes() {
        return {
            epsilon: this.epsilon,
            momentum: this.training?.momentum,
            activation: formatActivation(this.activation),
        };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        expectElementType(this.type, x.dtype, FLOATS);
        expectRank(x, 'X', 2, Infinity);
        const [, , mean, variance] = ['scale', 'B', 'input_mean', 'input_var'].map((name, i) => {
            const parameter = typeAt(inputs, i + 1, name);
            expectElementType(this.type, parameter.dtype, FLOATS);
            expectPerChannel(parameter, name, x.dims[1]);
            return parameter;
        });
        return this.training ? [x, mean, variance] : [x];
    }
    /** A multiply-add per element; in training 4 more for the statistics. */
    flops(_inputs, outputs) {
        const perElement = (this.training ? 6 : 2) + activationFlops(this.activation);
        return perElement * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const [scale, bias, mean, variance] = ['scale', 'B', 'input_mean', 'input_var'].map((name, i) => tensorAt(inputs, i + 1, name).toFloat64());
        if (!this.training)
            return [this.#normalise(x, { scale, bias, mean, variance })];
        const { momentum } = this.training;
        const moments = reduceRows(x.toFloat64(), x.dims, otherAxes([1], x.dims.length), momentsOf);
        const batch = { mean: moments.map((m) => m.mean), variance: moments.map((m) => m.variance) };
        const running = (old, current) => old.map((value, c) => value * momentum + current[c] * (1 - momentum));
        return [
            this.#normalise(x, { scale, bias, ...batch }),
            Tensor.from(tensorAt(inputs, 3, 'input_mean').dtype, [mean.length], running(mean, batch.mean)),
            Tensor.from(tensorAt(inputs, 4, 'input_var').dtype, [mean.length], running(variance, batch.variance)),
        ];
    }
    #normalise(x, statistics) {
        const { scale, shift } = batchNormalizationAffine(statistics, this.epsilon);
        const y = channelAffine(x.toFloat64(), x.dims, scale, shift);
        return Tensor.from(x.dtype, x.dims, activate(y, this.activation));
    }
}
//# sourceMappingURL=batch-normalization.js.map