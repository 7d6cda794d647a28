/** Normalisation over the last axes, with parameters per element: layer and root-mean-square normalisation. */
import { ShapeError } from '../errors.js';
import { Tensor, broadcastDims, broadcastStrides, formatType, sameDims, sizeOf, walk, } from '../tensor/index.js';
import { FLOATS, expectElementType } from './element-types.js';
import { expectAxis } from './movement.js';
import { Op, expectSameDType, tensorAt, typeAt, } from './op.js';
import { STANDARDISE_FLOPS, mapRows, momentsOf, reduceRows, reducedDims, standardise, sumOf, } from './rows.js';
/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and variance over the axes from `axis` on
 * (Ba, Kiros and Hinton 2016, arXiv 1607.06450).
 *
 * Inputs: x, scale and optionally bias, which broadcast to x. Outputs: y like x; with `statistics` also mean and
 * 1 / sqrt(variance + epsilon), shaped like x with 1 for every axis normalised over.
 */
export class LayerNormalization extends Op {
    type = 'LayerNormalization';
    axis;
    epsilon;
    statistics;
    constructor({ axis, epsilon, statistics }) {
        super();
        this.axis = axis;
        this.epsilon = epsilon;
        this.statistics = statistics;
    }
    get attributes() {
        return { axis: this.axis, epsilon: this.epsilon, statistics: this.statistics };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        expectElementType(this.type, x.dtype, FLOATS);
        expectSameDType(inputs);
        expectAxis(this.axis, x, 'X');
        expectBroadcast(typeAt(inputs, 1, 'Scale'), 'Scale', x.dims);
        if (inputs[2])
            expectBroadcast(inputs[2], 'B', x.dims);
        if (!this.statistics)
            return [x];
        const statistics = {
            dtype: this.statistics,
            dims: reducedDims(x.dims, axesFrom(this.axis, x.dims), true),
        };
        return [x, statistics, statistics];
    }
    flops(inputs, outputs) {
        return (STANDARDISE_FLOPS + (inputs[2] ? 2 : 1)) * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const axes = axesFrom(this.axis, x.dims);
        const standard = mapRows(x.toFloat64(), x.dims, axes, (row) => standardise(row, this.epsilon));
        const y = elementwiseAffine(standard, x.dims, tensorAt(inputs, 1, 'Scale'), inputs[2]);
        const outputs = [Tensor.from(x.dtype, x.dims, y)];
        if (this.statistics) {
            const moments = reduceRows(x.toFloat64(), x.dims, axes, momentsOf);
            const means = moments.map(({ mean }) => mean);
            const inverses = moments.map(({ variance }) => 1 / Math.sqrt(variance + this.epsilon));
            const dims = reducedDims(x.dims, axes, true);
            outputs.push(Tensor.from(this.statistics, dims, means), Tensor.from(this.statistics, dims, inverses));
        }
        return outputs;
    }
}
/**
 * y = x / sqrt(mean(x^2) + epsilon) * scale, with the mean over the axes from `axis` on (Zhang and Sennrich 2019,
 * arXiv 1910.07467). Inputs: x, and scale, which broadcasts to x and may be of another float type.
 */
export class RMSNormalization extends Op {
    type = 'RMSNormalization';
    /** First of the axes normalised over, which go to the last: non-negative. */
    axis;
    epsilon;
    constructor(axis, epsilon) {
        super();
        this.axis = axis;
        this.epsilon = epsilon;
    }
    get attributes() {
        return { axis: this.axis, epsilon: this.epsilon };
    }
    infer(inputs) {
        const x = typeAt(inputs, 0, 'X');
        const scale = typeAt(inputs, 1, 'scale');
        expectElementType(this.type, x.dtype, FLOATS);
        expectElementType(this.type, scale.dtype, FLOATS);
        expectAxis(this.axis, x, 'X');
        expectBroadcast(scale, 'scale', x.dims);
        // The output is of the scale's type, by the operator's definition.
        return [{ dtype: scale.dtype, dims: x.dims }];
    }
    /** Square, add, divide, scale: 4 per element. */
    flops(_inputs, outputs) {
        return 4 * sizeOf(outputs[0].dims);
    }
    reference(inputs) {
        const x = tensorAt(inputs, 0, 'X');
        const scale = tensorAt(inputs, 1, 'scale');
        const normalised = mapRows(x.toFloat64(), x.dims, axesFrom(this.axis, x.dims), (row) => {
            const meanSquare = sumOf(row.map((value) => value * value)) / row.length;
            return row.map((value) => value / Math.sqrt(meanSquare + this.epsilon));
        });
        return [Tensor.from(scale.dtype, x.dims, elementwiseAffine(normalised, x.dims, scale, undefined))];
    }
}
/** The axes from `axis` to the last. */
function axesFrom(axis, dims) {
    return Array.from({ length: dims.length - axis }, (_, i) => axis + i);
}
/** @throws ShapeError unless the parameter broadcasts to `dims` without enlarging them */
function expectBroadcast(type, name, dims) {
    if (!sameDims(broadcastDims(type.dims, dims), dims)) {
        throw new ShapeError(`${name} is ${formatType(type)}, which is larger than X`, {
            remedy: 'Give it the shape of the axes normalised over.',
        });
    }
}
/** x * scale + bias, the parameters broadcast to `dims`. */
function elementwiseAffine(x, dims, scale, bias) {
    const scales = scale.toFloat64();
    const biases = bias?.toFloat64() ?? Float64Array.of(0);
    const strides = [scale, bias ?? { dims: [] }].map((parameter) => broadcastStrides(parameter.dims, dims));
    const y = new Float64Array(x.length);
    walk(dims, strides, ([s, b], flat) => (y[flat] = x[flat] * scales[s] + biases[b]));
    return y;
}
//# sourceMappingURL=layer-normalization.js.map