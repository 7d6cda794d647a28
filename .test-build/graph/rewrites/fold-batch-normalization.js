/** Batch normalisation by known statistics becomes part of the layer in front of it. */
import { BatchNormalization, batchNormalizationAffine } from '../../ops/batch-normalization.js';
import { Conv } from '../../ops/conv.js';
import { ConvTranspose } from '../../ops/conv-transpose.js';
import { Gemm } from '../../ops/gemm.js';
import { Tensor, sizeOf } from '../../tensor/index.js';
import { spend } from '../folding.js';
import { forEachNode, optionsOf, soleProducer } from './rewrite.js';
import { scaledConstant } from './scaled-constant.js';
/**
 * y = scale * (w * x + b) + shift per output channel is the same layer with weights scale * w and bias
 * scale * b + shift.
 */
export const foldBatchNormalization = {
    name: 'fold batch normalisation',
    apply: (graph) => forEachNode(graph, (node) => fold(graph, node)),
};
/** float16 and bfloat16 are left alone: scaled weights could leave the range of the one, and lose half the other. */
const FOLDED_TYPES = new Set(['f32', 'f64']);
/** Beyond it, and below its inverse, the weights could overflow or vanish where the layer's result would not. */
const LARGEST_SCALE = 2 ** 40;
function fold(graph, node) {
    const { op, inputs, outputs } = node;
    const [y] = outputs;
    if (!(op instanceof BatchNormalization) || op.training || !FOLDED_TYPES.has(y.type.dtype))
        return false;
    const producer = soleProducer(inputs[0]);
    const affine = producer && affineOf(graph, op, inputs.slice(1));
    const layer = affine && foldableLayer(producer, affine, op);
    if (!layer)
        return false;
    const { dtype } = y.type;
    const bias = affine.shift.map((shift, c) => shift + affine.scale[c] * biasAt(layer.bias, c));
    const weights = graph.constant(`${producer.name}/weights`, scaledConstant(layer.weights, layer.factors));
    const biasValue = graph.constant(`${producer.name}/bias`, Tensor.from(dtype, [bias.length], bias));
    graph.replace(producer, layer.op, [producer.inputs[0], weights, biasValue]);
    graph.replaceUses(y, producer.outputs[0]);
    graph.remove(node);
    return true;
}
function biasAt(bias, channel) {
    if (!bias)
        return 0;
    return bias[bias.length === 1 ? 0 : channel];
}
/** Scale and shift of a normalisation; undefined where they are not known, or not sane numbers to multiply by. */
function affineOf(graph, op, parameters) {
    if (!parameters.every((value) => value?.constant))
        return undefined;
    const work = 8 * sizeOf(parameters[0]?.type.dims ?? []);
    if (!spend(graph, work, 0))
        return undefined;
    const [scale, bias, mean, variance] = parameters.map((value) => value?.constant?.tensor.toFloat64() ?? new Float64Array());
    const affine = batchNormalizationAffine({ scale, bias, mean, variance }, op.epsilon);
    const sane = affine.scale.every((s) => s === 0 || (Math.abs(s) <= LARGEST_SCALE && Math.abs(s) >= 1 / LARGEST_SCALE));
    return sane && affine.shift.every(Number.isFinite) ? affine : undefined;
}
/** A layer's parts; undefined when it is none of the kinds, ends in an activation, or has unknown parameters. */
function foldableLayer({ op, inputs: [, w, b] }, { scale }, { activation }) {
    if (!w?.constant || (b && !b.constant) || ('activation' in op && op.activation))
        return undefined;
    const weights = w.constant;
    const { dims } = w.type;
    const parts = { weights, bias: b?.constant?.tensor.toFloat64() };
    if (op instanceof Conv) {
        const factors = { factors: scale, run: sizeOf(dims.slice(1)) };
        return { ...parts, op: new Conv(optionsOf(op, { activation })), factors };
    }
    if (op instanceof ConvTranspose) {
        const factors = transposedFactors(scale, dims, op.group);
        return { ...parts, op: new ConvTranspose(optionsOf(op, { activation })), factors };
    }
    if (!(op instanceof Gemm) || (b && !addsPerColumn(b.type.dims)))
        return undefined;
    const factors = { factors: scale, run: op.transB ? dims[1] : 1 };
    const bias = op.beta === 0 ? undefined : parts.bias?.map((c) => op.beta * c);
    return { weights, bias, op: new Gemm(optionsOf(op, { beta: 1, activation })), factors };
}
/** A transposed convolution's weights are [C, M / group, K...]: its channels start anew in each group's rows. */
function transposedFactors(scale, [channels, outPerGroup, ...kernel], group) {
    const factors = new Float64Array(channels * outPerGroup);
    for (let i = 0; i < factors.length; i++) {
        const groupIndex = Math.floor(Math.floor(i / outPerGroup) / (channels / group));
        factors[i] = scale[groupIndex * outPerGroup + (i % outPerGroup)];
    }
    return { factors, run: sizeOf(kernel) };
}
/** Whether what a Gemm adds is the same in every row. */
function addsPerColumn(dims) {
    return dims.length < 2 || dims[0] === 1;
}
//# sourceMappingURL=fold-batch-normalization.js.map